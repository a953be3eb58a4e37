import { readFile } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { readTarget } from '../db/connect.ts'
import type { ConnectTarget } from '../db/connect-errors.ts'
import { type PoolerUrl, readPoolerUrl } from '../db/pooler-url.ts'
import { LIBPQ, parseVariables, urlOf, type Variables } from '../db/url-variables.ts'
import { UsageError } from '../lib/errors.ts'

/** A variable that holds the URL of a Postgres database. */
export interface UrlCandidate {
  readonly env: string
  /** The file that it stands in, from where the person is, with slashes; null where only the environment has it. */
  readonly file: string | null
  /** With its password: never shown. */
  readonly url: string
  readonly target: ConnectTarget
  readonly pooler: PoolerUrl | null
  /** The local database of the Supabase CLI. */
  readonly isLocal: boolean
}

export interface FoundUrls {
  /** The best first. */
  readonly candidates: readonly UrlCandidate[]
  /** What looked like one and is none. */
  readonly warnings: readonly string[]
}

export interface UrlPlaces {
  readonly cwd: string
  readonly environment: Variables
  /** The only file to ask, from `cwd`. */
  readonly file?: string
  /** The only variable to ask for. */
  readonly name?: string
}

const NAMES = [
  ...['DATABASE_URL', 'DIRECT_URL', 'DIRECT_DATABASE_URL', 'DATABASE_URL_UNPOOLED', 'POSTGRES_URL_NON_POOLING'],
  ...['POSTGRES_URL', 'SUPABASE_DB_URL'],
]
const FILES = ['.env.local', '.env', '.env.development']
const SUPABASE = 'supabase/config.toml'

interface Source {
  readonly file: string | null
  readonly variables: Variables
}

/**
 * What the environment and the files beside package.json name. A variable of a file is passed over where the environment has
 * another value: that goes before. Throws UsageError for a file that was named and can't be read.
 */
export async function findUrls(places: UrlPlaces): Promise<FoundUrls> {
  const warnings: string[] = []
  const sources = await readSources(places, warnings)
  const found: UrlCandidate[] = []
  for (const env of namesOf(places, sources))
    for (const { file, variables } of sources) {
      const url = urlOf(variables, env)
      const own = urlOf(places.environment, env)
      if (url === null) continue
      const same = found.findIndex((one) => one.env === env && one.url === url)
      // The file serves where the environment lacks the variable: in another terminal, at a colleague's.
      if (same !== -1) found.splice(same, 1, { ...(found[same] as UrlCandidate), file: found[same]?.file ?? file })
      else if (file !== null && own !== null && own !== url) {
        if (file !== SUPABASE)
          warnings.push(`${env} in ${file} is passed over: the environment has another value, which goes before.`)
      } else {
        const candidate = readCandidate(env, file, url, warnings)
        if (candidate !== null) found.push(candidate)
      }
    }
  return { candidates: found.sort((a, b) => rankOf(a) - rankOf(b)), warnings }
}

/**
 * Names that everybody uses go before those of one's own, which may be another database; direct connections before poolers;
 * and a local database, which may well be empty, comes last.
 */
function rankOf({ env, pooler, isLocal }: UrlCandidate): number {
  if (isLocal) return 4
  return (NAMES.includes(env) ? 0 : 2) + (pooler === null ? 0 : 1)
}

async function readSources({ cwd, environment, file }: UrlPlaces, warnings: string[]): Promise<Source[]> {
  const sources: Source[] = [{ file: null, variables: environment }]
  for (const name of file === undefined ? [...FILES, SUPABASE] : [file]) {
    const path = resolve(cwd, name)
    try {
      const text = await readFile(path, 'utf8')
      sources.push({
        file: relative(cwd, path).split(sep).join('/'),
        variables: parseVariables(path, text, environment),
      })
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException
      if (file !== undefined)
        throw new UsageError('init.database-file', `${file} can't be read: ${code}.`, {
          hint: 'Name a file of variables with --database-file, for example --database-file .env.local',
          cause,
        })
      if (code !== 'ENOENT' && code !== 'ENOTDIR') warnings.push(`${name} is left out: it can't be read (${code}).`)
    }
  }
  return sources
}

/** Known names, then others that hold such a URL, then libpq's. Databases of tests and of a tool's own are nobody's production. */
function namesOf({ name }: UrlPlaces, sources: readonly Source[]): string[] {
  if (name !== undefined) return [name]
  const others = sources.flatMap(({ variables }) =>
    Object.entries(variables).flatMap(([other, value]) =>
      /^\s*postgres(ql)?:\/\//i.test(value ?? '') && !/TEST|SHADOW/i.test(other) ? [other] : [],
    ),
  )
  return [...new Set([...NAMES, ...others.sort(), LIBPQ])]
}

function readCandidate(env: string, file: string | null, url: string, warnings: string[]): UrlCandidate | null {
  try {
    return { env, file, url, target: readTarget(url), pooler: readPoolerUrl(url), isLocal: file === SUPABASE }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    warnings.push(`${env}${file === null ? '' : ` in ${file}`} is left out: ${error.message}`)
    return null
  }
}
