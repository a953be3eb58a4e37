import { onTestFinished } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import type { OverlapDocument, Pair } from '../../src/overlap/overlap-document.ts'
import { type OverlapOptions, readOverlap } from '../../src/overlap/read-overlap.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

/** A fresh database with these tables; dropped when the test has finished. */
export async function databaseWith(...statements: string[]): Promise<TestDatabase> {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  for (const statement of statements) await database.query(statement)
  return database
}

export const DEFAULTS: OverlapOptions = {
  ...{ tables: [], schemas: [], map: [], migrations: null, sample: null, showsValues: true, timeout: 60 },
  log: createLogger({ stream: { write: () => true } }),
  signal: new AbortController().signal,
}

/** The document of `crossfade overlap` with these tables; `url` takes another role. */
export async function overlapOf(
  database: Pick<TestDatabase, 'url'>,
  tables: readonly string[] = [],
  options: Partial<OverlapOptions> = {},
): Promise<OverlapDocument> {
  const db = await connect(database.url, { readOnly: true, session: false, poolSize: 2 })
  try {
    return await readOverlap(db, { ...DEFAULTS, tables, ...options })
  } finally {
    await db.close()
  }
}

export function pairOf(document: OverlapDocument, left: string, right: string): Pair {
  const pair = document.pairs.find((one) => one.left === left && one.right === right)
  if (pair === undefined)
    throw new Error(`${left} and ${right} were not compared: ${JSON.stringify(document.problems)}`)
  return pair
}

/** equal, both null, only left, only right, conflicting */
export function statesOf(pair: Pair, left: string): number[] {
  const column = pair.columns.find((one) => one.left === left)
  if (column === undefined) throw new Error(`${left} was not compared`)
  return [column.equal, column.bothNull, column.rightNull, column.leftNull, column.conflicting]
}
