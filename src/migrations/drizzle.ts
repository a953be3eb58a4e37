import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { sha256 } from '../control/project.ts'
import { RefusedError } from '../lib/errors.ts'
import { ident, literal, sql } from '../lib/sql.ts'
import { joinStatements, nextVersion, readNames, readText, replaceFile, writeWhole } from './folder.ts'
import type { Migration, MigrationTool } from './migration-tool.ts'

interface Entry {
  readonly idx: number
  readonly version: string
  readonly when: number
  readonly tag: string
  readonly breakpoints: boolean
}

interface Journal {
  readonly version: string
  readonly dialect: string
  readonly entries: readonly Entry[]
}

const BREAKPOINT = '--> statement-breakpoint'
const JOURNAL = join('meta', '_journal.json')

/** Files by a journal; what has run is told by its time alone, the last one for all. */
export const drizzle: MigrationTool = {
  id: 'drizzle',
  label: 'Drizzle Kit',
  runs: 'drizzle-kit migrate',
  tracking: { schema: null, first: 'drizzle', name: '__drizzle_migrations' },

  async plan(folder, what, statements, now) {
    const { entries } = await readJournal(folder)
    const last = entries.at(-1)
    const tag = `${nextPrefix(entries, now)}${what}`
    const when = Math.max(now.getTime(), ...entries.map((entry) => entry.when + 1))
    const breakpoints = last?.breakpoints ?? true
    const text = joinStatements(statements, breakpoints ? `${BREAKPOINT}\n` : '')
    return { name: tag, path: `${tag}.sql`, when, text, statements }
  },

  async write(folder, migration) {
    const journal = await readJournal(folder)
    await writeWhole(folder, migration.path, migration.text)
    if (journal.entries.some((entry) => entry.tag === migration.name)) return
    await copySnapshot(folder, migration)
    const idx = (journal.entries.at(-1)?.idx ?? -1) + 1
    const { version, entries } = journal
    const entry = {
      idx,
      version,
      when: migration.when,
      tag: migration.name,
      breakpoints: entries.at(-1)?.breakpoints ?? true,
    }
    const text = JSON.stringify({ ...journal, entries: [...entries, entry] }, null, 2)
    await replaceFile(join(folder, JOURNAL), text)
  },

  async readPending(client, table, folder) {
    const { rows } = await client.query<{ last: string | null }>(
      sql`SELECT max(created_at) AS last FROM ${ident(table.schema, table.name)}`.text,
    )
    const last = rows[0]?.last ?? null
    const { entries } = await readJournal(folder)
    return entries.filter((entry) => last === null || entry.when > Number(last)).map((entry) => entry.tag)
  },

  insert(table, migration) {
    return sql`INSERT INTO ${ident(table.schema, table.name)} (hash, created_at) VALUES (${literal(sha256(migration.text))}, ${migration.when})`
  },

  where(migration) {
    return sql`hash = ${literal(sha256(migration.text))} AND created_at = ${migration.when}`
  },
}

async function readJournal(folder: string): Promise<Journal> {
  await readNames(folder, 'file')
  const path = join(folder, JOURNAL)
  const text = await readText(path)
  const journal = text === null ? null : parseJournal(text)
  if (journal?.dialect === 'postgresql' && journal.version === '7' && Array.isArray(journal.entries)) return journal
  const is = text === null ? "isn't there" : 'is not one of version 7 for postgresql'
  throw new RefusedError('migrations.layout', `${path} ${is}, so Crossfade doesn't know how this folder is laid out.`, {
    hint: 'drizzle-kit up brings a folder of an earlier release to version 7. For a later one leave --migration out, and take the SQL from the folder of artifacts.',
  })
}

function parseJournal(text: string): Journal | null {
  try {
    return JSON.parse(text) as Journal
  } catch {
    return null
  }
}

/** In the form that the last one has: a time, seconds since 1970, or a number of four digits. */
function nextPrefix(entries: readonly Entry[], now: Date): string {
  const last = entries.at(-1)
  const written = /^\d+/.exec(last?.tag ?? '')?.[0] ?? ''
  if (written.length === 14)
    return `${nextVersion(
      entries.map((entry) => /^\d+/.exec(entry.tag)?.[0] ?? ''),
      now,
    )}_`
  if (written.length === 10) return `${Math.max(Math.floor(now.getTime() / 1000), Number(written) + 1)}_`
  return `${String((last?.idx ?? -1) + 1).padStart(4, '0')}_`
}

/** As `drizzle-kit generate --custom` does: the same schema under ids of its own. Where there is none, the tool begins with none. */
async function copySnapshot(folder: string, migration: Migration): Promise<void> {
  const meta = join(folder, 'meta')
  const [prefix = ''] = migration.name.split('_')
  const own = `${prefix}_snapshot.json`
  const last = (await readNames(meta, 'file')).filter((name) => !name.startsWith('_') && name !== own).at(-1)
  if (last === undefined) return
  const snapshot = JSON.parse((await readText(join(meta, last))) ?? '{}') as { id?: string }
  const copy = { ...snapshot, id: randomUUID(), prevId: snapshot.id }
  await replaceFile(join(meta, own), JSON.stringify(copy, null, 2))
}
