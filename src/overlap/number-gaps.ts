import { type Sql, sql } from '../lib/sql.ts'
import { relationOf } from './candidate.ts'
import { keyOf } from './key-form.ts'
import type { PairPlan, PairSide } from './pair-query.ts'
import type { Reader } from './read-only-session.ts'

/** Where the numbers of two columns overlap: how many there could be, and how many of them each side has, and both. */
export interface Gaps {
  readonly numbers: number
  readonly left: number
  readonly right: number
  readonly both: number
}

export async function readGaps(reader: Reader, where: string, { left, right, form }: PairPlan): Promise<Gaps | null> {
  const keys = (side: PairSide): Sql => sql`
    select distinct ${keyOf(side.key, form, sql`t`)} as k from ${relationOf(side.candidate)} t`
  const [row] =
    (await reader.rows<Gaps & object>(
      where,
      sql`
    with l as materialized (${keys(left)}), r as materialized (${keys(right)}),
    e as (
      select greatest(l.least, r.least) as least, least(l.most, r.most) as most
      from (select min(k) as least, max(k) as most from l) as l, (select min(k) as least, max(k) as most from r) as r
    )
    select e.most::float8 - e.least + 1 as numbers, count(l.k)::float8 as left, count(r.k)::float8 as right,
           count(*) filter (where l.k = r.k)::float8 as both
    from l full join r on l.k = r.k join e on coalesce(l.k, r.k) between e.least and e.most
    group by 1`,
    )) ?? []
  return row ?? null
}

/**
 * Tables that count for themselves share as many numbers as their gaps leave by accident. Numbers without a gap say
 * nothing, and what one side has all of, the other can only have a part of.
 */
export function judgeGaps(gaps: Gaps | null): 'same' | 'own' | 'unknown' {
  if (gaps === null || gaps.numbers < 1) return 'unknown'
  const [ofLeft, ofRight] = [gaps.left / gaps.numbers, gaps.right / gaps.numbers]
  const accident = gaps.numbers * ofLeft * ofRight
  const spread = Math.sqrt(accident * Math.max(0, 1 - ofLeft) * Math.max(0, 1 - ofRight))
  const room = Math.min(gaps.left, gaps.right) - accident
  if (room < Math.max(4, 4 * spread)) return 'unknown'
  const beyond = gaps.both - accident
  const isSparse = Math.max(ofLeft, ofRight) < 0.2
  if (beyond > room / 2 || (isSparse && gaps.both > 5 * accident && beyond > 4 * spread)) return 'same'
  return beyond < room / 4 ? 'own' : 'unknown'
}
