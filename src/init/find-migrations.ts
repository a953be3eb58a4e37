import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, posix, sep } from 'node:path'
import { readConfigText } from '../codemap/discover/config-paths.ts'
import { asObject, parseLooseJson } from '../codemap/modules/read-json.ts'
import { UsageError } from '../lib/errors.ts'
import type { MigrationsSettings } from '../spec/config.ts'

export interface FoundMigrations {
  /** The folder is from where the person is, with slashes. */
  readonly settings: MigrationsSettings
  readonly isThere: boolean
}

const DRIZZLE = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'].map((ending) => `drizzle.config.${ending}`)
const PRISMA = ['ts', 'mts', 'js', 'mjs', 'cjs'].flatMap((ending) => [
  `prisma.config.${ending}`,
  `.config/prisma.${ending}`,
])

/**
 * The folders in which the tools of a project keep their migrations: those that are there first, and among them in the order
 * Supabase CLI, Drizzle Kit, Prisma. `packages` are the folders that have a package.json, from `cwd`. What a tool's
 * configuration computes is a warning.
 */
export function findMigrations(
  cwd: string,
  packages: readonly string[],
): { found: FoundMigrations[]; warnings: string[] } {
  const warnings: string[] = []
  const all = [findSupabase, findDrizzle, findPrisma].flatMap((find) =>
    packages.flatMap((folder): MigrationsSettings[] => {
      const settings = find(cwd, folder, warnings)
      return settings === null ? [] : [settings]
    }),
  )
  const found = all.map((settings) => ({ settings, isThere: isFolder(join(cwd, settings.folder)) }))
  return { found: found.sort((a, b) => Number(b.isThere) - Number(a.isThere)), warnings }
}

/** The tool of a folder that was named. Throws UsageError where it can't be told. */
export function nameTool(cwd: string, folder: string, found: readonly FoundMigrations[]): FoundMigrations {
  const path = joinFolder(folder.split(sep).join('/'))
  const known = found.find(({ settings }) => settings.folder === path)
  if (known) return known
  const entries = isFolder(join(cwd, path)) ? readdirSync(join(cwd, path), { recursive: true }).map(String) : []
  const has = (name: string): boolean => entries.some((entry) => basename(entry) === name)
  const tool = ((): MigrationsSettings['tool'] | null => {
    if (has('migration_lock.toml')) return 'prisma'
    if (has('_journal.json') || has('snapshot.json')) return 'drizzle'
    if (/(^|\/)supabase\//.test(path)) return 'supabase'
    if (has('migration.sql')) return 'prisma'
    return [...new Set(found.map(({ settings }) => settings.tool))].length === 1
      ? (found[0]?.settings.tool ?? null)
      : null
  })()
  if (tool !== null) return { settings: { tool, folder: path }, isThere: entries.length > 0 }
  throw new UsageError('init.migrations', `Which tool ${folder} is of can't be told.`, {
    hint: 'It is no folder of the Supabase CLI, Drizzle Kit or Prisma. Correct it, or leave --migrations out.',
  })
}

function findSupabase(cwd: string, folder: string): MigrationsSettings | null {
  const at = posix.join(folder, 'supabase')
  const isThere = existsSync(join(cwd, at, 'config.toml')) || isFolder(join(cwd, at, 'migrations'))
  return isThere ? { tool: 'supabase', folder: posix.join(at, 'migrations') } : null
}

function findDrizzle(cwd: string, folder: string, warnings: string[]): MigrationsSettings | null {
  const file = DRIZZLE.map((name) => posix.join(folder, name)).find((name) => existsSync(join(cwd, name)))
  if (file === undefined) return null
  const out = readSetting(cwd, file, ['out'])
  if (out === null)
    warnings.push(
      `${file} computes where the migrations go: name the folder with --migrations, unless it is ${posix.join(folder, 'drizzle')}.`,
    )
  return { tool: 'drizzle', folder: joinFolder(folder, out ?? 'drizzle') }
}

function findPrisma(cwd: string, folder: string, warnings: string[]): MigrationsSettings | null {
  const file = PRISMA.map((name) => posix.join(folder, name)).find((name) => existsSync(join(cwd, name)))
  const path = file === undefined ? undefined : readSetting(cwd, file, ['migrations', 'path'])
  if (typeof path === 'string') return { tool: 'prisma', folder: joinFolder(folder, path) }
  const named = (file === undefined ? undefined : readSetting(cwd, file, ['schema'])) ?? readManifest(cwd, folder)
  if (file !== undefined && (path === null || named === null))
    warnings.push(
      `${file} computes where the migrations are: name the folder with --migrations, if what is written is wrong.`,
    )
  const schema = [named ?? [], 'prisma/schema.prisma', 'schema.prisma', 'prisma/schema']
    .flat()
    .map((name) => posix.join(folder, name))
    .find((name) => existsSync(join(cwd, name)))
  if (schema === undefined) return null
  // A folder of several files: the migrations are in it or beside it, as its main file is.
  const inside = posix.join(schema, 'migrations')
  if (isFolder(join(cwd, schema)) && isFolder(join(cwd, inside))) return { tool: 'prisma', folder: inside }
  return { tool: 'prisma', folder: posix.join(posix.dirname(schema), 'migrations') }
}

/** `"prisma": { "schema": "db/schema.prisma" }` of package.json. */
function readManifest(cwd: string, folder: string): string | undefined {
  const manifest = asObject(parseLooseJson(readText(join(cwd, folder, 'package.json'))))
  const { schema } = asObject(manifest.prisma)
  return typeof schema === 'string' ? schema : undefined
}

function readSetting(cwd: string, file: string, place: readonly string[]): string | null | undefined {
  const text = readText(join(cwd, file))
  if (!file.endsWith('.json')) return readConfigText(file, text, place)
  const value = place.reduce<unknown>((at, name) => asObject(at)[name], parseLooseJson(text))
  return typeof value === 'string' ? value : value === undefined ? undefined : null
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // What can't be read says nothing: then the places are the usual ones.
    return ''
  }
}

/** Without a slash at its end. */
function joinFolder(...parts: readonly string[]): string {
  return posix.join(...parts).replace(/(.)\/$/, '$1')
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
