import type { PoolerUrl } from '../db/pooler-url.ts'
import type { DatabaseSettings } from '../spec/config.ts'
import type { UrlCandidate } from './find-urls.ts'

/** Asks a person, and gives what was typed; '' takes the proposal. Null where nobody is asked. */
export type Ask = ((question: string) => Promise<string>) | null

/** The database that the configuration will name. */
export interface ChosenDatabase {
  readonly settings: DatabaseSettings & { readonly env: string }
  readonly candidate: UrlCandidate
  /** To try it with; never shown. */
  readonly url: string
  /** The variable is not there yet: what its URL has that the candidate's hasn't. */
  readonly toSet: string | null
}

/** Of several the one that a person wants; the first where nobody is asked. */
export async function chooseUrl(candidates: readonly UrlCandidate[], ask: Ask): Promise<UrlCandidate | null> {
  const [first = null, ...others] = candidates
  if (ask === null || others.length === 0) return first
  const list = candidates.map((one, at) => `  ${at + 1}  ${describeCandidate(one)}`).join('\n')
  for (;;) {
    const answer = await ask(`Which database is to be consolidated?\n${list}\nA number, or Enter for 1: `)
    const chosen = answer === '' ? first : candidates.find((one, at) => answer === String(at + 1) || answer === one.env)
    if (chosen) return chosen
  }
}

/**
 * Sessions of one's own, where the URL is that of a pooler in transaction mode: under another variable, since the
 * application goes on with the pooler.
 */
export async function chooseSession(
  candidate: UrlCandidate,
  candidates: readonly UrlCandidate[],
  ask: Ask,
): Promise<ChosenDatabase> {
  const { env, file, url, pooler } = candidate
  const taken: ChosenDatabase = { settings: settingsOf(env, file), candidate, url, toSet: null }
  if (!hasSession(pooler)) return taken
  const name = candidates.some((one) => one.env === 'DIRECT_URL') ? 'CROSSFADE_DATABASE_URL' : 'DIRECT_URL'
  if (ask !== null) {
    const answer = await ask(
      `${env} is a pooler in transaction mode, and Crossfade needs sessions of its own: ${pooler.how}.\n` +
        `Take that, in a variable ${name} that you set? [Y/n] `,
    )
    if (/^n(o)?$/i.test(answer)) return taken
  }
  return { settings: settingsOf(name, file), candidate, url: pooler.session, toSet: pooler.how }
}

/** The folders that a person wants; `isThere` says which are none. */
export async function chooseCode(
  proposed: readonly string[],
  isThere: (path: string) => boolean,
  ask: Ask,
): Promise<readonly string[]> {
  if (ask === null) return proposed
  for (let remark = ''; ; ) {
    const answer = await ask(
      `${remark}Folders of the code, with commas [${proposed.map(showName).join(', ') || '.'}]: `,
    )
    const named = answer === '' ? proposed : answer.split(',').map((one) => one.trim())
    const missing = named.find((one) => !isThere(one))
    if (missing === undefined) return named
    remark = `There is no ${showName(missing)}. `
  }
}

/** `DIRECT_URL in .env: db.example.com:5432, database app, user postgres`; no password. */
export function describeCandidate({ env, file, target, pooler, isLocal }: UrlCandidate): string {
  const where = isLocal
    ? `the local database of the Supabase CLI (${file})`
    : `${env}${file === null ? '' : ` in ${file}`}`
  const at = `${target.host}:${target.port}, database ${showName(target.database)}, user ${showName(target.user)}`
  return `${where}: ${at}${pooler === null ? '' : ', a pooler in transaction mode'}`
}

/** As it is, unless that would be taken for something else on a terminal. */
export function showName(name: string): string {
  if (/^[\p{L}\p{N}_./@()[\]+~-]+$/u.test(name)) return name
  return JSON.stringify(name).replace(/\p{C}/gu, (odd) => `\\u{${odd.codePointAt(0)?.toString(16)}}`)
}

function hasSession(pooler: PoolerUrl | null): pooler is PoolerUrl & { readonly session: string } {
  return pooler !== null && pooler.session !== null
}

function settingsOf(env: string, file: string | null): DatabaseSettings & { readonly env: string } {
  return file === null ? { env } : { env, file }
}
