import type { PoolClient, QueryConfig } from 'pg'
import { ANSWERS_WITHIN_MS } from './follower.ts'
import type { ReadReport, Told } from './read-reports.ts'
import { useSpareClient } from './spare-client.ts'
import { isStatementError } from './statement-error.ts'

/** Asked first, so that a role without the right puts no error into the server's log. */
const MAY_RECORD = /* sql */ `
select coalesce(has_function_privilege(to_regprocedure('crossfade.record_reads(jsonb)'), 'execute'), false)::text as may`
const RECORD = /* sql */ `select crossfade.record_reads($1::jsonb)`

/** Tells the database over a client of the pool. */
export async function recordReads(acquire: () => Promise<PoolClient>, report: ReadReport): Promise<Told> {
  let told: Told = 'later'
  await useSpareClient(acquire, async (client) => {
    try {
      const { rows } = await client.query<{ may: string }>(question(MAY_RECORD))
      if (rows[0]?.may === 'true') await client.query(question(RECORD, [JSON.stringify(report)]))
      told = rows[0]?.may === 'true' ? 'told' : 'no right'
      return true
    } catch (error) {
      if (!isStatementError(error)) return false
      // A lock, or a server that is stopping, is no verdict on the report.
      told = error.code.startsWith('22') ? 'refused' : 'later'
      return true
    }
  })
  return told
}

/** pg takes the timeout with each query, and its types don't say so. */
function question(text: string, values?: unknown[]): QueryConfig {
  return { text, ...(values === undefined ? {} : { values }), query_timeout: ANSWERS_WITHIN_MS } as QueryConfig
}
