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

export function variable(what: 'before' | 'after' | 'written' | 'made', s: SourceMapping): Sql {
  return ident(`crossfade_${what}_${s.ordinal + 1}`)
}

/** Shapes the old row before and after the native write, and locks what is going to be written, or gives way (40001). */
export function lockOldRows(t: TargetMapping, s: SourceMapping, oldKey: Sql[]): Sql {
  const rows = sql`FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${oldRows(t, s, oldKey, false)}`
  const lock = (strength: string): Sql => sql`SELECT count(*) INTO crossfade_rows ${rows};
    PERFORM 1 ${rows} ${raw(strength)} SKIP LOCKED;
    GET DIAGNOSTICS crossfade_locked = ROW_COUNT;
    IF crossfade_locked < crossfade_rows THEN
      PERFORM crossfade.refuse_native(${literal(t.name)}, crossfade_key);
    END IF;`
  const shape = join(s.back.map((column) => sql`(${raw(column.back)})::${raw(column.type)} AS ${ident(column.name)}`))
  const alias = ident(t.relation.name)
  const shapes =
    s.back.length === 0
      ? raw('')
      : sql`IF TG_OP <> 'INSERT' THEN
    SELECT ${shape} INTO ${variable('before', s)} FROM (SELECT OLD.*) AS ${alias};
  END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT ${shape} INTO ${variable('after', s)} FROM (SELECT NEW.*) AS ${alias};
  END IF;
  `
  const update =
    carriedBack(s).length === 0
      ? raw('')
      : sql`
  ELSIF TG_OP = 'UPDATE' THEN
    -- A condition of its own: an insert has no row before, and even to name a field of it is an error.
    IF ${anyChanged(s)} THEN
    ${lock('FOR NO KEY UPDATE')}
    END IF;`
  return sql`${shapes}IF TG_OP = 'DELETE' THEN
    ${lock('FOR UPDATE')}${update}
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
      IF ${anyChanged(s)} THEN
      ${update}${expectRow(s)}
      ${exemptions(s, 'updated')}
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
  if (!t.reverse.includes(s.ordinal)) return raw('')
  const homeless = s.feeds
    .filter((feed) => !t.key.some((key) => key.name === feed.column))
    .map((feed) => {
      const others = t.sources.filter((o) => o !== s && !o.stub && o.feeds.some((f) => f.column === feed.column))
      const column = ident(feed.column)
      const none = others.map((o) => sql` AND NOT crossfade_had.${hasColumn(o)}`)
      return sql`(record_image_ne(ROW(OLD.${column}), ROW(NEW.${column}))${join(none, '')})`
    })
  if (homeless.length === 0) return raw('')
  return sql`
    ELSIF ${join(homeless, '\n       OR ')} THEN
      ${insertLinked(t, s)}`
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
    return sql`IF record_image_ne(ROW(${written}.${c}), ROW(${after}.${c}))${row === 'made' ? raw('') : sql` AND ${changed(s, column)}`} THEN
        crossfade_exempt := crossfade_exempt || ARRAY[${join(column.feeds.map(literal))}]::text[];
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
