import { readFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { type ConfigPlace, readDatabaseSettings } from '../control/read-config.ts'
import { parseVariables, urlOf } from '../db/url-variables.ts'
import { UsageError } from '../lib/errors.ts'
import { createLogger } from '../lib/log.ts'
import type { DatabaseSettings } from '../spec/config.ts'

export const DATABASE_OPTION = [
  '--database <url>',
  'the database; default: as the configuration says, or DATABASE_URL',
] as const

export interface DatabaseFlags {
  readonly database?: string
  readonly config?: string
}

const DEFAULT = 'DATABASE_URL'
const URL_HINT = 'or give --database postgres://<user>:<password>@<host>:5432/<database>'

/**
 * The URL that `--database` gives; else the variable that the configuration names (DATABASE_URL where none does) in the
 * environment, then in the file that the configuration names. Throws UsageError where there is none.
 */
export async function readDatabaseUrl({ database, ...place }: DatabaseFlags & ConfigPlace): Promise<string> {
  if (database !== undefined) return database
  const { settings, path } = (await readSettings(place)) ?? { settings: {}, path: null }
  const name = settings.env ?? DEFAULT
  const url = urlOf(process.env, name)
  if (url !== null) return url
  if (path === null || (settings.env === undefined && settings.file === undefined))
    throw new UsageError('database.missing', 'No database is named.', {
      hint: `Set ${DEFAULT}, ${URL_HINT}. crossfade init finds what your project has, and writes it down.`,
    })
  const file = settings.file === undefined ? null : resolve(dirname(path), settings.file)
  const found = file === null ? null : await readVariable(file, name)
  if (found !== null && 'url' in found) return found.url
  const shown = file === null ? null : relative(place.cwd, file) || '.'
  throw new UsageError(
    'database.unset',
    `${relative(place.cwd, path)} takes the database's URL from ${name}, which is not set in the environment` +
      `${found === null ? '' : `, and ${shown} ${found.why}`}.`,
    { hint: `Set ${name}${shown === null ? '' : ` there or in ${shown}`}, ${URL_HINT}` },
  )
}

async function readSettings(place: ConfigPlace): Promise<{ settings: DatabaseSettings; path: string } | null> {
  try {
    return await readDatabaseSettings(place)
  } catch (error) {
    // Who has to roll back must be able to, whatever has become of the file since.
    if (!(error instanceof UsageError) || error.code !== 'config.load' || !process.env[DEFAULT]) throw error
    createLogger({ stream: process.stderr }).warn(`${error.message}; ${DEFAULT} is taken for the database`)
    return null
  }
}

async function readVariable(file: string, name: string): Promise<{ url: string } | { why: string }> {
  try {
    const url = urlOf(parseVariables(file, await readFile(file, 'utf8'), process.env), name)
    return url === null ? { why: 'has none either' } : { url }
  } catch (error) {
    return { why: `can't be read (${(error as NodeJS.ErrnoException).code ?? error})` }
  }
}
