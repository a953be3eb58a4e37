import { ident, literal, raw, type Sql, sql } from '../lib/sql.ts'
import { buildLookups } from '../spec/link-sql.ts'
import type { Link, Relation, SourceMapping, TargetMapping, ViaStep } from '../spec/mapping.ts'
import { oneSpelling } from './keys.ts'
import { display, relation } from './names.ts'

/** The way from a source row to a value that another table knows, as SQL in both directions. */

/** The link that gives the source's key; null where the row itself has it. */
export function keyLink(s: SourceMapping): Link | null {
  return s.links.find((link) => link.column === null) ?? null
}

/** What a row of the table of step `at` gives, or a source row for -1: one SQL for each value; null where nothing is found. */
export function resolveFrom(link: Link, at: number): Sql[] {
  return buildLookups({ ...link, steps: link.steps.slice(at + 1) }).map((text) => raw(text))
}

/** Predicate on a source row: its link is one of those that lead to a last row for which `last` holds. */
export function leadsTo(link: Link, last: (take: Sql[]) => Sql, form: 'any' | 'in', at = 0): Sql {
  const step = stepAt(link, at)
  const inner =
    at === link.steps.length - 1 ? last(link.take.map((take) => raw(take))) : leadsTo(link, last, form, at + 1)
  const query = sql`SELECT ${raw(step.to)} FROM ${relation(step.relation)} AS ${ident(step.alias)} WHERE ${inner}`
  // As an array the values are known before the rows are looked up, so that an index serves beside an OR, too.
  return form === 'any' ? sql`${raw(step.link)} = ANY (ARRAY(${query}))` : sql`${raw(step.link)} IN (${query})`
}

/** Predicate on a source row: its first link is one of these values, given as SQL of type text[]. */
export function linkIsAmong(link: Link, values: Sql): Sql {
  const step = stepAt(link, 0)
  return sql`${raw(step.link)} = ANY ((${values})::${raw(step.type)}[])`
}

/** A link's value as text, equal values written alike. */
export function linkText(step: ViaStep, value: Sql): Sql {
  return sql`(${oneSpelling(step.type.replace(/\(.*/, ''), value)})::text`
}

/** What the lock on a link's value is called: all that look it up in one column of one table share it. */
export function lockName(step: ViaStep, text: Sql): Sql {
  const bare = step.to.replaceAll(ident(step.alias).text, '')
  return sql`${literal(`${display(step.relation)} ${bare} `)} || ${text}`
}

/** What the outbox calls a step of a link of a source. */
export function linkPlace(index: number, at: number): number {
  return 2 * index + at
}

/** As text[]: the values by which rows of a source are linked to rows that these values link to the second table of a chain. */
export function firstLinks(link: Link, values: Sql): Sql {
  const [first, second] = [stepAt(link, 0), stepAt(link, 1)]
  return sql`ARRAY(SELECT DISTINCT ${linkText(first, raw(first.to))} FROM ${relation(first.relation)} AS ${ident(first.alias)} WHERE ${raw(second.link)} = ANY ((${values})::${raw(second.type)}[]) AND ${raw(first.to)} IS NOT NULL)`
}

/** As text[]: what the locks are called on the values by which rows of the first table with this link lead on. */
export function furtherLocks(link: Link, rows: Sql, first: Sql): Sql {
  const [step, second] = [stepAt(link, 0), stepAt(link, 1)]
  return sql`ARRAY(SELECT ${lockName(second, linkText(second, raw(second.link)))} FROM ${rows}${relation(step.relation)} AS ${ident(step.alias)} WHERE ${raw(step.to)} = ${first})`
}

export function stepAt(link: Link, at: number): ViaStep {
  const step = link.steps[at]
  if (!step) throw new Error(`a link has no step ${at}`)
  return step
}

/** The tables that a unit is computed from: those of its sources, and those that its links go through. */
export function tablesUnder(t: TargetMapping): Relation[] {
  return [...t.sources.map((s) => s.base), ...linksOf(t).flatMap(({ link }) => link.steps.map((step) => step.relation))]
}

/** Every link of every source of a unit. */
export function linksOf(t: TargetMapping): { s: SourceMapping; link: Link; index: number }[] {
  return t.sources.flatMap((s) => s.links.map((link, index) => ({ s, link, index })))
}
