import { access } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJiti } from 'jiti'
import { UsageError } from '../lib/errors.ts'
import { CONFIG_NAMES } from '../lib/own-files.ts'
import type { CrossfadeConfig, DatabaseSettings } from '../spec/config.ts'
import { isRecord } from '../spec/config-shape.ts'
import { type ConfiguredPlaces, validateConfig, validateDatabase, validatePlaces } from '../spec/validate-config.ts'

/** Where a configuration is looked for: in the file that is named, or in the folder. */
export interface ConfigPlace {
  readonly config?: string
  readonly cwd: string
}

export interface ReadConfig {
  readonly config: CrossfadeConfig
  readonly path: string
}

/** Throws UsageError where it is missing, doesn't load, or isn't a mapping. */
export async function readConfig(place: ConfigPlace): Promise<ReadConfig> {
  const path = await findConfig(place)
  if (path === null) throw missing(place)
  return { config: validateConfig(await importConfig(path), path), path }
}

/** Null where nobody named one and none is in the folder. */
export async function readConfigIfThere(place: ConfigPlace): Promise<ReadConfig | null> {
  if (place.config === undefined && (await findConfig(place)) === null) return null
  return await readConfig(place)
}

/**
 * What a configuration says of the database, and nothing of the rest is looked at: a mistake in the mapping is none of the
 * way to the database. Null where there is no configuration. Throws UsageError where it doesn't load.
 */
export async function readDatabaseSettings(
  place: ConfigPlace,
): Promise<{ settings: DatabaseSettings; path: string } | null> {
  const path = await findConfig(place)
  if (path === null) return null
  const config = await importConfig(path)
  return { settings: validateDatabase(isRecord(config) ? config.database : undefined, path), path }
}

/**
 * What a configuration says of the old schema and of migrations, and nothing of the rest is looked at. Null where nobody named
 * one and none is in the folder. Throws UsageError where the named one is missing, and where it doesn't load.
 */
export async function readConfiguredPlaces(
  place: ConfigPlace,
): Promise<{ places: ConfiguredPlaces; path: string } | null> {
  const path = await findConfig(place)
  if (path === null && place.config !== undefined) throw missing(place)
  if (path === null) return null
  const config = await importConfig(path)
  return { places: isRecord(config) ? validatePlaces(config, path) : {}, path }
}

function missing(place: ConfigPlace): UsageError {
  return new UsageError('config.missing', `There is no configuration: ${candidatesOf(place)[0]}`, {
    hint: 'crossfade init writes one. One that lies elsewhere is named with --config FILE.',
  })
}

async function findConfig(place: ConfigPlace): Promise<string | null> {
  for (const path of candidatesOf(place)) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return null
}

function candidatesOf({ config, cwd }: ConfigPlace): string[] {
  return (config === undefined ? CONFIG_NAMES : [config]).map((name) => resolve(cwd, name))
}

async function importConfig(path: string): Promise<unknown> {
  const here = fileURLToPath(import.meta.url)
  // The configuration imports the package by name, also where it isn't installed beside it.
  const own = fileURLToPath(new URL(`../index${here.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url))
  const jiti = createJiti(path, { alias: { 'pg-crossfade': own }, moduleCache: false, fsCache: false })
  try {
    return await jiti.import(path, { default: true })
  } catch (cause) {
    throw new UsageError('config.load', `${path} can't be loaded: ${describeLoadError(cause)}`, {
      hint: 'It is TypeScript that ends in: export default defineConfig({ … }).',
      cause,
    })
  }
}

/** On one line, without the list of modules that Node adds. */
function describeLoadError(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause)
  const [first = message] = message.split('\nRequire stack:')
  return first
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
}
