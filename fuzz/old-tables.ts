import type pg from 'pg'
import type { Case } from './case.ts'
import { writeOldTables } from './write-sql.ts'

/** The old tables of a case with their rows, but those that a trigger of the application refuses. */
export async function createOldTables(client: pg.Client, given: Case): Promise<void> {
  await client.query(writeOldTables(given.model))
  for (const row of given.rows) {
    await client.query(row).catch((error: { code?: string }) => {
      if (error.code !== 'P0001') throw error
    })
  }
}
