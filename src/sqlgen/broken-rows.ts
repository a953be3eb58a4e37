import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { Relation } from '../spec/mapping.ts'
import { counted } from './check-rows.ts'
import { keyAsText } from './keys.ts'
import { relation } from './names.ts'

/** What a constraint of an old table asks of each row. */
export type Demand =
  /** SQL over the row, column names without their table. */
  | { readonly kind: 'check'; readonly expression: string }
  | { readonly kind: 'not null'; readonly column: string }
  | {
      readonly kind: 'foreign key'
      readonly full: boolean
      /** Rows of its partitions count, too. */
      readonly references: Relation & { readonly partitioned: boolean }
      /** `equals` is the operator between the referenced column and this one, with its schema. */
      readonly pairs: readonly { readonly column: string; readonly referenced: string; readonly equals: string }[]
    }

/** One row: `rows` of the table that break it, and `keys` of some. */
export function brokenRows(table: Relation, key: readonly string[], demand: Demand): Sql {
  const parts = key.map((column) => ident(table.name, column))
  return counted(sql`SELECT ${keyAsText(parts)} AS key FROM ${relation(table)} AS ${ident(table.name)}
   WHERE ${breaks(table, demand)}`)
}

function breaks(table: Relation, demand: Demand): Sql {
  if (demand.kind === 'check') return sql`(${raw(demand.expression)}) IS FALSE`
  if (demand.kind === 'not null') return sql`${ident(table.name, demand.column)} IS NULL`
  const { references, pairs, full } = demand
  const own = pairs.map(({ column }) => ident(table.name, column))
  const same = pairs.map(
    ({ referenced, equals }, i) =>
      sql`${ident('crossfade_parent', referenced)} ${raw(equals)} ${own[i] ?? raw('NULL')}`,
  )
  const all = (text: 'IS NULL' | 'IS NOT NULL'): Sql =>
    join(
      own.map((column) => sql`${column} ${raw(text)}`),
      ' AND ',
    )
  const only = references.partitioned ? raw('') : raw('ONLY ')
  const missing = sql`NOT EXISTS (SELECT FROM ${only}${relation(references)} AS crossfade_parent WHERE ${join(same, ' AND ')})`
  return full
    ? sql`NOT (${all('IS NULL')}) AND NOT (${all('IS NOT NULL')} AND NOT ${missing})`
    : sql`${all('IS NOT NULL')} AND ${missing}`
}
