import type pg from 'pg'
import { errorCode, SQLSTATE } from '../db/sqlstates.ts'
import { ident, join, literal, type Sql, sql } from '../lib/sql.ts'

export interface Countable {
  readonly oid: number
  readonly schema: string
  readonly name: string
}

export interface RowCount {
  readonly rows: number | null
  /** Why there is none. */
  readonly reason: string | null
}

export interface CountOptions {
  /** For one table. */
  readonly timeoutMs: number
  /** Called before each table. */
  readonly onTable?: (table: Countable, at: number) => void
}

/**
 * The exact number of rows of each table, by oid, within the transaction of the snapshot; a table of which the count takes
 * too long, or isn't allowed, says so and stops nothing. Small tables are counted many at a time.
 */
export async function countRows(
  client: pg.ClientBase,
  tables: readonly Countable[],
  isSmall: (table: Countable) => boolean,
  options: CountOptions,
): Promise<ReadonlyMap<number, RowCount>> {
  const counts = new Map<number, RowCount>()
  const batches = [
    ...chunk(tables.filter(isSmall), AT_ONCE),
    ...tables.filter((one) => !isSmall(one)).map((one) => [one]),
  ]
  await client.query(sql`set local statement_timeout = ${literal(`${options.timeoutMs}ms`)}`.text)
  for (const batch of batches) {
    const [first] = batch
    if (first !== undefined) options.onTable?.(first, counts.size)
    for (const [oid, count] of await countBatch(client, batch, options)) counts.set(oid, count)
  }
  return counts
}

const AT_ONCE = 50

async function countBatch(
  client: pg.ClientBase,
  batch: readonly Countable[],
  options: CountOptions,
): Promise<readonly (readonly [number, RowCount])[]> {
  await client.query(/* sql */ `savepoint counting`)
  try {
    const { rows } = await client.query<{ oid: number; rows: number }>(countQuery(batch).text)
    await client.query(/* sql */ `release savepoint counting`)
    return rows.map(({ oid, rows }) => [oid, { rows, reason: null }])
  } catch (error) {
    const reason = REASONS.get(errorCode(error) ?? '')
    if (reason === undefined) throw error
    await client.query(/* sql */ `rollback to savepoint counting`)
    const [only] = batch
    if (batch.length === 1 && only !== undefined) return [[only.oid, { rows: null, reason }]]
  }
  // One of them is at fault; the others are to be counted all the same.
  const single: (readonly [number, RowCount])[] = []
  for (const table of batch) single.push(...(await countBatch(client, [table], options)))
  return single
}

const REASONS: ReadonlyMap<string, string> = new Map([
  [SQLSTATE.queryCanceled, 'counting took too long'],
  [SQLSTATE.lockNotAvailable, 'somebody held it exclusively'],
  // Also where row level security would hide rows: row_security is off, so the server says so.
  [SQLSTATE.insufficientPrivilege, 'the role may not read all of it'],
  [SQLSTATE.undefinedTable, 'it was dropped meanwhile'],
])

function countQuery(tables: readonly Countable[]): Sql {
  return join(
    tables.map(
      ({ oid, schema, name }) =>
        sql`select ${literal(oid)}::oid as oid, count(*)::float8 as rows from ${ident(schema, name)}`,
    ),
    ' union all ',
  )
}

function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}
