import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readCodeMap } from '../../src/codemap/read-code-map.ts'
import { readCoverage, readMapping } from '../../src/commands/map-coverage.ts'
import { UsageError } from '../../src/lib/errors.ts'

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
  expect(await readMapping(folder, undefined)).toBe(null)
  await expect(readMapping(folder, 'nowhere.ts')).rejects.toThrow(UsageError)
})

test('the mapping of the folder meets its code, its migrations and the new schema', async () => {
  await writeFile(
    join(folder, 'crossfade.config.js'),
    `export default { schema: './new.sql', tables: { posts: { kind: 'merge', key: 'id', sources: {
      plans: { columns: { headline: 'title', state: false } }, drafts: {} } } } }`,
  )
  const project = await readMapping(folder, undefined)
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
