import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readSchema, runScript } from '../snapshot/rebuild.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')
let folder: string
let database: TestDatabase

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade snapshot '))
  database = await createTestDatabase()
  await runScript(database.url, await readSchema('microblog'))
})

afterAll(async () => {
  await database.drop()
  await rm(folder, { recursive: true, force: true })
})

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function snapshot(...words: string[]): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1', DATABASE_URL: database.url }
  return await new Promise((done) => {
    execFile(process.execPath, [MAIN, 'snapshot', ...words], { cwd: folder, env }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

test('writes three files, and says what it found', async () => {
  const { code, stdout } = await snapshot()
  expect(code).toBe(0)
  expect(stdout).toMatch(/^7 tables, \d+ columns, 2 views, 3 functions in jobs, public; about /)
  expect((await readdir(join(folder, 'crossfade'))).sort()).toEqual([
    'PRODUCTION_SCHEMA_SNAPSHOT.sql',
    'SCHEMA_SNAPSHOT.json',
    'SCHEMA_SNAPSHOT.md',
  ])
  const page = await readFile(join(folder, 'crossfade', 'SCHEMA_SNAPSHOT.md'), 'utf8')
  expect(page).toContain('### `public.accounts`')
  expect(page).toContain('- `public.follows`: `fk_target` is a constraint that was never checked against the rows.')
})

test('the configuration says which database; one that is named must be there', async () => {
  await writeFile(join(folder, 'other.config.ts'), `export default { database: { env: 'ELSEWHERE', file: 'url' } }`)
  await writeFile(join(folder, 'url'), 'ELSEWHERE=postgres://nobody@127.0.0.1:1/x')
  const elsewhere = await snapshot('--config', 'other.config.ts')
  expect(elsewhere).toMatchObject({ code: 3, stderr: expect.stringContaining('nothing listens there') })
  const gone = await snapshot('--config', 'gone.config.ts')
  expect(gone).toMatchObject({ code: 2, stderr: expect.stringMatching(/no configuration: .*gone\.config\.ts/) })
})

test('the same database gives the same SQL', async () => {
  const file = join(folder, 'crossfade', 'PRODUCTION_SCHEMA_SNAPSHOT.sql')
  await snapshot()
  const first = await readFile(file, 'utf8')
  await snapshot('--exact')
  expect(await readFile(file, 'utf8')).toBe(first)
})

test('--json prints the document and nothing else on stdout', async () => {
  const { code, stdout } = await snapshot('--json', '--schema', 'jobs', '--out', 'elsewhere')
  const document = JSON.parse(stdout)
  expect(code).toBe(0)
  expect(document.schemas.map(({ name }: { name: string }) => name)).toEqual(['jobs'])
  expect(stdout).toBe(await readFile(join(folder, 'elsewhere', 'SCHEMA_SNAPSHOT.json'), 'utf8'))
})

test.each<[words: string[], code: number, message: RegExp]>([
  [['--schema', 'nowhere'], 2, /has no schema "nowhere"\.\n {2}It has: "jobs", "public"\./],
  [['--timeout', 'soon'], 2, /--timeout soon is no number of seconds/],
  [['--brew'], 2, /unknown option/],
  [['--timeout', '0.001'], 3, /took too long/],
  [['--database', 'postgres://nobody@127.0.0.1:1/none'], 3, /nothing listens there/],
])('snapshot %j ends with %d', async (words, code, message) => {
  const ended = await snapshot(...words, '--out', 'nowhere')
  expect(ended.stderr).toMatch(message)
  expect(ended.code).toBe(code)
  expect(await readdir(folder)).not.toContain('nowhere')
})
