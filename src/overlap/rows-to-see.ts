import { ident, join, type Sql, sql } from '../lib/sql.ts'
import type { ColumnMatch } from './align-columns.ts'
import { relationOf } from './candidate.ts'
import { compareColumnsOf } from './comparison.ts'
import { keyOf } from './key-form.ts'
import type { RowsToSee } from './overlap-document.ts'
import type { PairPlan, PairSide } from './pair-query.ts'

/** More columns make a statement that nobody reads. */
const MOST_COLUMNS = 6

/** Statements for any SQL console that show the rows behind the counts: a report without values leads to them all the same. */
export function buildRowsToSee({ left, right, form }: PairPlan, conflicting: readonly ColumnMatch[]): RowsToSee {
  const keys = { l: keyOf(left.key, form, sql`l`), r: keyOf(right.key, form, sql`r`) }
  const shown = conflicting.slice(0, MOST_COLUMNS)
  return {
    onlyLeft: only(left, right, keys).text,
    onlyRight: only(right, left, { l: keyOf(right.key, form, sql`l`), r: keyOf(left.key, form, sql`r`) }).text,
    conflicts: shown.length === 0 ? null : conflicts(left, right, keys, shown).text,
  }
}

interface Keys {
  readonly l: Sql
  readonly r: Sql
}

function only(side: PairSide, other: PairSide, { l, r }: Keys): Sql {
  return sql`select l.* from ${relationOf(side.candidate)} l
where ${l} is not null
  and not exists (select from ${relationOf(other.candidate)} r where ${r} = ${l});`
}

function conflicts(left: PairSide, right: PairSide, { l, r }: Keys, columns: readonly ColumnMatch[]): Sql {
  const values = columns.map((one) => sql`l.${ident(one.left.name)}, r.${ident(one.right.name)}`)
  const differ = columns.map((match) => {
    const comparison = compareColumnsOf(match.left, match.right)
    return sql`not (${comparison.equal(comparison.left, comparison.right)})`
  })
  return sql`select ${l} as key, ${join(values)}
from ${relationOf(left.candidate)} l
join ${relationOf(right.candidate)} r on ${r} = ${l}
where ${join(differ, '\n   or ')};`
}
