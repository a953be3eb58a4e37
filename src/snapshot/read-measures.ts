import type pg from 'pg'
import { readStatistics } from '../catalog/read-statistics.ts'
import type { StatisticsRow } from '../catalog/statistics.sql.ts'
import { errorCode, SQLSTATE } from '../db/sqlstates.ts'
import {
  type ColumnCommentRow,
  columnCommentsQuery,
  estimatedSizesQuery,
  type IndexUseRow,
  indexUseQuery,
  type SizeRow,
  sizesQuery,
} from './measures.sql.ts'

/** What is known of tables beside their definitions. */
export interface Measures {
  readonly sizes: readonly SizeRow[]
  /** Somebody held a table, so sizes are those of the last vacuum or analyze. */
  readonly sizesEstimated: boolean
  readonly indexUse: readonly IndexUseRow[]
  readonly statistics: readonly StatisticsRow[]
  readonly columnComments: readonly ColumnCommentRow[]
}

/** Inside a transaction that has a lock_timeout; a table that somebody holds exclusively doesn't fail it. */
export async function readMeasures(client: pg.ClientBase, oids: readonly number[]): Promise<Measures> {
  const exact = await trying(client, sizesQuery, oids)
  const sizes = exact ?? (await client.query<SizeRow>(estimatedSizesQuery, [oids])).rows
  const indexUse = await client.query<IndexUseRow>(indexUseQuery, [oids])
  const comments = await client.query<ColumnCommentRow>(columnCommentsQuery, [oids])
  return {
    sizes,
    sizesEstimated: exact === null,
    indexUse: indexUse.rows,
    statistics: await readStatistics(client),
    columnComments: comments.rows,
  }
}

/** A table that was dropped meanwhile can't be opened; one that is held isn't waited for longer than lock_timeout. */
async function trying(client: pg.ClientBase, query: string, oids: readonly number[]): Promise<SizeRow[] | null> {
  await client.query(/* sql */ `savepoint sizes`)
  try {
    return (await client.query<SizeRow>(query, [oids])).rows
  } catch (error) {
    if (errorCode(error) !== SQLSTATE.lockNotAvailable) throw error
    await client.query(/* sql */ `rollback to savepoint sizes`)
    return null
  } finally {
    await client.query(/* sql */ `release savepoint sizes`).catch(() => undefined)
  }
}
