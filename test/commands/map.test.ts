import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
const PASSWORD = 'Ungues5able'
const STACK = /^\s+at .*:\d+:\d+/m

let folder: string
let db: TestDatabase

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade map '))
  db = await createTestDatabase()
  await put(
    'src/posts.mjs',
    "import pg from 'pg'\nexport const all = () => new pg.Pool().query('select title from posts')\n",
  )
  await put('new.sql', 'create table articles (id int primary key, title text);')
})

afterAll(async () => {
  await db.drop()
  await rm(folder, { recursive: true, force: true })
})

async function put(file: string, text: string): Promise<void> {
  await mkdir(join(folder, file, '..'), { recursive: true })
  await writeFile(join(folder, file), text)
}

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function map(words: readonly string[], cwd = folder): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1' }
  return await new Promise((done) => {
    execFile(process.execPath, [MAIN, 'map', ...words], { cwd, env }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })
}

/** A person's mistake: message and hint, no stack, no password, one document with --json, and nothing written. */
async function expectMistake(words: readonly string[], code: number, message: RegExp): Promise<void> {
  const ended = await map([...words, '--json'])
  expect(ended.stderr).toMatch(message)
  expect(ended.stderr).not.toMatch(STACK)
  expect(ended.stdout + ended.stderr).not.toContain(PASSWORD)
  expect(JSON.parse(ended.stdout)).toMatchObject({ ok: false, error: { message: expect.any(String) } })
  expect(ended.code).toBe(code)
  expect(existsSync(join(folder, 'crossfade'))).toBe(false)
}

test('words that mean nothing, paths that are not there, folders without code', async () => {
  await mkdir(join(folder, 'empty/deep'), { recursive: true })
  await symlink('round', join(folder, 'round'))
  await put('notes/README.md', '# Notes')
  await Promise.all([
    expectMistake(['--nonsense'], 2, /unknown option '--nonsense'/),
    expectMistake(['nowhere'], 2, /no file or folder "nowhere"/),
    expectMistake(['new.sql/deep'], 2, /no file or folder "new\.sql\/deep"/),
    expectMistake(['round'], 2, /no file or folder "round"/),
    expectMistake(['empty'], 2, /no source files in empty/),
    expectMistake(['notes/README.md'], 2, /no source files in notes\/README\.md/),
    expectMistake(['--out', 'new.sql'], 2, /new\.sql can't be written to: it is a file/),
    expectMistake(['--out', 'new.sql/deep/er'], 2, /can't be written to/),
    expectMistake(['--config', 'nowhere.ts'], 2, /no configuration: .*nowhere\.ts/),
  ])
})

const CONFIGS: readonly (readonly [name: string, text: string, message: RegExp])[] = [
  ['no JavaScript', 'export default {{', /can't be loaded: /],
  ['throws', 'throw "a text"', /can't be loaded: a text/],
  ['imports what is not there', "import 'nowhere'\nexport default {}", /can't be loaded: Cannot find module/],
  ['no mapping', 'export default 3', /config\.js/],
  [
    'no schema',
    "export default { schema: './nowhere.sql', tables: { a: { kind: 'append', sources: { posts: {} } } } }",
    /DDL can't be read/,
  ],
  [
    'no SQL',
    `export default { schema: './new.sql', tables: { articles: { kind: 'merge', key: 'id', sources: { posts: {
      columns: { title: 'lower(' } } } } } }`,
    /not an SQL expression/,
  ],
]

test.concurrent.each(CONFIGS)(
  'a configuration that is broken (%s) is no reason to give no map, unless it was asked for',
  async (name, text, message) => {
    const cwd = join(folder, 'configs', name)
    await put(join('configs', name, 'crossfade.config.js'), text)
    await put(join('configs', name, 'new.sql'), 'create table articles (id int primary key, title text);')
    await put(join('configs', name, 'app.mjs'), "import pg from 'pg'\nnew pg.Pool().query('select title from posts')\n")
    const [unasked, asked] = await Promise.all([
      map(['--json'], cwd),
      map(['--config', 'crossfade.config.js', '--out', 'asked'], cwd),
    ])
    expect(unasked.stderr).toMatch(/left out of the map: /)
    expect(unasked.stderr).toMatch(message)
    expect(unasked.stderr).not.toMatch(STACK)
    expect(unasked.code).toBe(0)
    const document = JSON.parse(unasked.stdout)
    expect(document.summary).toMatchObject({ reads: 1 })
    expect(document).not.toHaveProperty('coverage')

    expect(asked.stderr).toMatch(message)
    expect(asked.stderr).not.toMatch(STACK)
    expect(asked.code).toBe(2)
  },
)

test('where no path is named, the code is what the configuration says, with the migrations', async () => {
  const cwd = join(folder, 'configs', 'code')
  const query = (table: string) => `import pg from 'pg'\nnew pg.Pool().query('select title from ${table}')\n`
  await put('configs/code/src/app.mjs', query('posts'))
  await put('configs/code/old/app.mjs', query('papers'))
  await put('configs/code/db/1.sql', 'create table notes (id int); insert into notes values (1);')
  const words = (code: string) => `export default { code: ${code}, schema: './none.sql', tables: {},
    migrations: { tool: 'supabase', folder: 'db' } }`
  await put('configs/code/crossfade.config.js', words("['src']"))
  const files = ({ stdout }: Ended) => [
    ...new Set(JSON.parse(stdout).interactions.map((one: { file: string }) => one.file)),
  ]
  expect(files(await map(['--json'], cwd))).toEqual(['db/1.sql', 'src/app.mjs'])
  expect(files(await map(['old', '--json'], cwd))).toEqual(['old/app.mjs'])
  await put('configs/deep/crossfade.config.js', words("['../code/src']"))
  expect(files(await map(['--json', '--config', 'configs/deep/crossfade.config.js', '--out', 'configs/deep']))).toEqual(
    ['configs/code/src/app.mjs'],
  )
  await put('configs/code/crossfade.config.js', words("['src', 'source']"))
  const wrong = await map(['--json'], cwd)
  expect(wrong).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/code in .* names "source", which is not there/),
  })
})

test('a database that is not there, refuses, or is no URL', async () => {
  // It takes connections and says nothing that Postgres would.
  const silent = createServer((socket) => void socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as { port: number }
  try {
    await Promise.all([
      expectMistake(['--database', ''], 2, /no database was named/),
      expectMistake(['--database', `postgres//me:${PASSWORD}@h/x`], 2, /does not begin with postgres:/),
      expectMistake(['--database', `postgres://me:${PASSWORD}@127.0.0.1:1/x`], 3, /nothing listens there/),
      expectMistake(['--database', `postgres://me:${PASSWORD}@127.0.0.1:${port}/x`], 3, /Can't connect/),
      expectMistake(['--database', db.url.replace(db.name, 'nowhere')], 3, /no database "nowhere"/),
    ])
  } finally {
    silent.close()
  }
})

test('a role that may not read the statistics; one that may read no table at all', async () => {
  const role = `reader_${db.name}`
  await db.query('create table if not exists posts (id int primary key, title text)')
  await db.query(`create role "${role}" login password '${PASSWORD}'`)
  const url = new URL(db.url)
  url.username = role
  url.password = PASSWORD
  try {
    await db.query('revoke all on posts from public')
    const plain = await map(['src', '--json', '--out', 'as-reader', '--database', url.href])
    expect(plain.code).toBe(0)
    expect(JSON.parse(plain.stdout).tables).toMatchObject([{ name: 'posts', statistics: { schema: 'public' } }])

    await db.query('revoke select on pg_catalog.pg_stat_user_tables from public')
    await expectMistake(
      ['--database', url.href],
      3,
      /may not read the statistics: .*\n.*GRANT SELECT ON pg_stat_user_tables/,
    )
  } finally {
    await db.query('grant select on pg_catalog.pg_stat_user_tables to public')
    await db.query(`drop role "${role}"`)
  }
})

test('a map that is stopped leaves the artifacts of the one before, whole', async () => {
  const cwd = join(folder, 'stopped')
  const file = join(cwd, 'crossfade/DATABASE_INTERACTION_MAP.json')
  const line = "new pg.Pool().query('select title from posts')\n"
  await put('stopped/app.mjs', `import pg from 'pg'\n${line.repeat(400)}`)
  expect((await map([], cwd)).code).toBe(0)
  const before = await readFile(file, 'utf8')
  await put('stopped/app.mjs', `import pg from 'pg'\n${line.repeat(401)}`)
  for (const after of [20, 150, 300, 400]) {
    const child = spawn(process.execPath, [MAIN, 'map'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', (text: Buffer) => {
      stderr += text
    })
    child.stdout.resume()
    const ended = once(child, 'exit')
    setTimeout(() => child.kill('SIGINT'), after)
    const [code, signal] = (await ended) as [number | null, string | null]
    expect(code === 0 || signal === 'SIGINT' || code === 130).toBe(true)
    expect(stderr).toBe('')
    const { summary } = JSON.parse(await readFile(file, 'utf8'))
    expect([400, 401]).toContain(summary.interactions)
    if (code !== 0 && summary.interactions === 400) expect(await readFile(file, 'utf8')).toBe(before)
  }
  expect((await map([], cwd)).code).toBe(0)
  const names = (await readdir(join(cwd, 'crossfade'))).filter((name) => !name.endsWith('.tmp'))
  expect(names.sort()).toEqual(['DATABASE_INTERACTION_MAP.json', 'DATA_FLOW_DIAGRAM.md', 'DATA_FLOW_DIAGRAM.svg'])
})

test('the next map does not read what the tool has written', async () => {
  const cwd = join(folder, 'again')
  await put('again/app.mjs', "import pg from 'pg'\nnew pg.Pool().query('select title from posts')\n")
  await put('again/crossfade/20260101120000_final_schema.sql', 'create table posts (id int primary key, title text);')
  await put('again/elsewhere/20260101120000_final_schema.sql', 'create table posts (id int primary key, title text);')
  const tables = async (words: string[]) => {
    const { interactions } = JSON.parse((await map(['--json', ...words], cwd)).stdout)
    return interactions.map((one: { file: string; operation: string }) => `${one.file} ${one.operation}`)
  }
  expect(await tables([])).toEqual(['app.mjs select', 'elsewhere/20260101120000_final_schema.sql ddl'])
  expect(await tables(['--out', 'elsewhere'])).toEqual([
    'app.mjs select',
    'crossfade/20260101120000_final_schema.sql ddl',
  ])
})
