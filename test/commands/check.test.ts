import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

async function start() {
  const db = await createTestDatabase()
  const cwd = await mkdtemp(join(tmpdir(), 'crossfade-check-'))
  onTestFinished(async () => {
    await db.drop()
    await rm(cwd, { recursive: true })
  })
  await db.query('create table notes (id int primary key, text text)')
  await db.query(`insert into notes select n, nullif(n % 5, 0)::text from generate_series(1, 50) n`)
  await writeFile(join(cwd, 'new.sql'), 'create table remarks (id int primary key, text text not null);')
  const configure = async (more: string): Promise<void> =>
    await writeFile(
      join(cwd, 'crossfade.config.ts'),
      `import { defineConfig, merge } from 'pg-crossfade'
       export default defineConfig({ schema: './new.sql', ${more}
         tables: { remarks: merge({ key: 'id', sources: { notes: {} } }) } })`,
    )
  const run = async (words: readonly string[], onLine?: (line: string, kill: () => void) => void) =>
    await new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      const options = { cwd, env: { ...process.env, DATABASE_URL: db.url, NO_COLOR: '1' } }
      const child = execFile(process.execPath, [MAIN, 'check', ...words], options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      )
      child.stderr?.on('data', (line) => onLine?.(String(line), () => void child.kill('SIGINT')))
    })
  await configure('')
  return { db, cwd, run, configure }
}

test('exit code 1 while something stops, 0 when it is accepted by name, 2 for a name that is none', async () => {
  const { cwd, run, configure } = await start()
  expect(await run([])).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('stops  remarks.not-null.text: 10 rows: text is NOT NULL'),
  })
  expect((await readdir(join(cwd, 'crossfade'))).sort()).toEqual(['CHECK_REPORT.json', 'CHECK_REPORT.md'])
  await configure(`accept: ['remarks.not-null.text'],`)
  const { code, stdout } = await run(['--json'])
  expect({ code, document: JSON.parse(stdout) }).toMatchObject({ code: 0, document: { ok: true, version: 1 } })
  expect(await readFile(join(cwd, 'crossfade/CHECK_REPORT.json'), 'utf8')).toBe(stdout)
  await configure(`accept: 'all',`)
  expect(await run([])).toMatchObject({ code: 2, stderr: expect.stringContaining('accept') })
})

test('with the map of the code: what it uses and nothing takes, with its place, also of code that fails already', async () => {
  const { cwd, db, run } = await start()
  await db.query('alter table notes add column mood text')
  await writeFile(join(cwd, 'package.json'), '{"dependencies":{"pg":"8"}}')
  await writeFile(
    join(cwd, 'app.ts'),
    `import pg from 'pg'
     const pool = new pg.Pool()
     export const read = () => pool.query('select mood from notes')
     export const write = () => pool.query('update notes set mood = $1', ['calm'])
     export const typo = () => pool.query('select id from nots')`,
  )
  await promisify(execFile)(process.execPath, [MAIN, 'map'], { cwd })
  const { stdout } = await run([])
  expect(stdout).toContain(
    'decide code.unmapped.notes.mood: mood is read, written by code, and nothing in the mapping takes it (app.ts:3 and 1 more)',
  )
  const page = await readFile(join(cwd, 'crossfade/CHECK_REPORT.md'), 'utf8')
  expect(page).toContain('`fails-today.nots`: nots: the database has no such table or view')
  expect(page).toContain('  - app.ts:5\n')
})

test('Ctrl-C while it counts: exit code 130, and nothing is written', async () => {
  const { cwd, db, run } = await start()
  await db.query('create function slow(t text) returns text language sql as $$ select t from pg_sleep(0.2) $$')
  await writeFile(
    join(cwd, 'crossfade.config.ts'),
    `import { defineConfig, merge } from 'pg-crossfade'
     export default defineConfig({ schema: './new.sql', tables: { remarks: merge({ key: 'id', sources: {
       notes: { columns: { text: { from: 'public.slow(text)', back: false } } } } }) } })`,
  )
  const ended = await run([], (line, kill) => {
    if (line.includes('counting')) setTimeout(kill, 500)
  })
  expect(ended.code).toBe(130)
  expect(await readdir(cwd)).not.toContain('crossfade')
})

test('foreign tables that lead nowhere are there on trial, though not what they lead to', async () => {
  const { db, run, configure } = await start()
  await db.query('create extension postgres_fdw')
  await db.query(`create server "far ""away""" foreign data wrapper postgres_fdw options (host '127.0.0.1', port '1')`)
  await db.query(`create foreign table far_notes (id int) server "far ""away""" options (table_name 'notes')`)
  await configure(`keep: ['far_notes'], accept: ['remarks.not-null.text'],`)
  expect(await run([])).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing stops') })
})

test('a table that was dropped meanwhile, and new SQL that is none, are findings', async () => {
  const { db, cwd, run } = await start()
  await writeFile(join(cwd, 'new.sql'), 'create tabel remarks (id int primary key);')
  expect(await run([])).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/stops {2}design\..*new\.sql:1: syntax/),
  })
  await writeFile(join(cwd, 'new.sql'), 'create table remarks (id int primary key, text text);')
  await db.query('drop table notes')
  expect(await run([])).toMatchObject({ code: 1, stdout: expect.stringContaining('there is no table public.notes') })
}, 120_000)

test('a table that the role may not read is told', async () => {
  const { db, run } = await start()
  const role = `nobody_${db.name}`
  await db.query(`create role "${role}" login password 'x'`)
  onTestFinished(async () => void (await db.query(`drop role "${role}"`)))
  const url = Object.assign(new URL(db.url), { username: role, password: 'x' }).href
  const { code, stderr } = await run(['--database', url])
  expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining('permission denied') })
})

test('with an API: what it shows is asked with the key from the file of variables, which is in no output', async () => {
  const { cwd, run, configure } = await start()
  const keys = new Set<unknown>()
  const server = createServer((request, response) => {
    keys.add(request.headers.apikey)
    response.writeHead(406, { 'Content-Type': 'application/json' })
    response.end(
      '{"code":"PGRST106","message":"Invalid schema","hint":"Only the following schemas are exposed: public"}',
    )
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await configure(`supabase: { url: '${url}', keyEnv: 'API_KEY' }, database: { file: '.env' },`)
  expect((await run([])).stderr).toContain('the API is not tried: API_KEY is not set')
  await writeFile(join(cwd, '.env'), 'API_KEY=sb_secret_Ungues5able\n')
  const { stdout, stderr } = await run([])
  expect(stdout).toMatch(
    /decide front-door\.crossfade_compat\.not-exposed: the API doesn't show the schema crossfade_compat/,
  )
  const page = await readFile(join(cwd, 'crossfade/CHECK_REPORT.md'), 'utf8')
  expect(page).toContain('db-schemas = "public, crossfade\\_compat"')
  expect(page).not.toContain('api.compat')
  expect([...keys]).toEqual(['sb_secret_Ungues5able'])
  expect(stdout + stderr + page).not.toContain('Ungues5able')
  await configure(`supabase: { keyEnv: 'sb_secret_Ungues5able' },`)
  const wrong = await run([])
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('supabase.keyEnv must be the name of a variable'),
  })
  expect(wrong.stdout + wrong.stderr).not.toContain('Ungues5able')
}, 180_000)
