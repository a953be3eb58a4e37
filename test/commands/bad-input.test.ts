import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const PASSWORD = 'Ungues5able'

const OLD = `
create table clients (id int primary key, email text, city text);
create table users_legacy (usr_no text primary key, usr_mail text);
create table no_key (id int, email text);
insert into clients values (1, 'a@x', 'Köln');`
const NEW = 'create table people (id int primary key, email text, city text);'
const SOURCES = `clients: {}, users_legacy: { key: 'usr_no::int', columns: { email: 'usr_mail' } }`

let folder: string
let db: TestDatabase

/** A folder with a space in its name, and a database with two tables that hold the same people. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade bad input '))
  db = await createTestDatabase()
  await db.query(OLD)
  const name = `weak_${db.name}`
  await db.query(`create role "${name}" login password '${PASSWORD}'`)
  await writeFile(join(folder, 'new.sql'), NEW)
  await writeConfig('good')
})

afterAll(async () => {
  await db.query(`drop role "weak_${db.name}"`)
  await db.drop()
  await rm(folder, { recursive: true, force: true })
})

interface Parts {
  readonly sources?: string
  readonly table?: string
  readonly rest?: string
  readonly schema?: string
}

async function writeConfig(name: string, parts: Parts = {}): Promise<string> {
  const { sources = SOURCES, table = '', rest = '', schema = 'new.sql' } = parts
  const path = join(folder, `${name}.config.ts`)
  await writeFile(
    path,
    `import { defineConfig, merge } from 'pg-crossfade'
export default defineConfig({
  schema: './${schema}',
  tables: { people: merge({ key: 'id', sources: { ${sources} }, ${table} }) },
  ${rest}
})
`,
  )
  return path
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function crossfade(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const person = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@crossfade.invalid', NO_COLOR: '1' }
  return await new Promise((done) => {
    const options = { cwd: folder, env: { ...process.env, DATABASE_URL: db.url, ...person, ...env } }
    const child = execFile(process.execPath, [MAIN, ...words], options, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
    child.stdin?.end()
  })
}

/** A user's mistake: message and hint, no stack, no password, and with --json one document on stdout. */
async function expectMistake(words: readonly string[], code: number, message: RegExp, env?: NodeJS.ProcessEnv) {
  const ended = await crossfade([...words, '--json'], env)
  expect(ended.stderr).toMatch(message)
  expect(ended.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
  expect(ended.stdout + ended.stderr).not.toContain(PASSWORD)
  expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, error: { message: expect.any(String) } })
  expect(ended.code).toBe(code)
}

/** Everything that is in the database, as far as a mistake could have left something. */
async function readTraces(): Promise<unknown> {
  return await db.query(`
    select (select array_agg(nspname order by 1) from pg_namespace where nspname !~ '^pg_') as schemas,
           (select count(*) from pg_trigger) as triggers,
           (select array_agg(attrelid::regclass || '.' || attname order by 1) from pg_attribute
             where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)) as columns`)
}

/** Runs together: each spends most of its time starting. */
async function expectNoTraces(checks: readonly Promise<void>[]): Promise<void> {
  const before = await readTraces()
  await Promise.all(checks)
  expect(await readTraces()).toEqual(before)
}

const at = (change: (url: URL) => void): string => {
  const url = new URL(db.url)
  change(url)
  return url.href
}

test('a database that is not there, refuses, or is no URL', async () => {
  const withPassword = (url: URL) => {
    url.password = PASSWORD
  }
  await expectNoTraces([
    expectMistake(['status', '--database', `postgres://me:${PASSWORD}@127.0.0.1:1/x`], 3, /nothing listens there/),
    expectMistake(
      ['status', '--database', at((url) => Object.assign(url, { pathname: '/nowhere' }))],
      3,
      /no database/,
    ),
    expectMistake(['status', '--database', `postgres//me:${PASSWORD}@h/x`], 2, /postgres:\/\/<user>:<password>@<host>/),
    expectMistake(['status'], 2, /No database is named/, { DATABASE_URL: '' }),
    expectMistake(['approve', 'design', '--config', 'good.config.ts', '--yes'], 3, /may not create schemas/, {
      DATABASE_URL: at((url) => {
        withPassword(url)
        url.username = `weak_${db.name}`
      }),
    }),
  ])
})

test('words that no command knows', async () => {
  await expectNoTraces([
    expectMistake(['nonsense'], 2, /no command "nonsense"/),
    expectMistake(['approve'], 2, /missing required argument/),
    expectMistake(['status', '--nonsense'], 2, /unknown option/),
    expectMistake(['approve', 'nonsense'], 2, /no gate "nonsense"/),
    expectMistake(['reads', 'abc'], 2, /not a percentage/),
    expectMistake(['rollback', '--to', 'nowhere'], 2, /no stage "nowhere"/),
    expectMistake(['demo', '--postgres', 'abc'], 2, /not a major version/),
  ])
})

test('commands before their stage', async () => {
  const before = await readTraces()
  // One after the other: each of them is alone at its work, or says so.
  for (const line of ['sync', 'verify', 'move', 'finish', 'reads 1'])
    await expectMistake([...line.split(' '), '--config', 'good.config.ts'], 1, /Nothing is built yet/)
  await expectMistake(['build', '--config', 'good.config.ts'], 1, /Gate "design" has no approval/)
  await expectMistake(['approve', 'build', '--config', 'good.config.ts'], 1, /nothing to approve at gate "build"/)
  await expectMistake(['rollback'], 1, /has done nothing/)
  expect(await readTraces()).toEqual(before)
})

const CONFIGS: readonly (readonly [string, Parts, RegExp])[] = [
  ['a table that is not there', { sources: 'klients: {}' }, /no table public\.klients/],
  ['a source without a key', { sources: 'no_key: {}' }, /no primary key/],
  ['no SQL', { sources: `clients: { columns: { email: 'lower(' } }` }, /not an SQL expression/],
  ['a rule for no column', { table: `columns: { emial: { otherwise: '1' } }` }, /columns\.emial/],
  ['an unknown word', { sources: `clients: { otherwize: 'omit' }` }, /otherwize is not a word/],
  ['no TypeScript', { rest: '{{' }, /can't be loaded: ParseError/],
]

test('a configuration that is wrong', async () => {
  const paths = await Promise.all(CONFIGS.map(([name, parts]) => writeConfig(name, parts)))
  await expectNoTraces(
    CONFIGS.map(([, , message], i) =>
      expectMistake(['approve', 'design', '--yes', '--config', paths[i] ?? ''], 2, message),
    ),
  )
})

const DDL: readonly (readonly [string, RegExp])[] = [
  ['create table clients (id int primary key);', /the old schema has a table/],
  ['alter table clients drop column city;', /clients is not created by this DDL/],
]

test('a new schema that does more than create its own tables', async () => {
  const paths = await Promise.all(
    DDL.map(async ([line], i) => {
      await writeFile(join(folder, `new-${i}.sql`), `${NEW}\n${line}\n`)
      return await writeConfig(`ddl ${i}`, { schema: `new-${i}.sql` })
    }),
  )
  await expectNoTraces(
    DDL.map(([, message], i) => expectMistake(['approve', 'design', '--yes', '--config', paths[i] ?? ''], 2, message)),
  )
})

test('an artifact that was not approved, or is not what was; a second build writes the same one', async () => {
  const config = ['--config', 'good.config.ts']
  await expectMistake(['approve', 'design', '--yes', ...config], 1, /has not been checked/)
  expect((await crossfade(['check', ...config])).code).toBe(0)
  const { stdout } = await crossfade(['approve', 'design', '--yes', '--json', ...config])
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, gate: 'design' })
  await expectMistake(['approve', 'design', '--yes', '--out', 'new.sql', ...config], 2, /can't be written/)
  const other = await writeConfig('other', { sources: `clients: { where: 'id > 0' }` })
  await expectMistake(['build', '--config', other], 1, /not what was approved any more: MAPPING\.md/)

  for (const gate of ['build', 'build']) expect((await crossfade([gate, ...config])).code).toBe(0)
  const { stdout: shown } = await crossfade(['approve', 'build', '--yes', ...config])
  expect(shown).toContain('1 of 1 approvals')
  const [script] = await db.query<{ content: string }>(
    `select content from crossfade.artifact where name = 'BUILD.sql'`,
  )
  expect(script?.content).toContain('CREATE SCHEMA')
  await expectMistake(['verify', ...config], 1, /isn't possible in stage "build"/)

  await db.query('alter table clients drop column city')
  await expectMistake(['approve', 'drift', '--yes', ...config], 1, /column "city" is gone/)
})
