import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { Mapping, ParentRule, TargetMapping } from '../spec/mapping.ts'
import { ALL, alone, counted, placeOf } from './check-rows.ts'
import { columnEquals, keyAsText, keyOf } from './keys.ts'
import { relation } from './names.ts'
import { mayRefuse, projection } from './projection.ts'
import { parentsOf } from './refusal.ts'

/** One row: `rows` without their parent among the rows that the mapping itself gives; `keys` of some. */
export function orphanedRows(m: Mapping, t: TargetMapping, rule: ParentRule): Sql {
  const units = withAncestors(m, t)
  // Each is projected once, and a plan over tables without statistics of their own is one of hash joins.
  const tables = units.map((u, i) => sql`${fitName(i)} AS MATERIALIZED (${fittingRows(u)})`)
  const parents = acceptedParents(m, units, rule, [t.relation.name])
  return counted(sql`WITH ${join(tables, ', ')}
SELECT ${keyAsText(keyOf(t, 'p'))} AS key FROM ${fitName(units.indexOf(t))} AS p
 WHERE ${isGiven(rule)} AND NOT EXISTS (SELECT FROM (${parents}) AS crossfade_parent WHERE ${references(t, rule, 'crossfade_parent')})`)
}

/** One row: `rows` whose parent isn't in a table that stays; `keys` of some. */
export function strandedRows(t: TargetMapping, rule: Omit<ParentRule, 'name'>): Sql {
  return counted(sql`SELECT ${keyAsText(keyOf(t, 'p'))} AS key FROM (${fittingRows(t)}) AS p
   WHERE ${isGiven(rule)} AND NOT EXISTS (SELECT FROM ${relation(rule.relation)} AS crossfade_parent WHERE ${references(t, rule, 'crossfade_parent')})`)
}

function withAncestors(m: Mapping, t: TargetMapping): TargetMapping[] {
  const units = [t]
  for (const u of units) {
    for (const rule of parentsOf(u)) units.push(...unitsOf(m, rule).filter((one) => !units.includes(one)))
  }
  return units
}

function unitsOf(m: Mapping, rule: ParentRule): TargetMapping[] {
  return m.targets.filter((u) => u.relation.name === rule.relation.name)
}

function fitName(index: number): Sql {
  return ident(`crossfade_fits_${index + 1}`)
}

/** The rows that the new table takes but for their parents: they fit, and no other keeps their unique value. */
function fittingRows(unit: TargetMapping): Sql {
  const t = alone(unit)
  const fit = mayRefuse(t) ? [raw('r.crossfade_refusal IS NULL')] : []
  const places = unit.uniques.map((rule, i) => {
    const there = join(
      rule.columns.map((c) => sql`r.${ident(c)} IS NOT NULL`),
      ' AND ',
    )
    return sql`CASE WHEN ${there} THEN ${placeOf(unit, rule.columns, 'r')} ELSE 1 END AS ${ident(`crossfade_place_${i + 1}`)}`
  })
  const first = places.map((_, i) => sql`r.${ident(`crossfade_place_${i + 1}`)} = 1`)
  const rows = projection(t, ALL)
  const placed = places.length === 0 ? rows : sql`SELECT r.*, ${join(places)} FROM (${rows}) AS r`
  const taken = [...first, ...fit]
  return sql`SELECT r.* FROM (${placed}) AS r${taken.length === 0 ? raw('') : sql` WHERE ${join(taken, ' AND ')}`}`
}

/** What a child can reference: the rows of all ways into the table, whose own parents are taken, too. */
function acceptedParents(m: Mapping, units: readonly TargetMapping[], rule: ParentRule, above: readonly string[]): Sql {
  const arms = unitsOf(m, rule).map((u) => {
    const inner = [...above, u.relation.name]
    // Of tables that reference each other in a circle the first round counts.
    const rules = parentsOf(u).filter((one) => !inner.includes(one.relation.name))
    const joins = rules.map((one, i) => {
      const name = `crossfade_parent_${i + 1}`
      const parents = acceptedParents(m, units, one, inner)
      return sql` LEFT JOIN (SELECT DISTINCT p.*, true AS crossfade_there FROM (${parents}) AS p) AS ${ident(name)} ON ${references(u, one, name)}`
    })
    const held = rules.map(
      (one, i) => sql`(NOT (${isGiven(one)}) OR ${ident(`crossfade_parent_${i + 1}`, 'crossfade_there')})`,
    )
    const where = held.length === 0 ? raw('') : sql` WHERE ${join(held, ' AND ')}`
    return sql`SELECT ${join(rule.referenced.map((c) => ident('p', c)))} FROM ${fitName(units.indexOf(u))} AS p${join(joins, '')}${where}`
  })
  return join(arms, ' UNION ALL ')
}

/** A row with a null in it references nothing. */
function isGiven(rule: Pick<ParentRule, 'columns'>): Sql {
  return join(
    rule.columns.map((c) => sql`p.${ident(c)} IS NOT NULL`),
    ' AND ',
  )
}

function references(t: TargetMapping, rule: Omit<ParentRule, 'name'>, parent: string): Sql {
  const same = rule.columns.map((c, i) => columnEquals(t, c, ident(parent, rule.referenced[i] ?? ''), ident('p', c)))
  return join(same, ' AND ')
}
