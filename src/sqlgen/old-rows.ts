import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { BackColumn, SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { keyEquals } from './keys.ts'
import { keyLink } from './links.ts'
import { hasColumn, relation } from './names.ts'
import { fencedRowsOf, identityOf, lookupExpressions, winnerOrder } from './rows.ts'

/** What reverse sync does to the old rows of one source: the parts of the body in `reverse.ts`, whose variables they use. */

export function drawnVariable(s: SourceMapping, column: string): Sql {
  return ident(`crossfade_drawn_${s.identity.findIndex((one) => one.name === column) + 1}`)
}

export function variable(what: 'found' | 'before' | 'after' | 'written' | 'made', s: SourceMapping): Sql {
  return ident(`crossfade_${what}_${s.ordinal + 1}`)
}

/**
 * Shapes the old row before and after the native write, and locks what is going to be written, or gives way (40001). Only
 * where there is an old row, or one will be made, and of an update only what it changes: the way back may raise for a value
 * that this source never held.
 */
export function lockOldRows(t: TargetMapping, s: SourceMapping, oldKey: Sql[]): Sql {
  const rows = sql`FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${oldRows(t, s, oldKey, false)}`
  const count = sql`SELECT count(*) INTO crossfade_rows ${rows};`
  const lock = (strength: string): Sql => sql`PERFORM 1 ${rows} ${raw(strength)} SKIP LOCKED;
    GET DIAGNOSTICS crossfade_locked = ROW_COUNT;
    IF crossfade_locked < crossfade_rows THEN
      PERFORM crossfade.refuse_native(${literal(t.name)}, crossfade_key);
    END IF;`
  const insert =
    t.reverse.includes(s.ordinal) && s.back.length > 0
      ? sql`
  ELSIF TG_OP = 'INSERT' THEN
    ${shapeWhole(t, s)}`
      : raw('')
  const columns = carriedBack(s)
  const update =
    columns.length === 0
      ? raw('')
      : sql`
  ELSIF TG_OP = 'UPDATE' AND ${mayChange(columns)} THEN
    ${count}
    ${variable('found', s)} := crossfade_rows > 0;
    IF ${variable('found', s)} THEN
    ${shapeChanged(t, s, 'before', 'OLD')}
    ${shapeChanged(t, s, 'after', 'NEW')}
    -- A condition of its own: even to name a field of a row that isn't shaped is an error.
    IF ${anyChanged(s)} THEN
    ${lock('FOR NO KEY UPDATE')}
    END IF;
    END IF;`
  return sql`IF TG_OP = 'DELETE' THEN
    ${count}
    ${lock('FOR UPDATE')}${insert}${update}
  END IF;`
}

function shapeWhole(t: TargetMapping, s: SourceMapping): Sql {
  return shapeInto(t, s, 'after', 'NEW', (column) => shaped(column))
}

/** Where nothing changed that the way back reads, the column is null on both sides, unless it can't raise. */
function shapeChanged(t: TargetMapping, s: SourceMapping, what: 'before' | 'after', record: 'OLD' | 'NEW'): Sql {
  return shapeInto(t, s, what, record, (column) =>
    column.plain ? shaped(column) : sql`CASE WHEN ${mayChange([column])} THEN ${shaped(column)} END`,
  )
}

function shapeInto(
  t: TargetMapping,
  s: SourceMapping,
  what: 'before' | 'after',
  record: 'OLD' | 'NEW',
  value: (column: BackColumn) => Sql,
): Sql {
  const row = join(s.back.map((column) => sql`${value(column)} AS ${ident(column.name)}`))
  return sql`SELECT ${row} INTO ${variable(what, s)} FROM (SELECT ${raw(record)}.*) AS ${ident(t.relation.name)};`
}

function shaped(column: BackColumn): Sql {
  return sql`(${raw(column.back)})::${raw(column.type)}`
}

/** False where the statement changed nothing that their ways back read. */
function mayChange(columns: readonly BackColumn[]): Sql {
  if (columns.some((column) => column.uses.length === 0)) return raw('true')
  const uses = [...new Set(columns.flatMap((column) => column.uses))]
  const row = (record: 'OLD' | 'NEW'): Sql => sql`ROW(${join(uses.map((name) => sql`${raw(record)}.${ident(name)}`))})`
  return sql`record_image_ne(${row('OLD')}, ${row('NEW')})`
}

/** A row that came after it was looked for was neither shaped nor locked. Null, as false, where it doesn't matter. */
export function cameMeanwhile(s: SourceMapping): Sql {
  return sql`(crossfade_had.${hasColumn(s)} AND NOT ${variable('found', s)})`
}

/** Shapes the old rows that an update is going to make, while the text forms are pinned. */
export function shapeMissing(t: TargetMapping, sources: readonly SourceMapping[]): Sql {
  const parts = sources.flatMap((s) => {
    const homeless = isHomeless(t, s)
    if (homeless === null || s.back.length === 0) return []
    return [
      sql`
    IF NOT coalesce(crossfade_had.${hasColumn(s)}, false) AND (${homeless}) THEN
      ${shapeWhole(t, s)}
    END IF;`,
    ]
  })
  return parts.length === 0
    ? raw('')
    : sql`
  IF TG_OP = 'UPDATE' THEN${join(parts, '')}
  END IF;`
}

export function updateOldRow(t: TargetMapping, s: SourceMapping, oldKey: Sql[]): Sql {
  const columns = carriedBack(s)
  if (columns.length === 0) return raw('')
  const [after, written] = [variable('after', s), variable('written', s)]
  const sets = columns.map((column) => {
    const c = ident(column.name)
    return sql`${c} = CASE WHEN ${changed(s, column)} THEN ${after}.${c} ELSE ${ident(s.relation.name, column.name)} END`
  })
  const update = s.hasUpdateOf
    ? updateChangedOnly(t, s, oldKey)
    : sql`UPDATE ${relation(s.relation)} AS ${ident(s.relation.name)}
         SET ${join(sets, ',\n             ')}
       WHERE ${oldRows(t, s, oldKey, true)}
      RETURNING ${returned(s)} INTO ${written};`
  return sql`IF crossfade_had.${hasColumn(s)} THEN
      IF ${variable('found', s)} THEN
      IF ${anyChanged(s)} THEN
      ${update}${expectRow(s)}
      ${exemptions(s, 'updated')}
      END IF;
      END IF;${insertWhereMissing(t, s)}
    END IF;`
}

/** A trigger FOR UPDATE OF some columns fires for what is named: so name what changed and no more. */
function updateChangedOnly(t: TargetMapping, s: SourceMapping, oldKey: Sql[]): Sql {
  const columns = carriedBack(s)
  const sets = columns.map(
    (column, i) => sql`CASE WHEN ${changed(s, column)} THEN ${literal(`${ident(column.name)} = $${i + 1}`)} END`,
  )
  const keys = oldKey.map((_, i) => raw(`$${columns.length + i + 1}`))
  const values = columns.map((column) => sql`${variable('after', s)}.${ident(column.name)}`)
  const head = sql`UPDATE ${relation(s.relation)} AS ${ident(s.relation.name)} SET `
  const tail = sql` WHERE ${oldRows(t, s, keys, true)} RETURNING ${returned(s)}`
  return sql`crossfade_set := concat_ws(', ', ${join(sets, ',\n        ')});
      EXECUTE ${literal(head.text)} || crossfade_set || ${literal(tail.text)}
         INTO ${variable('written', s)} USING ${join([...values, ...oldKey])};`
}

/** A changed column that none of the row's old rows can hold: the old row that could is made, where the mapping allows it. */
function insertWhereMissing(t: TargetMapping, s: SourceMapping): Sql {
  const homeless = isHomeless(t, s)
  if (homeless === null) return raw('')
  return sql`
    ELSIF ${homeless} THEN
      ${insertLinked(t, s)}`
}

function isHomeless(t: TargetMapping, s: SourceMapping): Sql | null {
  if (!t.reverse.includes(s.ordinal)) return null
  const homeless = s.feeds
    .filter((feed) => !t.key.some((key) => key.name === feed.column))
    .map((feed) => {
      const others = t.sources.filter((o) => o !== s && !o.stub && o.feeds.some((f) => f.column === feed.column))
      const column = ident(feed.column)
      const none = others.map((o) => sql` AND NOT crossfade_had.${hasColumn(o)}`)
      return sql`(record_image_ne(ROW(OLD.${column}), ROW(NEW.${column}))${join(none, '')})`
    })
  return homeless.length === 0 ? null : join(homeless, '\n       OR ')
}

/** What tells the row apart is drawn before (`crossfade_drawn_1` …), since the key has to be known while the row is made. */
function insertOldRow(t: TargetMapping, s: SourceMapping): Sql {
  const drawn = t.kind === 'append' ? s.identity.filter((_, i) => s.draws[i] != null) : []
  const mapped = s.back.filter((column) => !drawn.some((d) => d.name === column.name))
  const columns = [...drawn, ...mapped].map((column) => ident(column.name))
  const values = [
    ...drawn.map((column) => drawnVariable(s, column.name)),
    ...mapped.map((column) => {
      const value = sql`${variable('after', s)}.${ident(column.name)}`
      return column.absent === null ? value : sql`coalesce(${value}, ${raw(column.absent)})`
    }),
  ]
  const always = drawn.length > 0 || s.overriding ? raw(' OVERRIDING SYSTEM VALUE') : raw('')
  const given =
    columns.length === 0 ? raw('DEFAULT VALUES') : sql`(${join(columns)})${always}\n    VALUES (${join(values)})`
  const back = s.back.length === 0 ? raw('') : sql`\n    RETURNING ${returned(s)} INTO ${variable('written', s)}`
  return sql`INSERT INTO ${relation(s.relation)} AS ${ident(s.relation.name)} ${given}${back};${expectRow(s)}
      ${variable('made', s)} := true;
      ${exemptions(s, 'made')}`
}

/** A row that is found by a link has to have one: without it nothing would ever find it again. */
export function insertLinked(t: TargetMapping, s: SourceMapping): Sql {
  const links = keyLink(s) ? s.back.filter((column) => s.keyUses.includes(column.name)) : []
  if (links.length === 0) return insertOldRow(t, s)
  const there = join(
    links.map((column) => sql`${variable('after', s)}.${ident(column.name)} IS NOT NULL`),
    ' AND ',
  )
  return sql`IF ${there} THEN
      ${insertOldRow(t, s)}
    END IF;`
}

export function deleteOldRows(t: TargetMapping, s: SourceMapping, oldKey: Sql[]): Sql {
  return sql`DELETE FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${oldRows(t, s, oldKey, false)};`
}

/** A trigger that returns NULL makes the old side drop a write without a word. */
function expectRow(s: SourceMapping): Sql {
  return sql`
      GET DIAGNOSTICS crossfade_rows = ROW_COUNT;
      IF crossfade_rows = 0 THEN
        RAISE EXCEPTION 'a trigger of % suppressed the write', ${literal(relation(s.relation).text)} USING ERRCODE = 'CF002';
      END IF;`
}

/**
 * A value that the old table holds otherwise than it was written was set by a BEFORE trigger of that table. An
 * unchanged column of an updated row keeps what the old row has, which may differ from this row's without any trigger.
 */
function exemptions(s: SourceMapping, row: 'made' | 'updated'): Sql {
  const checks = carriedBack(s).map((column) => {
    const [written, after] = [variable('written', s), variable('after', s)]
    const c = ident(column.name)
    const exempt = sql`
        crossfade_exempt := crossfade_exempt || ARRAY[${join(column.feeds.map(literal))}]::text[];`
    if (row === 'made')
      return sql`IF record_image_ne(ROW(${written}.${c}), ROW(${after}.${c})) THEN${exempt}
      END IF;`
    // Of a domain, what may be null was shaped in the type under it.
    const value = column.plain ? sql`${after}.${c}` : sql`(${after}.${c})::${raw(column.type)}`
    return sql`IF ${changed(s, column)} THEN
        IF record_image_ne(ROW(${written}.${c}), ROW(${value})) THEN${exempt}
        END IF;
      END IF;`
  })
  return join(checks, '\n      ')
}

/** The columns that a native update may write: never the key, which would lock out foreign-key children. */
function carriedBack(s: SourceMapping): BackColumn[] {
  return s.back.filter((column) => column.feeds.length > 0)
}

function changed(s: SourceMapping, column: BackColumn): Sql {
  const c = ident(column.name)
  return sql`record_image_ne(ROW(${variable('before', s)}.${c}), ROW(${variable('after', s)}.${c}))`
}

function anyChanged(s: SourceMapping): Sql {
  const row = (what: 'before' | 'after'): Sql =>
    sql`ROW(${join(carriedBack(s).map((column) => sql`${variable(what, s)}.${ident(column.name)}`))})`
  return sql`record_image_ne(${row('before')}, ${row('after')})`
}

function returned(s: SourceMapping): Sql {
  return join(s.back.map((column) => ident(s.relation.name, column.name)))
}

function oldRows(t: TargetMapping, s: SourceMapping, key: readonly Sql[], winnerOnly: boolean): Sql {
  const identity = join(identityOf(s))
  const ofKey = fencedRowsOf(t, s, { kind: 'one', values: key })
  if (winnerOnly && !s.unique)
    return sql`(${identity}) = (SELECT ${identity} FROM ${ofKey} ORDER BY ${winnerOrder(s)} LIMIT 1)`
  if (keyLink(s)) return sql`(${identity}) IN (SELECT ${identity} FROM ${ofKey})`
  const filter = s.where === null ? raw('') : sql`(${raw(s.where)}) AND `
  return sql`${filter}${keyEquals(t, lookupExpressions(s), key)}`
}
