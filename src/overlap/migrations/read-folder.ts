import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { UsageError } from '../../lib/errors.ts'

export type MigrationTool = 'Supabase CLI' | 'Drizzle Kit' | 'Prisma' | 'sql'

export interface MigrationFolder {
  readonly tool: MigrationTool
  /** As seen from where the person is, with slashes. */
  readonly folder: string
  /** In the order in which the tool runs them. */
  readonly files: readonly { readonly name: string; readonly text: string }[]
}

/** Where each tool keeps its files, unless it is told otherwise. */
const PLACES: readonly { readonly folder: string; readonly tool: MigrationTool }[] = [
  { folder: 'supabase/migrations', tool: 'Supabase CLI' },
  { folder: 'prisma/migrations', tool: 'Prisma' },
  { folder: 'drizzle', tool: 'Drizzle Kit' },
  { folder: 'migrations', tool: 'sql' },
  { folder: 'db/migrations', tool: 'sql' },
]

/**
 * The folder that is named, or the first in which a tool keeps its migrations; null where there is none. Throws UsageError
 * for a named one without files.
 */
export async function readMigrationFolder(cwd: string, named: string | null): Promise<MigrationFolder | null> {
  if (named !== null) {
    const found = await readPlace(cwd, named, await guessTool(cwd, named))
    if (found !== null) return found
    throw new UsageError('overlap.migrations', `There are no .sql files in ${named}.`, {
      hint: 'Name the folder of your migrations, or leave --migrations out.',
    })
  }
  for (const { folder, tool } of PLACES) {
    const found = await readPlace(cwd, folder, tool)
    if (found !== null) return found
  }
  return null
}

async function guessTool(cwd: string, folder: string): Promise<MigrationTool> {
  const entries = await readdir(resolve(cwd, folder), { recursive: true }).catch((): string[] => [])
  if (entries.includes(join('meta', '_journal.json'))) return 'Drizzle Kit'
  if (entries.some((entry) => entry.endsWith(`${sep}migration.sql`))) return 'Prisma'
  return /supabase/.test(folder) ? 'Supabase CLI' : 'sql'
}

async function readPlace(cwd: string, folder: string, tool: MigrationTool): Promise<MigrationFolder | null> {
  const root = resolve(cwd, folder)
  const entries = await readdir(root, { recursive: true }).catch((): string[] => [])
  const names = entries.filter((entry) => entry.endsWith('.sql')).sort()
  const order = tool === 'Drizzle Kit' ? await readJournal(root) : []
  const place = (name: string) => {
    const index = order.indexOf(name.replace(/\.sql$/, ''))
    return index === -1 ? order.length : index
  }
  names.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
  const files = await Promise.all(
    // A migration's way back, in a file of its own, is none that has run.
    names
      .filter((name) => !/[._-](down|undo|rollback)\.sql$/i.test(name))
      .map(async (name) => ({ name: name.split(sep).join('/'), text: await readFile(join(root, name), 'utf8') })),
  )
  if (files.length === 0) return null
  return { tool, folder: relative(cwd, root).split(sep).join('/') || '.', files }
}

/** Drizzle Kit runs its files in the order of its journal, which needn't be that of their names. */
async function readJournal(root: string): Promise<string[]> {
  try {
    const journal: unknown = JSON.parse(await readFile(join(root, 'meta', '_journal.json'), 'utf8'))
    const { entries = [] } = journal as { entries?: { tag?: unknown }[] }
    return entries.flatMap(({ tag }) => (typeof tag === 'string' ? [tag] : []))
  } catch {
    return []
  }
}
