import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { findRoot, listFiles } from '../../../src/codemap/discover/list-files.ts'
import { findTouching } from '../../../src/codemap/evaluate/touching.ts'
import { readCodeMap } from '../../../src/codemap/read-code-map.ts'
import { readProgram } from '../../../src/codemap/read-program.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function write(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-touching-'))
  folders.push(folder)
  for (const [file, text] of Object.entries({ 'package.json': '{}', ...files })) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  return folder
}

/** The functions that are evaluated, by their names. */
async function touched(files: Readonly<Record<string, string>>): Promise<string[]> {
  const { root, within } = findRoot(write(files), [])
  const { program } = await readProgram(listFiles(root), within)
  const modules = program.files.flatMap((file) => program.module(file) ?? [])
  const { functions } = findTouching(program, modules, {
    words: ['from', 'delete', 'count'],
    libraries: [/^@supabase\/supabase-js$/, /^knex$/],
    callable: [/^knex$/],
  })
  const names = modules.flatMap(({ ir }) =>
    ir.functions.flatMap(({ own, name }, number) => (own && name && functions.get(ir)?.has(number) ? [name] : [])),
  )
  return [...new Set(names)].sort()
}

const CLIENT = `import { createClient } from '@supabase/supabase-js'\nexport const db = createClient('u', 'k')\n`

test('who calls a function that leads to the database does, over modules and members; nobody else', async () => {
  const found = await touched({
    'client.ts': CLIENT,
    'posts.ts': `import { db } from './client'
      export function save(row: object) { return db.from('posts').insert(row) }
      export const label = (row: { a: string }) => row.a.trim()`,
    'index.ts': `export { save as store } from './posts'`,
    'use.ts': `import { store } from './index'
      import { label } from './posts'
      export const api = { publish: (row: object) => store(row) }
      export function onClick(row: any) { return api.publish(row) }
      export function show(row: any) { return label(row) }`,
  })
  expect(found).toEqual(['onClick', 'publish', 'save'])
})

test('what the language and its lists do under the same names leads nowhere', async () => {
  expect(
    await touched({
      'client.ts': CLIENT,
      'plain.ts': `import './client'
        import { readFile } from 'node:fs/promises'
        export function toggle(seen: Set<string>, id: string) { seen.delete(id) }
        export function copy(list: string[]) { const next = new Set(list); next.delete('a'); return Array.from(next) }
        export async function read() { const text = await readFile('x'); return Buffer.from(text) }
        export function unknownReceiver(x: any) { return x.count() }`,
    }),
  ).toEqual(['unknownReceiver'])
})

test('members of one name are told apart in programs that have nothing to do with each other', async () => {
  const found = await touched({
    'server/client.ts': CLIENT,
    'server/store.ts': `import { db } from './client'
      export class Store { async load() { return await db.from('posts').select('id') } }`,
    'web/page.ts': `export function page(api: { load(): void }) { api.load() }`,
    'server/main.ts': `import { Store } from './store'
      export function main() { return new Store().load() }`,
  })
  expect(found).toEqual(['Store.load', 'main'])
})

test('a program of the repository that has nothing to do with a database is not followed', async () => {
  const { root, within } = findRoot(
    write({
      'server/client.ts': CLIENT,
      'server/format.ts': `import { db } from './client'\nexport const format = (x: string) => [x, db]`,
      'web/page.ts': `import { label } from './label'\nexport const page = () => label('Select one from the list')`,
      'web/label.ts': 'export const label = (x: string) => x',
      'jobs/report.ts': `import { run } from './run'\nexport const report = () => run('SELECT id FROM posts')`,
      'jobs/run.ts': 'export const run = (x: string) => x',
      'shared/global.ts': `export const users = () => globalThis.shared.from('users').select('id')`,
    }),
    [],
  )
  const { program } = await readProgram(listFiles(root), within)
  expect(program.files).toEqual([
    'jobs/report.ts',
    'jobs/run.ts',
    'server/client.ts',
    'server/format.ts',
    'shared/global.ts',
  ])
})

test('a client that is a function itself is followed by its declared type, through an alias', async () => {
  const found = await touched({
    'db.ts': `import type { Knex } from 'knex'\nexport type Db = Knex | Knex.Transaction`,
    'store.ts': `import type { Db } from './db'
      export class Sessions {
        private client
        constructor(client: Db) { this.client = client }
        all() { return this.client('sessions') }
        name() { return 'sessions' }
      }
      export class Injected {
        declare readonly db: Db
        all() { return this.db('tokens') }
      }`,
  })
  expect(found).toContain('Sessions.all')
  expect(found).toContain('Injected.all')
  expect(found).not.toContain('Sessions.name')
})

test('what is told apart no longer, in a program of very many instances, is listed as unresolved', async () => {
  const tables = Array.from({ length: 1000 }, (_, at) => `t${at}`)
  const methods = Array.from({ length: 9 }, (_, at) => `m${at}() { return this.db.from(this.table).select('c${at}') }`)
  const folder = write({
    'client.ts': CLIENT,
    'repository.ts': `import type { SupabaseClient } from '@supabase/supabase-js'
      export class Repository {
        constructor(private readonly db: SupabaseClient, private readonly table: string) {}
        ${methods.join('\n')}
      }`,
    'use.ts': `import { db } from './client'\nimport { Repository } from './repository'
      ${tables.map((name) => `export const ${name} = new Repository(db, '${name}')`).join('\n')}`,
  })
  const { interactions, unresolved } = await readCodeMap(folder)
  const named = new Set(interactions.map(({ table }) => table))
  expect(named.size).toBeGreaterThan(300)
  expect(named.size).toBeLessThan(1000)
  expect(unresolved.map(({ file, line }) => `${file}:${line}`)).toEqual(
    methods.map((_, at) => `repository.ts:${4 + at}`),
  )
})

test('every statement is found that a wrapper of a client is handed, however many there are', async () => {
  const modules = Array.from({ length: 30 }, (_, at) => at)
  const calls = (at: number) =>
    Array.from(
      { length: 40 },
      (_, one) => `export const f${one} = () => ${one % 2 ? 'one' : 'query'}('select a from t${at}_${one}')`,
    )
  const folder = write({
    'package.json': '{ "dependencies": { "pg": "8" } }',
    'db.ts': `import { Pool } from 'pg'
      const pool = new Pool()
      export async function query(text: string) { return run(text) }
      async function run(text: string) { return pool.query(text) }
      export async function one(text: string) { const { rows } = await query(text); return rows[0] }`,
    ...Object.fromEntries(
      modules.map((at) => [`m${at}.ts`, `import { one, query } from './db'\n${calls(at).join('\n')}`]),
    ),
  })
  const { interactions, unresolved } = await readCodeMap(folder)
  expect(unresolved).toEqual([])
  expect(new Set(interactions.map(({ table }) => table)).size).toBe(1200)
})
