import type pg from 'pg'
import { type StatisticsRow, statisticsQuery } from './statistics.sql.ts'

/**
 * How much each table is read and written, by the server's own statistics. Only reads, and takes no lock on any table.
 * The counts lag behind by about a second.
 */
export async function readStatistics(client: pg.ClientBase): Promise<StatisticsRow[]> {
  const { rows } = await client.query<StatisticsRow>(statisticsQuery)
  return rows
}
