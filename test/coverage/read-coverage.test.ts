import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCodeMap } from '../../src/codemap/read-code-map.ts'
import { oldSchemasOf, readCoverage, readMapping } from '../../src/commands/map-coverage.ts'
import { readLiveDatabase } from '../../src/commands/map-database.ts'
import { readConfigIfThere } from '../../src/control/read-config.ts'
import { UsageError } from '../../src/lib/errors.ts'
import { createTestDatabase } from '../support/database.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-coverage-'))
  await writeFile(
    join(folder, 'migration.sql'),
    'create table plans (id int primary key, title text, status text); create table drafts (id int primary key, body text);',
  )
  await writeFile(
    join(folder, 'new.sql'),
    'create table posts (id int primary key, headline text, body text, state text);',
  )
  await writeFile(
    join(folder, 'app.mjs'),
    `import pg from 'pg'
const pool = new pg.Pool()
export const titles = () => pool.query('select title from plans where id = 1')
export const add = () => pool.query("insert into plans (id, status) values (1, 'queued') on conflict (id) do nothing")
export const bodies = () => pool.query('select body from drafts')
`,
  )
})
afterAll(() => rm(folder, { recursive: true }))

test('without a mapping there is none, and a named one that is not there is said', async () => {
  expect(await readConfigIfThere({ cwd: folder })).toBe(null)
  await expect(readConfigIfThere({ cwd: folder, config: 'nowhere.ts' })).rejects.toThrow(UsageError)
})

test('a configuration without new tables is no mapping yet', async () => {
  const path = join(folder, 'empty.config.js')
  expect(await readMapping(folder, { path, config: { schema: './new.sql', tables: {} } })).toBe(null)
})

async function readMappingOf(cwd: string) {
  const config = await readConfigIfThere({ cwd })
  return config && (await readMapping(cwd, config))
}

test('the mapping of the folder meets its code, its migrations and the new schema', async () => {
  await writeFile(
    join(folder, 'crossfade.config.js'),
    `export default { schema: './new.sql', tables: { posts: { kind: 'merge', key: 'id', sources: {
      plans: { columns: { headline: 'title', state: false } }, drafts: {} } } } }`,
  )
  const project = await readMappingOf(folder)
  const coverage = project && (await readCoverage(project, await readCodeMap(folder)))
  expect(coverage?.unmentioned).toEqual([])
  expect(
    coverage?.accesses.map(({ access, findings }) => [
      `${access.line} ${access.operation} ${access.table}`,
      ...findings.map((one) => `${one.kind} ${one.column}`),
    ]),
  ).toEqual([
    ['3 select plans', 'renamed title', 'shared row null'],
    ['4 upsert plans', 'unmapped status'],
    ['5 select drafts', 'shared row null'],
  ])
})

test('which columns an old table has is asked of the database, where one is named', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'crossfade-coverage-live-'))
  const db = await createTestDatabase()
  try {
    await db.query('create table plans (id int primary key, title text, status text)')
    await db.query('create table drafts (id int primary key, body text)')
    for (const file of ['new.sql', 'app.mjs', 'crossfade.config.js'])
      await copyFile(join(folder, file), join(elsewhere, file))
    const project = await readMappingOf(elsewhere)
    if (project === null) throw new Error('there is no mapping')
    const found = await readCodeMap(elsewhere)
    const { tables } = await readLiveDatabase(db.url, oldSchemasOf(project), null)
    const bodies = async (live: typeof tables) =>
      (await readCoverage(project, found, live)).accesses
        .filter(({ access }) => access.table === 'drafts')
        .flatMap(({ findings }) => findings.map(({ kind, column }) => `${kind} ${column}`))
    // Without it, plans might have a body as well.
    expect(await bodies([])).toEqual(['precedence body', 'shared row null'])
    expect(await bodies(tables)).toEqual(['shared row null'])
    await db.query('alter table plans add column body text')
    const changed = await readLiveDatabase(db.url, oldSchemasOf(project), null)
    expect(await bodies(changed.tables)).toEqual(['precedence body', 'shared row null'])
  } finally {
    await db.drop()
    await rm(elsewhere, { recursive: true })
  }
})

test('tables of Crossfade and of the new schema have no part in the statistics', async () => {
  const db = await createTestDatabase()
  try {
    for (const schema of ['crossfade', 'crossfade_archive', 'new_schema', 'crossfade_club'])
      await db.query(`create schema ${schema} create table t (id int)`)
    const schemas = async (newSchema: string | null) =>
      (await readLiveDatabase(db.url, [], newSchema)).statistics.map(({ schema }) => schema)
    expect(await schemas('new_schema')).toEqual(['crossfade_club'])
    expect(await schemas(null)).toEqual(['crossfade_club', 'new_schema'])
  } finally {
    await db.drop()
  }
})
