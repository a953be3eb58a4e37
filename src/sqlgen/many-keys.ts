import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping, UniqueRule } from '../spec/mapping.ts'
import { columnEquals, keyEquals, keyOf, keyText } from './keys.ts'
import { handleColumn, lineageTable, relation } from './names.ts'
import { isKey, mayRefuse, projection } from './projection.ts'
import { isItself, ownParent, parentIs, parentsOf } from './refusal.ts'
import { looseReferences } from './wake.ts'

/** Parts of `apply_many_…` (`apply-many.ts`): which keys, which of their rows are locked, and what is to be written. */

/** The keys that were taken, each once, with their types. */
function given(t: TargetMapping): Sql {
  const parts = t.key.map((_, i) => raw(`crossfade_part_${i + 1}`))
  const columns = t.key.map((key, i) => sql`u.${part(i)}::${raw(key.type)} AS ${ident(key.name)}`)
  return sql`SELECT DISTINCT ${join(columns)} FROM unnest(${join(parts)}) AS u (${join(t.key.map((_, i) => part(i)))})`
}

function part(index: number): Sql {
  return raw(`part_${index + 1}`)
}

/** A key as the outbox holds it, as text. */
export function keyAsLine(t: TargetMapping, alias: string): Sql {
  return sql`(${keyText(t, keyOf(t, alias))})::text`
}

/**
 * Memberships as hashed subplans, which can't become joins: the planner knows nothing of these sets, takes each for
 * one row, and would compare every one of five hundred with every other.
 */
export function isAmong(line: Sql, lines: Sql): Sql {
  return sql`(${line} IN (SELECT u.line FROM unnest(${lines}) AS u (line))) IS TRUE`
}

export function isIn(t: TargetMapping, alias: string, set: string): Sql {
  return sql`(${membership(t, alias, set)}) IS TRUE`
}

export function isNotIn(t: TargetMapping, alias: string, set: string): Sql {
  return sql`(${membership(t, alias, set)}) IS NOT TRUE`
}

function membership(t: TargetMapping, alias: string, set: string): Sql {
  const there = sql`SELECT ${join(keyOf(t, 'crossfade_member'))} FROM ${raw(set)} AS crossfade_member`
  const [key] = keyOf(t, alias)
  if (t.key.length > 1 || !key) return sql`ROW(${join(keyOf(t, alias))}) IN (${there})`
  return sql`${key} IN (${there})`
}

/** The row `t` of an appended table that a row `l` of lineage is about. */
export function ofHandle(t: TargetMapping): Sql {
  return join(
    t.handle.map((h, i) => sql`t.${ident(h.name)} = l.${handleColumn(i)}`),
    ' AND ',
  )
}

/** Of an append the row in lineage is the key's lock. Whoever waits for a row of this batch isn't waited for. */
export function lockRows(t: TargetMapping): Sql {
  const alias = t.kind === 'merge' ? 't' : 'l'
  const from =
    t.kind === 'merge'
      ? sql`${relation(t.relation)} AS t`
      : sql`${lineageTable(t)} AS l JOIN ${relation(t.relation)} AS t ON ${ofHandle(t)}`
  const of = t.kind === 'merge' ? raw('t') : raw('l, t')
  return sql`crossfade_locked := ARRAY(
        SELECT ${keyAsLine(t, alias)} FROM (${given(t)}) AS g JOIN ${from} ON ${keyEquals(t, keyOf(t, alias), keyOf(t, 'g'))}
         ORDER BY ${join(keyOf(t, alias))} FOR NO KEY UPDATE OF ${of} SKIP LOCKED);`
}

/** What the writing statements below have in common: the keys, their projection, and which of it is to be written. */
export function manyKeys(t: TargetMapping): Sql {
  const keys = join(keyOf(t, 'g'))
  const refused = mayRefuse(t) ? sql`p.crossfade_refusal IS NULL` : raw('true')
  const stored =
    t.kind === 'merge'
      ? sql`${relation(t.relation)} AS t`
      : sql`${lineageTable(t)} AS l LEFT JOIN ${relation(t.relation)} AS t ON ${ofHandle(t)}`
  const storedKey = keyOf(t, t.kind === 'merge' ? 't' : 'l')
  const watched = watchedColumns(t)
  const same =
    watched.length === 0
      ? raw('')
      : sql` AND record_image_eq(ROW(${join(watched.map((c) => sql`h.${c}`))}), ROW(${join(watched.map((c) => sql`p.${c}`))}))`
  const held = [...storedKey, ...watched.map((column) => sql`t.${column}`)]
  const free = t.uniques.map(
    (rule) => sql` AND NOT EXISTS (SELECT FROM ${relation(t.relation)} AS t WHERE ${sameValues(t, rule)})`,
  )
  return sql`given AS MATERIALIZED (${given(t)}
      ), projected AS MATERIALIZED (
        ${projection(t, { kind: 'among', query: sql`SELECT ${keys} FROM given AS g` })}
      ), held AS MATERIALIZED (
        SELECT ${join(held)} FROM given AS g JOIN ${stored} ON ${keyEquals(t, storedKey, keyOf(t, 'g'))}
      )${anchors(t)}, changed AS MATERIALIZED (
        SELECT p.* FROM projected AS p JOIN held AS h ON ${keyEquals(t, keyOf(t, 'h'), keyOf(t, 'p'))}
         WHERE ${refused} AND ${isAmong(keyAsLine(t, 'p'), raw('crossfade_locked'))}${same}${anchored(t)}
      ), added AS MATERIALIZED (
        SELECT p.* FROM projected AS p
         WHERE ${refused} AND ${isNotIn(t, 'p', 'held')}${join(free, '')}${anchored(t)}
      )`
}

/** Columns of which a change concerns other rows: unique values, and what children reference beside the key. */
function watchedColumns(t: TargetMapping): Sql[] {
  const names = [...t.uniques.flatMap((rule) => rule.columns), ...looseReferences(t).flatMap((c) => c.referenced)]
  return [...new Set(names)].filter((name) => !isKey(t, name)).map((name) => ident(name))
}

function sameValues(t: TargetMapping, rule: UniqueRule): Sql {
  return join(
    rule.columns.map((column) => columnEquals(t, column, ident('t', column), ident('p', column))),
    ' AND ',
  )
}

/** Like a foreign key: who deletes the parent waits for this transaction; a parent that somebody holds is not waited for. */
function anchors(t: TargetMapping): Sql {
  return join(
    parentsOf(t).map((rule, i) => {
      const own = rule.columns.map((column) => ident('p', column))
      return sql`, ${anchor(i)} AS MATERIALIZED (
        SELECT ${keyAsLine(t, 'p')} AS k FROM projected AS p JOIN ${relation(rule.relation)} AS crossfade_parent ON ${parentIs(t, rule, own)}
           FOR KEY SHARE OF crossfade_parent SKIP LOCKED
      )`
    }),
    '',
  )
}

function anchored(t: TargetMapping): Sql {
  const conditions = parentsOf(t).map((rule, i) => {
    const nobody = rule.columns.map((column) => sql`p.${ident(column)} IS NULL`)
    const itself = isItself(t, rule) ? sql` OR (${ownParent(t, rule, 'p')})` : raw('')
    return sql` AND (${join(nobody, ' OR ')}${itself} OR EXISTS (SELECT FROM ${anchor(i)} AS a WHERE a.k = ${keyAsLine(t, 'p')}))`
  })
  return join(conditions, '')
}

function anchor(index: number): Sql {
  return raw(`anchor_${index + 1}`)
}

/** These columns are not the same in two rows. */
export function imageDiffers(left: string, columns: readonly Sql[], right: string): Sql {
  const row = (alias: string): Sql => sql`ROW(${join(columns.map((column) => sql`${raw(alias)}.${column}`))})`
  return sql`record_image_ne(${row(left)}, ${row(right)})`
}

/** The list of an UPDATE … SET. */
export function setTo(columns: readonly Sql[], from: string): Sql {
  return join(columns.map((column) => sql`${column} = ${raw(from)}.${column}`))
}
