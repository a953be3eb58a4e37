import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { displace, letGo } from './apply-rules.ts'
import { keyEquals, keyOf } from './keys.ts'
import { handleColumn, lineageTable, relation } from './names.ts'
import { isKey, lineageColumns } from './projection.ts'

/** Parts of the body of `apply_…` (`apply.ts`) that write the new row, `crossfade_row`, and its lineage. */

export function updateMerged(t: TargetMapping, own: Sql[]): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const respelled = hasOneSpelling(t)
    ? raw('')
    : sql`
        -- Equal keys that are written otherwise (1.0 and 1.00): in a statement of its own, which is rare, since it locks out children.
        ${update(t, keys, keyEquals(t, keyOf(t, 't'), own))}`
  const updated = t.columns.filter((column) => !isKey(t, column.name)).map((column) => ident(column.name))
  return sql`${respelled}${displace(t, own)}${
    updated.length === 0 ? raw('') : sql`\n        ${update(t, updated, keyEquals(t, keyOf(t, 't'), own))}`
  }${letGo(t, own)}`
}

/** Lineage changes far less often than the row, and was read with the projection. */
export function changeLineage(t: TargetMapping): Sql {
  const origin = lineageColumns(t)
  return sql`IF record_image_ne(ROW(${join(origin.map((column) => sql`(crossfade_row.crossfade_lineage).${column}`))}),
                           ROW(${join(origin.map((column) => sql`crossfade_row.${column}`))})) THEN
          ${writeLineage(t)}
        END IF;`
}

export function updateAppended(t: TargetMapping, own: Sql[]): Sql {
  const columns = t.columns.map((column) => ident(column.name))
  const ofRow = join(
    t.handle.map((h, i) => sql`t.${ident(h.name)} = crossfade_locked.${handleColumn(i)}`),
    ' AND ',
  )
  const again = insertRow(
    t,
    t.handle.map((_, i) => sql`crossfade_locked.${handleColumn(i)}`),
  )
  return sql`
        SELECT t.* INTO crossfade_former FROM ${relation(t.relation)} AS t WHERE ${ofRow} FOR NO KEY UPDATE;
        IF FOUND THEN${displace(t, own)}
          ${update(t, columns, ofRow)}${letGo(t, own)}
        ELSE
          ${again}
        END IF;`
}

function update(t: TargetMapping, columns: Sql[], where: Sql): Sql {
  const row = (column: Sql): Sql => sql`crossfade_row.${column}`
  return sql`UPDATE ${relation(t.relation)} AS t
           SET ${join(
             columns.map((column) => sql`${column} = ${row(column)}`),
             ',\n               ',
           )}
         WHERE ${where}
           AND record_image_ne(ROW(${join(columns.map((column) => sql`t.${column}`))}),
                               ROW(${join(columns.map(row))}));`
}

export function insertMerged(t: TargetMapping, own: Sql[]): Sql {
  const columns = t.columns.map((column) => ident(column.name))
  return sql`${displace(t, own)}
    INSERT INTO ${relation(t.relation)} (${join(columns)})${overriding(t)}
    VALUES (${join(columns.map((column) => sql`crossfade_row.${column}`))})
    ON CONFLICT (${join(t.key.map((key) => ident(key.name)))}) DO NOTHING;
    IF FOUND THEN
      ${writeLineage(t)}
      crossfade_result := 'inserted';
      EXIT;
    END IF;`
}

export function insertAppended(t: TargetMapping, own: Sql[]): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const handles = t.handle.map((_, i) => handleColumn(i))
  const origin = lineageColumns(t)
  const taken = [...keys, ...origin].map((column) => sql`crossfade_row.${column}`)
  return sql`${displace(t, own)}
    INSERT INTO ${lineageTable(t)} AS l (${join([...keys, ...origin, ...handles])})
    VALUES (${join([...taken, ...t.handle.map((h) => raw(h.next))])})
    ON CONFLICT (${join(keys)}) DO NOTHING RETURNING l.* INTO crossfade_locked;
    IF FOUND THEN
      ${insertRow(
        t,
        handles.map((handle) => sql`crossfade_locked.${handle}`),
      )}
      crossfade_result := 'inserted';
      EXIT;
    END IF;`
}

function insertRow(t: TargetMapping, handle: Sql[]): Sql {
  const columns = t.columns.map((column) => ident(column.name))
  return sql`INSERT INTO ${relation(t.relation)} (${join([...t.handle.map((h) => ident(h.name)), ...columns])})${overriding(t)}
          VALUES (${join([...handle, ...columns.map((column) => sql`crossfade_row.${column}`)])});`
}

function writeLineage(t: TargetMapping): Sql {
  const keys = t.key.map((key) => ident(key.name))
  const origin = lineageColumns(t)
  return sql`INSERT INTO ${lineageTable(t)} AS l (${join([...keys, ...origin])})
        VALUES (${join([...keys, ...origin].map((column) => sql`crossfade_row.${column}`))})
        ON CONFLICT (${join(keys)}) DO UPDATE
           SET ${join(
             origin.map((column) => sql`${column} = excluded.${column}`),
             ', ',
           )}
         WHERE record_image_ne(ROW(${join(origin.map((column) => sql`l.${column}`))}),
                               ROW(${join(origin.map((column) => sql`excluded.${column}`))}));`
}

export function setLineage(t: TargetMapping, own: Sql[]): Sql {
  // With the key, where equal ones may be written otherwise (1.0 and 1.00).
  const keys = hasOneSpelling(t) ? [] : t.key.map((key) => ident(key.name))
  const origin = [...keys, ...lineageColumns(t)]
  return sql`IF record_image_ne(ROW(${join(origin.map((column) => sql`crossfade_locked.${column}`))}),
                           ROW(${join(origin.map((column) => sql`crossfade_row.${column}`))})) THEN
          UPDATE ${lineageTable(t)} AS l
             SET ${join(
               origin.map((column) => sql`${column} = crossfade_row.${column}`),
               ', ',
             )}
           WHERE ${keyEquals(t, keyOf(t, 'l'), own)};
        END IF;`
}

/** Types of which equal values are written alike. */
const ONE_SPELLING = new Set([
  'uuid',
  'text',
  'character varying',
  'character',
  'smallint',
  'integer',
  'bigint',
  'boolean',
  'bytea',
  'date',
  'timestamp without time zone',
  'timestamp with time zone',
])

/** Equal keys are written alike. */
export function hasOneSpelling(t: TargetMapping): boolean {
  return t.key.every((key) => ONE_SPELLING.has(key.type.replace(/\(.*/, '')))
}

/** A mapped identity column GENERATED ALWAYS takes the old value only with this word. */
export function overriding(t: TargetMapping): Sql {
  const identity = t.sequences.some((s) => s.identity === 'always') || t.handle.length > 0
  return identity ? raw('\n    OVERRIDING SYSTEM VALUE') : raw('')
}
