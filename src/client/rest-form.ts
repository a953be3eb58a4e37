import type { Comparison, OrderKey } from './comparable.ts'
import { type Form, hashText } from './fingerprint.ts'
import type { RestRead } from './rest-read.ts'

/** Parameters that hold no value of a row. */
const SHAPE = new Set(['select', 'order'])

/** `drafts?select=title&score=gte.?&order=at.desc` */
export function formOfRead({ table, search }: RestRead): Form {
  const parameters = [...new URLSearchParams(search)].map(([name, value]) => {
    if (SHAPE.has(name)) return `${name}=${value}`
    const operator = /^(?:not\.)?[a-z]+(?:\([a-z]+\))?(?=\.)/.exec(value)?.[0]
    return operator === undefined ? `${name}=?` : `${name}=${operator}.?`
  })
  const statement = `${table}${parameters.length === 0 ? '' : `?${parameters.join('&')}`}`
  return { fingerprint: hashText(statement), statement: statement.slice(0, 2_000) }
}

/** How the answers of both sides can be compared. */
export function readRestComparison({ search, headers }: RestRead): Comparison {
  const parameters = new URLSearchParams(search)
  const order = readOrder(parameters.get('order'))
  const isPart = parameters.has('limit') || parameters.has('offset') || headers.has('range')
  if (isPart && order.length === 0) return { kind: 'left out', reason: 'limit without an order by a column' }
  return { kind: 'compared', order, isPart }
}

/** Keys up to the first that is a path into a document. */
function readOrder(order: string | null): OrderKey[] {
  const keys: OrderKey[] = []
  for (const item of order?.split(',') ?? []) {
    const column = /^"?([^."]+)"?(?:\.(?:asc|desc|nullsfirst|nullslast))*$/.exec(item)?.[1]
    if (column === undefined || column.includes('->')) break
    keys.push({ column })
  }
  return keys
}
