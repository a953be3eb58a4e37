import { readStatistics } from '../catalog/read-statistics.ts'
import type { TableStatistics } from '../codemap/interaction-map.ts'
import { connect } from '../db/connect.ts'

/** What a database says of the use of its tables. A standby and a pooler will do. Throws DatabaseError. */
export async function readTableUse(url: string): Promise<TableStatistics[]> {
  const db = await connect(url, { applicationName: 'map', readOnly: true, session: false, poolSize: 1 })
  try {
    const client = await db.pool.connect()
    try {
      return await readStatistics(client)
    } finally {
      client.release()
    }
  } finally {
    await db.close()
  }
}
