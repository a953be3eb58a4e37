import type pg from 'pg'
import type { Mapping } from '../spec/mapping.ts'
import type { PutOff } from '../sqlgen/finish.ts'

/** Notes what build put off, in the database, for the finish that may come weeks later from another machine. */
export async function savePutOff(client: pg.ClientBase, putOff: readonly PutOff[]): Promise<void> {
  await client.query(/* sql */ `UPDATE crossfade.migration SET put_off = $1`, [JSON.stringify(putOff)])
}

/** With the tables where they are now. */
export async function readPutOff(client: pg.ClientBase, mapping: Mapping): Promise<PutOff[]> {
  const { rows } = await client.query<{ putOff: PutOff[] }>(
    /* sql */ `SELECT put_off AS "putOff" FROM crossfade.migration`,
  )
  return (rows[0]?.putOff ?? []).map((p) => ({
    ...p,
    table: { ...p.table, schema: mapping.oldSchema },
  }))
}
