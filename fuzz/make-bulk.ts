import type { Random } from '../test/scenarios/random.ts'
import type { Model, OldColumn, SessionStep } from './case.ts'
import { oneValue, uuidOf } from './random-values.ts'
import { literal, quote } from './write-sql.ts'

/** More rows than are synced at once in one transaction, or more than take no transaction id in outbox mode. */
const COUNTS = [65, 70, 201, 230]

/** One statement that writes many rows, those that meet the others' keys among them. */
export function makeBulkInsert(random: Random, model: Model, token: string): Omit<SessionStep, 'session'> {
  const table = random.pick(model.old)
  const given = table.columns.filter((c) => c.role !== 'id')
  const values = given.map((column) => bulkValue(random, column, token))
  const names = given.map((c) => quote(c.name)).join(', ')
  return {
    side: 'old',
    kind: 'insert of many',
    sql: `insert into ${quote(table.name)} (${names}) select ${values.join(', ')} from generate_series(1, ${random.pick(COUNTS)}) as n on conflict do nothing`,
  }
}

/** SQL over the number `n`. */
function bulkValue(random: Random, column: OldColumn, token: string): string {
  const typed = (text: string): string => `(${text})::${column.type}`
  if (column.role === 'key' || column.role === 'link') {
    if (column.kind === 'uuid') return typed(`${literal(uuidOf(0).slice(0, -12))} || lpad(n::text, 12, '0')`)
    return typed(column.kind === 'text' ? `'key ' || n` : 'n')
  }
  if (column.values === 'unique') return `'u' || n % ${random.pick([7, 500])}`
  if (column.type === 'text' && column.values === undefined) return `${literal(token)} || '.' || n % 10`
  return typed(oneValue(random, column, token))
}
