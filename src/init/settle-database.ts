import { CrossfadeError } from '../lib/errors.ts'
import { type Ask, type ChosenDatabase, chooseSession, chooseUrl, describeCandidate } from './choose.ts'
import type { UrlCandidate } from './find-urls.ts'
import type { DatabaseInspection } from './inspect-database.ts'

export interface SettledDatabase extends ChosenDatabase {
  /** Null where it wasn't tried, or can't be reached. */
  readonly server: DatabaseInspection | null
  readonly warnings: readonly string[]
}

interface Settling {
  readonly ask: Ask
  readonly schema: string
  /** Tries a database; null: it isn't tried. */
  readonly inspect: ((url: string) => Promise<DatabaseInspection>) | null
  readonly signal: AbortSignal
}

/** The database that a person wants, tried; null where there is none. What is wrong with it is a warning: it may come right. */
export async function settleDatabase(
  candidates: readonly UrlCandidate[],
  settling: Settling,
): Promise<SettledDatabase | null> {
  const { ask } = settling
  const wanted = await chooseUrl(candidates, ask)
  if (wanted === null) return null
  const settled = await settle(wanted, candidates, settling)
  if (settled.server?.transactionPooler !== true) return settled
  // What its URL didn't tell, the server did.
  const direct = candidates.find((one) => one !== wanted && one.pooler === null && !one.isLocal)
  if (direct === undefined) return settled
  const question = `${wanted.env} is a pooler in transaction mode. Take ${describeCandidate(direct)}? [Y/n] `
  if (ask !== null && /^n(o)?$/i.test(await ask(question))) return settled
  return await settle(direct, candidates, settling)
}

async function settle(
  candidate: UrlCandidate,
  candidates: readonly UrlCandidate[],
  { ask, schema, inspect, signal }: Settling,
): Promise<SettledDatabase> {
  const chosen = await chooseSession(candidate, candidates, ask)
  if (inspect === null)
    return { ...chosen, server: null, warnings: chosen.url === candidate.url ? warnOfPooler(candidate) : [] }
  try {
    const server = await unlessAborted(inspect(chosen.url), signal)
    return { ...chosen, server, warnings: warn(server, schema) }
  } catch (error) {
    if (!(error instanceof CrossfadeError) || signal.aborted) throw error
    return { ...chosen, server: null, warnings: [[error.message, error.hint ?? []].flat().join(' ')] }
  }
}

const POOLER =
  'It is a pooler in transaction mode, and Crossfade needs sessions of its own from crossfade build on: ' +
  'set a variable to the direct URL, or to that of a pool in session mode, and name it in the configuration.'

function warnOfPooler({ pooler }: UrlCandidate): string[] {
  return pooler === null ? [] : [POOLER]
}

function warn({ transactionPooler, tables, missing }: DatabaseInspection, schema: string): string[] {
  const name = JSON.stringify(schema)
  return [
    ...(transactionPooler ? [POOLER] : []),
    ...(tables === null ? [`There is no schema ${name} there: name that of the old tables with --schema.`] : []),
    ...(tables === 0 ? [`The schema ${name} has no tables: is this the right database?`] : []),
    ...missing.map(({ message, hint }) => `${message} ${hint}`),
  ]
}

async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  signal.throwIfAborted()
  return await new Promise<Result>((done, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason), { once: true })
    work.then(done, fail)
  })
}
