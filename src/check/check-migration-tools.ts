import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import type { Project } from '../control/project.ts'
import { COMPAT, CONTROL } from '../lib/schema-names.ts'
import type { Found } from './finding.ts'

/** A file by which a migration tool is known, its path as seen from the configuration, with slashes. */
export interface ToolFile {
  readonly path: string
  readonly text: string
}

const FILES: readonly { readonly folder: string; readonly name: RegExp }[] = [
  { folder: '.', name: /^drizzle\.config\.(ts|mts|cts|js|mjs|cjs|json)$/ },
  { folder: '.', name: /^schema\.prisma$/ },
  { folder: 'prisma', name: /\.prisma$/ },
  { folder: 'prisma/schema', name: /\.prisma$/ },
  { folder: 'supabase', name: /^config\.toml$/ },
]

/** What the migration tools of the repository would do to Crossfade's objects, as far as their own files tell it. */
export async function checkMigrationTools(project: Project): Promise<Found[]> {
  const root = dirname(resolve(project.configPath))
  const { config } = project
  const near = config.migrations ? dirname(resolve(root, config.migrations.folder)) : root
  const folders = [...new Set([root, near, dirname(near)])]
  const files = new Map<string, ToolFile>()
  for (const folder of folders) for (const file of await readToolFiles(root, folder)) files.set(file.path, file)
  const newSchema = config.newSchema ?? 'new_schema'
  return tellMigrationTools([...files.values()], { newSchema, tables: Object.keys(config.tables) })
}

async function readToolFiles(root: string, base: string): Promise<ToolFile[]> {
  const found: ToolFile[] = []
  for (const { folder, name } of FILES) {
    const place = join(base, folder)
    const entries = await readdir(place, { withFileTypes: true }).catch(() => [])
    for (const entry of entries) {
      if (!entry.isFile() || !name.test(entry.name)) continue
      const path = relative(root, join(place, entry.name)).split(sep).join('/')
      const text = await readFile(join(place, entry.name), 'utf8').catch(() => null)
      if (text !== null) found.push({ path, text })
    }
  }
  return found
}

interface Names {
  readonly newSchema: string
  readonly tables: readonly string[]
}

/** Pure: what the files say. */
export function tellMigrationTools(files: readonly ToolFile[], names: Names): Found[] {
  const drizzle = files.filter(({ path }) => /(^|\/)drizzle\.config\.[a-z]+$/.test(path))
  const prisma = files.filter(({ path }) => path.endsWith('.prisma'))
  const supabase = files.find(({ path }) => path.endsWith('supabase/config.toml'))
  return [
    ...drizzle.flatMap((file) => [...tellFilter(file, names), push('drizzle', 'drizzle-kit push', file.path, names)]),
    ...prisma.flatMap((file) => tellSchemas(file, names)),
    ...prisma.slice(0, 1).map((file) => push('prisma', 'prisma db push', file.path, names)),
    ...(supabase ? [diff(supabase.path)] : []),
  ]
}

function tellFilter({ path, text }: ToolFile, names: Names): Found[] {
  const list = readList(text, /\bschemaFilter["']?\s*:\s*(\[[^\]]*\]|["'`][^"'`]*["'`])/)
  if (list === null)
    return [
      {
        ...{ id: ['migrations', 'drizzle', 'schemaFilter', path], severity: 'note', where: path },
        what: "it has no schemaFilter; Drizzle Kit 0.31 looks at public alone then, and Crossfade's schemas are safe from it",
        advice: "Write schemaFilter: ['public'], so that it stays so with another release.",
      },
    ]
  const taken = ownSchemas(list, names)
  if (taken.length === 0) return []
  return [
    {
      ...{ id: ['migrations', 'drizzle', 'schemaFilter', path], severity: 'decide', where: path },
      what: `its schemaFilter takes in ${taken.join(', ')}: drizzle-kit push would drop the tables there`,
      advice: "Write schemaFilter: ['public'] until Crossfade is done.",
    },
  ]
}

function tellSchemas({ path, text }: ToolFile, names: Names): Found[] {
  const taken = ownSchemas(readList(text, /^\s*schemas\s*=\s*(\[[^\]]*\])/m) ?? [], names)
  if (taken.length === 0) return []
  return [
    {
      ...{ id: ['migrations', 'prisma', 'schemas', path], severity: 'decide', where: path },
      what: `its datasource has the schemas ${taken.join(', ')}: prisma db push would drop tables there`,
      advice: 'Take them out of "schemas" until Crossfade is done.',
    },
  ]
}

function push(tool: string, command: string, path: string, { tables }: Names): Found {
  return {
    ...{ id: ['migrations', tool, 'push'], severity: 'note', where: path },
    what: `from move on ${command} against this database drops new tables that aren't declared (${tables.join(', ')})`,
    advice: 'Declare them before move, and let no deployment push to this database; see docs/migrations.md.',
  }
}

function diff(path: string): Found {
  return {
    ...{ id: ['migrations', 'supabase', 'diff'], severity: 'note', where: path },
    what: "from build to finish supabase db diff of this database takes Crossfade's objects for yours, and its new tables for dropped",
    advice:
      'Keep no migration that db diff or db pull writes meanwhile. db push is not concerned; see docs/migrations.md.',
  }
}

/** The words of a list in a file's text; null where it has none. What stands in a line comment doesn't count. */
function readList(text: string, pattern: RegExp): string[] | null {
  const found = pattern.exec(text.replace(/^\s*(\/\/|#).*$/gm, ''))?.[1]
  return found === undefined ? null : [...found.matchAll(/["'`]([^"'`]*)["'`]/g)].map(([, word = '']) => word)
}

/** Those by which one of our schemas is named, also by a pattern with `*`. */
function ownSchemas(words: readonly string[], { newSchema }: Names): string[] {
  const own = [CONTROL, COMPAT, newSchema, 'archived_schema_20260101']
  const matches = (word: string): boolean => {
    const pattern = word.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')
    return own.some((name) => new RegExp(`^${pattern}$`).test(name)) || /^archived_schema_/.test(word)
  }
  return words.filter((word) => !word.startsWith('!') && matches(word))
}
