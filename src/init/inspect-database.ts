import type pg from 'pg'
import { connect } from '../db/connect.ts'
import { assertMayCreateSchemas, assertOwnsTables } from '../db/privileges.ts'
import { DatabaseError } from '../lib/errors.ts'

/** What there is to know of a database before anything is done with it. */
export interface DatabaseInspection {
  /** `17.2` */
  readonly version: string
  readonly role: string
  readonly database: string
  readonly transactionPooler: boolean
  /** Of the schema; null where there is no such schema. */
  readonly tables: number | null
  /** Rights that the role lacks for what `build` and `sync` do. */
  readonly missing: readonly { readonly message: string; readonly hint: string }[]
}

const TIMEOUT_MS = 5_000

/** Connects and asks, and changes nothing; a pooler will do. Throws DatabaseError where that fails. */
export async function inspectDatabase(url: string, schema: string): Promise<DatabaseInspection> {
  const db = await connect(url, { applicationName: 'init', session: false, poolSize: 1, timeoutMs: TIMEOUT_MS })
  try {
    const client = await db.pool.connect()
    try {
      const tables = await readTables(client, schema)
      const missing = [
        await findMissing(() => assertMayCreateSchemas(client)),
        await findMissing(() =>
          assertOwnsTables(
            client,
            (tables ?? []).map((name) => ({ schema, name })),
          ),
        ),
      ].flat()
      const { serverVersion, user, name, transactionPooler } = db
      const version = `${Math.floor(serverVersion / 10000)}.${serverVersion % 10000}`
      return { version, role: user, database: name, transactionPooler, tables: tables?.length ?? null, missing }
    } finally {
      client.release()
    }
  } finally {
    await db.close()
  }
}

async function readTables(client: pg.ClientBase, schema: string): Promise<string[] | null> {
  const { rows } = await client.query<{ name: string | null }>(
    /* sql */ `
    select c.relname::text as name
    from pg_catalog.pg_namespace n
    left join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p')
    where n.nspname = $1`,
    [schema],
  )
  if (rows.length === 0) return null
  return rows.flatMap(({ name }) => (name === null ? [] : [name]))
}

async function findMissing(assert: () => Promise<void>): Promise<{ message: string; hint: string }[]> {
  try {
    await assert()
    return []
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error
    return [{ message: error.message, hint: error.hint ?? '' }]
  }
}
