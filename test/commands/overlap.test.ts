import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function start(...statements: string[]) {
  const db = await createTestDatabase()
  const cwd = await mkdtemp(join(tmpdir(), 'crossfade-overlap-'))
  onTestFinished(async () => {
    await db.drop()
    await rm(cwd, { recursive: true })
  })
  for (const statement of statements) await db.query(statement)
  const run = async (
    words: readonly string[],
    onStart?: (kill: () => void) => void,
    env: Readonly<Record<string, string>> = { DATABASE_URL: db.url },
  ): Promise<Ended> =>
    await new Promise((done) => {
      const options = { cwd, env: { ...process.env, NO_COLOR: '1', ...env } }
      const child = execFile(process.execPath, [MAIN, 'overlap', ...words], options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      )
      onStart?.(() => void child.kill('SIGINT'))
    })
  return { db, cwd, run }
}

const TWINS = [
  `create table posts as select 'k' || n as code, 'secret ' || n as body from generate_series(1, 50) n`,
  `create table posts_old as select 'K' || n || ' ' as code, 'secret ' || n as body from generate_series(11, 60) n`,
]

test('it writes the report, its drawings and the JSON, and takes drawings of an earlier run away', async () => {
  const { cwd, run } = await start(...TWINS)
  const first = await run([])
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('posts and posts_old: 40 shared, 10 and 10') })
  const files = ['OVERLAP_GROUP_1.svg', 'OVERLAP_MATRIX.svg', 'OVERLAP_REPORT.json', 'OVERLAP_REPORT.md']
  expect((await readdir(join(cwd, 'crossfade'))).sort()).toEqual(files)
  const page = await readFile(join(cwd, 'crossfade/OVERLAP_REPORT.md'), 'utf8')
  for (const [, file = ''] of page.matchAll(/!\[[^\]]*\]\(([^)]*)\)/g)) expect(files).toContain(file)
  expect(page).not.toContain('secret')
  await writeFile(join(cwd, 'crossfade/OVERLAP_GROUP_7.svg'), '')
  const second = await run(['posts', 'posts_old', '--json'])
  const document = JSON.parse(second.stdout)
  expect(document.groups[0]).toMatchObject({ score: null, tables: ['posts', 'posts_old'] })
  expect(document.pairs[0].key.form).toBe('folded')
  expect((await readdir(join(cwd, 'crossfade'))).sort()).toEqual(files)
})

test('suspects of the map in the same folder count; a file that is no map is said', async () => {
  const { cwd, run } = await start(
    'create table a (x int, y text)',
    'create table b (p text, q int)',
    'create table c (r timestamptz)',
  )
  expect((await run([])).stdout).toContain('No two tables look like the same thing')
  const suspects = [{ tables: ['a', 'b'], score: 0.93, evidence: [] }]
  await writeFile(join(cwd, 'crossfade/DATABASE_INTERACTION_MAP.json'), JSON.stringify({ version: 1, suspects }))
  expect((await run([])).stdout).toContain('1. a, b')
  await writeFile(join(cwd, 'crossfade/DATABASE_INTERACTION_MAP.json'), '{')
  expect(await run([])).toMatchObject({ code: 2, stderr: expect.stringContaining('is not what its name says') })
})

test('the configuration says which schema, which migrations and which database', async () => {
  const { db, cwd, run } = await start(
    'create schema app',
    'create table app.notes (id int primary key, body text)',
    'create table app.memos (id int primary key, body text)',
  )
  const config = `{ oldSchema: 'app', migrations: { tool: 'drizzle', folder: './changes' }, database: { file: 'url' }, tables: 7 }`
  await mkdir(join(cwd, 'db/changes'), { recursive: true })
  await writeFile(join(cwd, 'db/changes/1.sql'), 'create schema app; create table app.lost (id int);')
  await writeFile(join(cwd, 'db/crossfade.config.ts'), `export default ${config}`)
  await writeFile(join(cwd, 'db/url'), `DATABASE_URL=${db.url}`)
  const words = ['--json', '--config', 'db/crossfade.config.ts']
  const ended = await run(['notes', 'memos', ...words], undefined, { DATABASE_URL: '' })
  expect(ended).toMatchObject({ code: 0 })
  const { schemas, migrations } = JSON.parse(ended.stdout)
  expect({ schemas, folder: migrations.folder }).toEqual({ schemas: ['app'], folder: 'db/changes' })
  expect(await run(['--schema', 'public', ...words])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('no two tables'),
  })
  await rm(join(cwd, 'db/changes/1.sql'))
  expect(await run(words)).toMatchObject({ code: 0, stderr: expect.stringContaining('no .sql files in db/changes') })
  expect(await run(['--config', 'nowhere.ts'])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/no configuration: .*nowhere\.ts/),
  })
})

test.each([
  [['posts', 'psots'], 2, /There is no table psots/],
  [['--schema', 'nowhere'], 2, /There is no schema "nowhere"/],
  [['--sample', '0'], 2, /above 0/],
  [['--timeout', 'soon'], 2, /number of seconds/],
  [['--migrations', 'nowhere'], 2, /no \.sql files in nowhere/],
  [['--database', 'postgres://nobody@127.0.0.1:1/x'], 3, /nothing listens there/],
])('%s ends with %d', async (words, code, message) => {
  const { run } = await start(...TWINS)
  const ended = await run(words)
  expect(ended.code).toBe(code)
  expect(ended.stderr).toMatch(message)
  expect(ended.stderr).not.toMatch(/^ +at /m)
})

test('Ctrl-C ends the statement on the server, and writes nothing', async () => {
  const { db, cwd, run } = await start(
    `create function slow(text) returns text language plpgsql as $$ begin perform pg_sleep(60); return $1; end $$`,
    `create view endless as select slow('k' || n) as code, n as v from generate_series(1, 50) n`,
    `create view endless_too as select slow('k' || n) as code, n as v from generate_series(1, 50) n`,
  )
  const running = `select count(*)::int as n from pg_stat_activity where application_name = 'crossfade overlap' and query ~ 'endless'
                   and state = 'active'`
  const ended = await run(['endless', 'endless_too'], async (kill) => {
    for (;;) if ((await db.query<{ n: number }>(running))[0]?.n) break
    kill()
  })
  expect(ended).toMatchObject({ code: 130, stderr: expect.stringContaining('Interrupted') })
  expect(await db.query(running)).toEqual([{ n: 0 }])
  expect(await readdir(cwd)).toEqual([])
})
