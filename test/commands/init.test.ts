import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/control/read-config.ts'
import { isUntouched } from '../../src/design/seal-draft.ts'
import { projectFolder } from '../init/project-folder.ts'
import { createTestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const PASSWORD = 'Ungues5able'
const NAMES = ['DATABASE_URL', 'DIRECT_URL', 'POSTGRES_URL', 'POSTGRES_URL_NON_POOLING', 'SUPABASE_DB_URL', 'PGHOST']

const PROJECT = {
  'package.json': '{ "dependencies": { "pg": "8" } }',
  'src/posts.mjs': `import pg from 'pg'\nexport const all = () => new pg.Pool().query('select body from posts union select body from posts_old')\n`,
  'old/posts.mjs': '',
  'supabase/migrations/1.sql': 'create table posts (code text primary key, body text not null)',
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** In an environment that names no database. */
async function run(cwd: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const none = Object.fromEntries(NAMES.map((name) => [name, undefined]))
  const options = { cwd, env: { ...process.env, ...none, NO_COLOR: '1', ...env } }
  return await new Promise((done) => {
    const child = execFile(process.execPath, [MAIN, ...words], options, (error, stdout, stderr) => {
      expect(stdout + stderr).not.toContain(PASSWORD)
      expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
    child.stdin?.end()
  })
}

async function database(...statements: string[]) {
  const db = await createTestDatabase()
  onTestFinished(() => db.drop())
  for (const statement of statements) await db.query(statement)
  return db
}

test('from nothing to a draft of the mapping, with what was found in each file', async () => {
  const db = await database(
    'create table posts (code text primary key, body text not null)',
    'create table posts_old (code text primary key, body text not null)',
    `insert into posts select 'k' || n, 'body ' || n from generate_series(1, 50) n`,
    `insert into posts_old select 'k' || n, 'body ' || n from generate_series(11, 60) n`,
  )
  const cwd = await projectFolder({ ...PROJECT, '.env': `DIRECT_URL=${db.url}\n` })
  const path = join(cwd, 'crossfade.config.ts')
  const first = await run(cwd, ['init', '--code', 'src'])
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toMatch(
    /^Database: +DIRECT_URL in \.env: .*, user \w+\n +PostgreSQL \d+\.\d+, 2 tables in public; the role \w+ may do all that is needed\n/,
  )
  expect(first.stdout).toContain('Code:       src: pg (1 file)\nMigrations: supabase/migrations (Supabase CLI)\n')
  expect(first.stdout).toMatch(/\nWritten: crossfade\.config\.ts\nNext: crossfade map, .*crossfade design\n$/)
  const text = await readFile(path, 'utf8')
  expect(text).not.toContain('://')
  expect(isUntouched(text)).toBe(true)

  const again = await run(cwd, ['init', '--yes', '--json'])
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('crossfade.config.ts is there already') })
  expect(JSON.parse(again.stdout)).toMatchObject({ ok: false, error: { code: 'init.exists' } })
  expect(await readFile(path, 'utf8')).toBe(text)

  const check = await run(cwd, ['check'])
  expect(check).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/has no tables yet\.\n.*crossfade design writes a draft/),
  })
  const map = await run(cwd, ['map', '--database', '--json'])
  expect(map).toMatchObject({ code: 0, stderr: '' })
  const { interactions, tables } = JSON.parse(map.stdout)
  expect([...new Set(interactions.map(({ file }: { file: string }) => file))]).toEqual([
    'src/posts.mjs',
    'supabase/migrations/1.sql',
  ])
  expect(tables).toContainEqual(expect.objectContaining({ name: 'posts', statistics: expect.anything() }))

  const design = await run(cwd, ['design', '--json'])
  expect(design.stderr).not.toContain('✗')
  expect(JSON.parse(design.stdout).files).toEqual([
    { path: 'NEW_PERFECT_SCHEMA.sql', state: 'new' },
    { path: 'crossfade.config.ts', state: 'written again' },
  ])
  const { config } = await readConfig({ cwd })
  expect(config).toMatchObject({
    ...{ database: { env: 'DIRECT_URL', file: '.env' }, code: ['src'] },
    ...{
      migrations: { tool: 'supabase', folder: 'supabase/migrations' },
      tables: { unified_posts: { kind: 'merge' } },
    },
  })
})

test('a role without the rights is told which, and every warning is in the document', async () => {
  const db = await database('create schema app', 'create table app.posts (id int)', 'create table app.tweets (id int)')
  const role = `weak_${db.name}`
  await db.query(`create role "${role}" login password '${PASSWORD}'`)
  onTestFinished(async () => void (await db.query(`drop role "${role}"`)))
  const url = new URL(db.url)
  url.username = role
  url.password = PASSWORD
  const cwd = await projectFolder(PROJECT)
  const words = ['init', '--schema', 'app', '--json', '--config', 'db/mapping.config.ts']
  const { code, stdout } = await run(cwd, words, { POSTGRES_URL: url.href })
  expect(code).toBe(0)
  const document = JSON.parse(stdout)
  expect(document).toMatchObject({
    ...{ ok: true, path: 'db/mapping.config.ts', code: ['old', 'src'] },
    database: { env: 'POSTGRES_URL', file: null, user: role, isSet: true, pooler: false, server: { role, tables: 2 } },
    warnings: [
      expect.stringContaining(`The role "${role}" may not create schemas`),
      expect.stringContaining('does not own app.posts (and 1 more)'),
    ],
  })
  const { config } = await readConfig({ cwd, config: 'db/mapping.config.ts' })
  expect(config).toMatchObject({
    ...{ oldSchema: 'app', newSchema: 'new_schema', code: ['../old', '../src'] },
    ...{ database: { env: 'POSTGRES_URL' }, migrations: { tool: 'supabase', folder: '../supabase/migrations' } },
  })
  const design = await run(cwd, ['design', '--config', 'db/mapping.config.ts'])
  expect(design).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/takes the database's URL from POSTGRES_URL, which is not set/),
  })
})

test('another database, another schema, a server that is not there: warnings, and the file is written', async () => {
  const db = await database()
  const nowhere = `postgres://me:${PASSWORD}@127.0.0.1:1/x`
  const tried = async (words: readonly string[], url: string) => {
    const cwd = await projectFolder(PROJECT)
    const ended = await run(cwd, ['init', ...words], { DATABASE_URL: url })
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('Written: crossfade.config.ts') })
    await readConfig({ cwd })
    return ended.stdout
  }
  const [empty, other, gone, untried] = await Promise.all([
    tried([], db.url),
    tried(['--schema', 'new_schema'], db.url),
    tried([], nowhere),
    tried(['--no-connect'], nowhere),
  ])
  expect(empty).toContain('  ! The schema "public" has no tables')
  expect(other).toContain('  ! There is no schema "new_schema" there')
  expect(other).toContain('crossfade overlap --schema new_schema')
  expect(gone).toMatch(/ {2}! Can't connect to 127\.0\.0\.1:1 as me: nothing listens there/)
  expect(untried).not.toContain('!')
})

test('without a URL the configuration names DATABASE_URL, and it is said what to set', async () => {
  const cwd = await projectFolder({ 'package.json': '{}', '.env': `DATABASE_URL=mysql://me:${PASSWORD}@h/d\n` })
  const { code, stdout } = await run(cwd, ['init'])
  expect(code).toBe(0)
  expect(stdout).toContain('Database:   none was found; the configuration names DATABASE_URL')
  expect(stdout).toContain('! DATABASE_URL in .env is left out: ')
  expect(stdout).toContain(
    'First: set DATABASE_URL in the environment: postgres://<user>:<password>@<host>:5432/<database>',
  )
  expect((await readConfig({ cwd })).config).toMatchObject({ database: { env: 'DATABASE_URL' }, tables: {} })
  const snapshot = await run(cwd, ['snapshot'])
  expect(snapshot).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/takes the database's URL from DATABASE_URL, which is not set/),
  })
})

test('of a pooler in transaction mode the session port, under a variable that is to be set', async () => {
  const cwd = await projectFolder({
    ...PROJECT,
    '.env': `DATABASE_URL=postgres://p:${PASSWORD}@x.pooler.supabase.com:6543/d`,
  })
  const { stdout } = await run(cwd, ['init', '--no-connect'])
  expect(stdout).toContain('taken as DIRECT_URL, with port 5432 in place of 6543')
  expect(stdout).toContain(
    'First: set DIRECT_URL in .env, or in the environment: DATABASE_URL with port 5432 in place of 6543',
  )
  expect((await readConfig({ cwd })).config.database).toEqual({ env: 'DIRECT_URL', file: '.env' })
})

test('folders of any name', async () => {
  const names = ["it's", '$(touch x)', '-rf', 'ü "q"\n1', 'a;b']
  const files = Object.fromEntries(names.map((name) => [`${name}/a.mjs`, `import 'pg'`]))
  const cwd = await projectFolder({ 'package.json': '{}', ...files })
  const strange = join(cwd, '..', `a 'b"\n${names[4]}-${process.pid}`)
  await rename(cwd, strange)
  onTestFinished(async () => await rename(strange, cwd))
  expect(await run(strange, ['init', '--no-connect'])).toMatchObject({ code: 0, stderr: '' })
  expect((await readConfig({ cwd: strange })).config.code).toEqual([...names].sort())
})

test.each<[words: string[], message: RegExp]>([
  [['--database-env', `postgres://me:${PASSWORD}@h/d`], /takes the name of a variable/],
  [['--database-env', 'WRONG'], /WRONG in \.env is left out: .*does not begin with postgres/],
  [['--database-file', 'gone'], /gone can't be read: ENOENT/],
  [['--code', 'src', 'gone'], /There is no file or folder gone/],
  [['--migrations', 'src'], /Which tool src is of can't be told/],
  [['--config', 'package.json/deep.ts'], /deep\.ts can't be written/],
  [['--brew'], /unknown option/],
])('%j is a mistake, and nothing is written', async (words, message) => {
  const { 'supabase/migrations/1.sql': _, ...files } = PROJECT
  const cwd = await projectFolder({ ...files, '.env': `WRONG=mysql://me:${PASSWORD}@h/d` })
  const ended = await run(cwd, ['init', '--json', ...words])
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
  expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false })
  expect((await readdir(cwd)).sort()).toEqual(['.env', 'old', 'package.json', 'src'])
})

test('a folder that is no project', async () => {
  const cwd = await projectFolder({
    'broken/package.json': '{',
    'js/crossfade.config.js': 'mine',
    'js/package.json': '{}',
  })
  await mkdir(join(cwd, 'folder/package.json'), { recursive: true })
  expect(await run(cwd, ['init'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/There is no .*package\.json/),
  })
  expect(await run(join(cwd, 'broken'), ['init'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/is not JSON/),
  })
  expect(await run(join(cwd, 'folder'), ['init'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/EISDIR/) })
  // Its name is another one, and it would be loaded in its place.
  expect(await run(join(cwd, 'js'), ['init'])).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/config\.js is there already/),
  })
})

test('Ctrl-C while it waits for the server ends it at once, with nothing written', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number }
  const cwd = await projectFolder(PROJECT)
  await writeFile(join(cwd, '.env'), `DATABASE_URL=postgres://me:${PASSWORD}@127.0.0.1:${port}/d`)
  const env = { ...process.env, DATABASE_URL: undefined }
  const child = spawn(process.execPath, [MAIN, 'init'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [socket] = await once(silent, 'connection')
  child.kill('SIGINT')
  const asked = Date.now()
  const [code] = await once(child, 'exit')
  expect(code).toBe(130)
  expect(Date.now() - asked).toBeLessThan(3_000)
  expect(existsSync(join(cwd, 'crossfade.config.ts'))).toBe(false)
  socket.destroy()
  silent.close()
})
