import type pg from 'pg'
import type { SideQueries } from '../control/compare-sides.ts'
import { drainBacklog } from '../control/outbox.ts'
import type { Work } from '../control/work.ts'
import { translateStatementError } from '../db/connect-errors.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { accounting, rowCount } from '../sqlgen/accounting.ts'
import { compareQueries } from '../sqlgen/compare.ts'
import { drainCall } from '../sqlgen/drain.ts'
import { checkRecent, checkSamples } from './check-keys.ts'
import { compareAll } from './compare-all.ts'
import { readExample } from './examples.ts'
import { addsUp, type SourceAccount, type VerifyResult } from './result.ts'

export interface VerifyOptions {
  /** Random keys that are compared one by one. Default 100. */
  readonly samples?: number
  /** Connections that compare. Default 2. */
  readonly workers?: number
  /** Has what differs computed again, then verifies once more: the result is that of afterwards. */
  readonly repair?: boolean
  /** Shows values in examples instead of their kind and size. */
  readonly showValues?: boolean
}

/**
 * Proves that the new table holds what its old tables say: where every old row went, random rows, the rows of the last
 * day, and then every row and every column. Nothing is tolerated, but a difference is looked at a second time before it
 * counts, and what waits in the outbox in the same snapshot is no difference. Throws InterruptedError after a signal.
 */
export async function verifyTarget(
  work: Work,
  target: TargetMapping,
  options: VerifyOptions = {},
): Promise<VerifyResult> {
  const sessions: pg.Client[] = []
  try {
    while (sessions.length < Math.max(1, options.workers ?? 2)) sessions.push(await work.db.session())
    const queries = compareQueries(target)
    const repaired = options.repair === true ? await repair(sessions, work, target, queries) : 0
    return await verify(sessions, work, target, queries, options, repaired)
  } catch (error) {
    throw translateStatementError(error) ?? error
  } finally {
    work.log.end()
    await Promise.all(sessions.map((session) => session.end()))
  }
}

async function verify(
  sessions: readonly pg.Client[],
  work: Work,
  t: TargetMapping,
  queries: SideQueries,
  options: VerifyOptions,
  repaired: number,
): Promise<VerifyResult> {
  const client = firstOf(sessions)
  let newRows: number | null = null
  const firstWords = (async () => {
    const counts = await readCounts(client, t)
    newRows = counts.newRows
    const samples = await checkSamples(client, work, t, queries, options.samples ?? 100)
    return { counts, samples, recent: await checkRecent(client, work, t, queries) }
  })()
  // The other sessions compare meanwhile, and this one helps them when it is done.
  const walkers = [firstWords.then(() => client), ...sessions.slice(1)]
  const { full, first } = await compareAll(walkers, work, t, queries, { expectedRows: () => newRows, enqueue: false })
  const { counts, samples, recent } = await firstWords
  const examples = []
  for (const difference of first) {
    examples.push(await readExample(client, t, difference, options.showValues ?? false))
  }
  const differing = full.missing + full.extra + full.differing + samples.differing + (recent?.differing ?? 0)
  const clean = differing === 0 && counts.sources.every(addsUp)
  return { target: t.name, counts, samples, recent, full, examples, repaired, clean }
}

/** Gives what differs to the applier. Returns how many keys that were. */
async function repair(
  sessions: readonly pg.Client[],
  work: Work,
  t: TargetMapping,
  queries: SideQueries,
): Promise<number> {
  const client = firstOf(sessions)
  const { newRows } = await readCounts(client, t)
  const { full } = await compareAll(sessions, work, t, queries, { expectedRows: () => newRows, enqueue: true })
  const { signal, log } = work
  await drainBacklog(client, { target: t.name, callText: drainCall(t).text, signal, log })
  return full.missing + full.extra + full.differing
}

async function readCounts(client: pg.ClientBase, t: TargetMapping): Promise<VerifyResult['counts']> {
  const sources = await client.query<SourceAccount>(accounting(t).text)
  const stored = await client.query<{ rows: string }>(rowCount(t.relation).text)
  return { sources: sources.rows, newRows: Number(stored.rows[0]?.rows ?? 0) }
}

function firstOf(sessions: readonly pg.Client[]): pg.Client {
  const [client] = sessions
  if (!client) throw new Error('no connection')
  return client
}
