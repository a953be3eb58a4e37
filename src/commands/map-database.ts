import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import { readStatistics } from '../catalog/read-statistics.ts'
import type { CatalogTable } from '../catalog/types.ts'
import type { TableStatistics } from '../codemap/interaction-map.ts'
import { connect } from '../db/connect.ts'
import { errorCode, SQLSTATE } from '../db/sqlstates.ts'
import { DatabaseError } from '../lib/errors.ts'
import { COMPAT, CONTROL } from '../lib/schema-names.ts'

/** What a database knows that the code doesn't say. */
export interface LiveDatabase {
  readonly statistics: readonly TableStatistics[]
  /** Of the schemas that were asked for. */
  readonly tables: readonly CatalogTable[]
}

/**
 * Only reads; a standby and a pooler will do. `schemas` are those of which the tables are asked for, `newSchema` is what sync
 * writes: like Crossfade's own tables it has no part in the statistics of the program. Throws UsageError for what is no
 * URL, DatabaseError for everything else.
 */
export async function readLiveDatabase(
  url: string,
  schemas: readonly string[],
  newSchema: string | null,
): Promise<LiveDatabase> {
  const db = await connect(url, { applicationName: 'map', readOnly: true, session: false, poolSize: 1 })
  try {
    const client = await db.pool.connect()
    try {
      const all = await readUse(client, db.user)
      const statistics = all.filter(({ schema }) => !OWN_SCHEMAS.has(schema) && schema !== newSchema)
      return { statistics, tables: schemas.length === 0 ? [] : (await readCatalog(client, schemas)).tables }
    } finally {
      client.release()
    }
  } finally {
    await db.close()
  }
}

/** The last one has new tables that were open and then rolled back. */
const OWN_SCHEMAS: ReadonlySet<string> = new Set([CONTROL, COMPAT, 'crossfade_archive'])

async function readUse(client: pg.ClientBase, user: string): Promise<TableStatistics[]> {
  try {
    return await readStatistics(client)
  } catch (cause) {
    if (errorCode(cause) !== SQLSTATE.insufficientPrivilege) throw cause
    throw new DatabaseError('statistics.refused', `${user} may not read the statistics: ${(cause as Error).message}.`, {
      hint: 'GRANT SELECT ON pg_stat_user_tables, pg_stat_database to this role, connect as another, or leave --database out.',
      cause,
    })
  }
}
