import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../src/control/read-config.ts'
import { sealDraft } from '../../src/design/seal-draft.ts'
import { createTestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

async function start(...statements: string[]) {
  const db = await createTestDatabase()
  const cwd = await mkdtemp(join(tmpdir(), 'crossfade-design-'))
  onTestFinished(async () => {
    await db.drop()
    await rm(cwd, { recursive: true })
  })
  for (const statement of statements) await db.query(statement)
  const run = async (...words: string[]) =>
    await new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      const options = { cwd, env: { ...process.env, DATABASE_URL: db.url, NO_COLOR: '1' } }
      execFile(process.execPath, [MAIN, 'design', ...words], options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      )
    })
  return { db, cwd, run }
}

const TWINS = [
  'create schema app',
  `create table app.posts (code text primary key, body text not null)`,
  `create table app.posts_old (code text primary key, body text not null)`,
  `insert into app.posts select 'k' || n, 'body ' || n from generate_series(1, 50) n`,
  `insert into app.posts_old select 'K' || n || ' ', 'body ' || n from generate_series(11, 60) n`,
]

test('it writes both files, in another schema too, and never over what was changed by hand', async () => {
  const { cwd, run } = await start(...TWINS)
  const first = await run('--schema', 'app')
  expect(first.stderr).not.toContain('Error')
  expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('unified_posts: merge of posts') })
  expect((await readdir(cwd)).sort()).toEqual(['NEW_PERFECT_SCHEMA.sql', 'crossfade.config.ts'])
  const config = join(cwd, 'crossfade.config.ts')
  expect(await readFile(config, 'utf8')).toContain("oldSchema: 'app'")
  await writeFile(config, 'mine\n')
  const second = await run('--schema', 'app', '--json')
  expect(JSON.parse(second.stdout).files).toEqual([
    { path: 'NEW_PERFECT_SCHEMA.sql', state: 'unchanged' },
    { path: 'crossfade.config.ts.draft', state: 'beside' },
  ])
  expect(await readFile(config, 'utf8')).toBe('mine\n')
})

test('a table that the role may not read is told, without the password', async () => {
  const { db, run } = await start(
    `create table secret (ref text primary key, body text)`,
    `create table secret_old (ref text primary key, body text)`,
  )
  const role = `blind_${db.name}`
  await db.query(`create role "${role}" login password 'Ungues5able'`)
  await db.query(`grant select on secret to "${role}"`)
  onTestFinished(async () => {
    await db.query(`drop owned by "${role}"`)
    await db.query(`drop role "${role}"`)
  })
  const url = Object.assign(new URL(db.url), { username: role, password: 'Ungues5able' }).href
  const { code, stdout, stderr } = await run('secret', 'secret_old', '--database', url)
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('secret_old could not be read (the role may not read it)'),
  })
  expect(stdout + stderr).not.toMatch(/^ +at |Ungues5able/m)
})

test('the report in the folder serves; one that is older than the database, or none at all, is said', async () => {
  const { cwd, run } = await start('create table a (x int primary key, y text)')
  await mkdir(join(cwd, 'crossfade'))
  const report = join(cwd, 'crossfade/OVERLAP_REPORT.json')
  const group = { tables: ['a', 'gone'], score: 1, evidence: [], key: null, keyed: [], sets: [], sample: null }
  const none = { tables: [], identities: [], keys: [], pairs: [], links: [], problems: [], migrations: null }
  await writeFile(
    report,
    JSON.stringify({ version: 1, schemas: ['public'], showsValues: false, ...none, groups: [group] }),
  )
  expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('names gone') })
  await writeFile(report, '{"groups": 1}')
  expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('not what its name says') })
  expect(await readdir(cwd)).toEqual(['crossfade'])
})

test.each([
  [['a', 'b'], 2, /There is no table b/],
  [[], 2, /no two tables to compare/],
  [['--database', 'postgres://nobody@127.0.0.1:1/none'], 3, /./],
] as const)('%j ends with %i, and writes nothing', async (words, code, said) => {
  const { cwd, run } = await start('create table a (x int primary key)')
  const ended = await run(...words)
  expect(ended).toMatchObject({ code, stderr: expect.stringMatching(said) })
  expect(await readdir(cwd)).toEqual([])
})

const BEFORE = `export default {
  database: { env: 'DATABASE_URL', file: '.env' },
  code: ['src'],
  migrations: { tool: 'drizzle', folder: "it's" },
  oldSchema: 'app',
  newSchema: 'next',
  schema: './other.sql',
  tables: {},
  approvals: { finish: 2 },
  trusted: ['app_owner'],
  accept: ['unified_posts.not-null.body'],
  sync: { workers: 4, throttle: { activeSessions: false } },
}`

test('what the configuration says besides the mapping stays, also where it was changed by hand', async () => {
  const { cwd, run } = await start(...TWINS)
  const config = join(cwd, 'crossfade.config.ts')
  await writeFile(config, BEFORE)
  const edited = await run('posts', 'posts_old')
  expect(edited).toMatchObject({ code: 0, stderr: expect.not.stringContaining('✗') })
  const draft = await readFile(`${config}.draft`, 'utf8')
  expect(draft).toContain(
    `  // The tool of the migrations, and their folder.\n  migrations: { tool: 'drizzle', folder: "it's" },\n`,
  )
  // Nobody has changed this one, so it is written again, and has the words once more.
  await writeFile(config, sealDraft(draft.slice(draft.indexOf('\n') + 1), '//'))
  await run('posts', 'posts_old', '--new-schema', 'later')
  const { config: words } = await readConfig({ cwd })
  expect(Object.keys(words.tables)).toEqual(['unified_posts'])
  expect(words).toMatchObject({
    ...{ database: { env: 'DATABASE_URL', file: '.env' }, code: ['src'], oldSchema: 'app', newSchema: 'later' },
    ...{ migrations: { tool: 'drizzle', folder: "it's" }, approvals: { finish: 2 }, trusted: ['app_owner'] },
    ...{ accept: ['unified_posts.not-null.body'], sync: { workers: 4, throttle: { activeSessions: false } } },
  })
})
