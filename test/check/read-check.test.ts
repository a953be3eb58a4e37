import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeCheckPage } from '../../src/check/check-page.ts'
import type { CheckReport } from '../../src/check/check-report.ts'
import type { Interaction } from '../../src/codemap/interaction.ts'
import type { CrossfadeConfig } from '../../src/spec/config.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { newSql, oldSql, tables } from './planted.ts'
import { findingOf, runCheck } from './run-check.ts'

let database: TestDatabase
let report: CheckReport
let locks: string[]
let outDir: string

beforeAll(async () => {
  database = await createTestDatabase()
  await database.query(oldSql)
  outDir = await mkdtemp(join(tmpdir(), 'crossfade-check-'))
  await writeFile(join(outDir, 'DATABASE_INTERACTION_MAP.json'), MAP)
  const seen = new Set<string>()
  let done = false
  const work = check({}).finally(() => {
    done = true
  })
  while (!done) {
    for (const row of await database.query<{ mode: string }>(/* sql */ `
      select distinct l.mode from pg_locks l join pg_stat_activity a using (pid)
       where a.datname = current_database() and a.application_name like 'crossfade%'
         and l.locktype = 'relation' and l.database = a.datid and l.relation >= 16384`))
      seen.add(row.mode)
    await sleep(1)
  }
  locks = [...seen]
  report = await work
})

afterAll(async () => {
  await database.drop()
  await rm(outDir, { recursive: true })
})

const MAP = JSON.stringify({
  version: 1,
  interactions: [accessTo('posts', 'likse', 3), accessTo('drafts', 'seen', 4)],
  unresolved: [],
})

function accessTo(table: string, column: string, line: number): Interaction {
  const columns = { read: [column], written: [], filtered: [], ordered: [], known: true }
  return {
    ...{ file: 'src/a.ts', line, column: 1, function: null, style: 'pg', schema: null, table, operation: 'select' },
    ...{ columns, returning: false },
  }
}

async function check(
  config: Partial<CrossfadeConfig>,
  options: { showsValues?: true; onDatabase?: true; ddl?: string } = {},
): Promise<CheckReport> {
  const { ddl = newSql, ...rest } = options
  return await runCheck(database.url, { ddl, config: { tables, ...config }, outDir, ...rest })
}

function countsOf(of: CheckReport): Record<string, number | null> {
  return Object.fromEntries(of.findings.filter((one) => one.rows !== null).map((one) => [one.id, one.rows]))
}

const COUNTS = {
  'articles.not-null.title': 2,
  'articles.raises.likes.posts.22P02': 3,
  'articles.check.articles_likes_check': 4,
  'articles.foreign-key.place': 5,
  'articles.unique.slug': 5,
  'articles.conflict.title': 7,
  'articles.range.score': 8,
  'articles.no-key.drafts': 2,
  'articles.repeated-key.drafts': 9,
  'article_visits-from-visits.parent.article': 31,
  'article_visits-from-visits.loss.ratio': 11,
  'not-valid.visits.known': 4,
}

test('each mess is counted, and nothing else', () => {
  expect(countsOf(report)).toEqual(COUNTS)
  expect(report.ok).toBe(false)
})

test('takes no lock above ACCESS SHARE, and leaves nothing behind', async () => {
  expect(locks).toEqual(['AccessShareLock'])
  const schemas = await database.query(`select nspname from pg_namespace where nspname ~ '^(crossfade|new_schema)'`)
  expect(schemas).toEqual([])
})

test('what each table has, and what becomes of it', () => {
  expect(report.tables).toEqual([
    {
      ...{ name: 'articles', table: 'articles', rows: 100, refused: 17 },
      sources: [
        { table: 'posts', rows: 100, leftOut: 0, keyless: 0, repeated: 0 },
        { table: 'drafts', rows: 61, leftOut: 0, keyless: 2, repeated: 9 },
      ],
    },
    {
      ...{ name: 'article_visits from visits', table: 'article_visits', rows: 100, refused: 11 },
      sources: [{ table: 'visits', rows: 100, leftOut: 0, keyless: 0, repeated: 0 }],
    },
  ])
  const ids = report.findings.map((one) => one.id)
  expect(ids).toEqual(
    expect.arrayContaining([
      'hangs.view-public-busy',
      'trigger.posts.bump',
      'not-valid.visits.known',
      'dropped.drafts',
      'code.unmapped.drafts.seen',
      'fails-today.posts.likse',
      'space',
      'backfill-time',
    ]),
  )
  expect(new Set(ids).size).toBe(ids.length)
})

test('values are shown where they are asked for alone', async () => {
  expect(writeCheckPage(report)).not.toMatch(/secret|\b1000\b/)
  const shown = await check({}, { showsValues: true })
  expect(findingOf(shown, 'articles.conflict.title').examples).toEqual([{ key: ['1'], values: ['title 1', 'secret'] }])
  expect(findingOf(shown, 'articles.raises.likes.posts.22P02').examples.map((one) => one.key)).toEqual([
    ['90'],
    ['91'],
    ['92'],
  ])
})

test('what is accepted by name does not stop, and a name that nothing has is told', async () => {
  const stops = report.findings.filter((one) => one.severity === 'stops').map((one) => one.id)
  expect((await check({ accept: stops.slice(1) })).ok).toBe(false)
  const accepted = await check({ accept: [...stops, 'gone'] })
  expect(accepted).toMatchObject({ ok: true, unknownAccepted: ['gone'] })
  expect(accepted.findings.filter((one) => one.accepted).map((one) => one.id)).toEqual(stops)
})

test('the trial on the database itself gives the same, and leaves nothing there', async () => {
  const there = await check({}, { onDatabase: true })
  // The database grows by what the tests do to it, and time is never the same.
  const same = ({ findings, ...rest }: CheckReport) => ({
    ...{ ...rest, trial: null },
    findings: findings.filter(({ id }) => id !== 'space' && id !== 'backfill-time'),
  })
  expect(same(there)).toEqual(same(report))
  expect(await database.query(`select nspname from pg_namespace where nspname ~ '^(crossfade|new_schema)'`)).toEqual([])
})

test.each([
  ['DDL that the server refuses', 'create table articles (id nonsense)', 'design.ddl-refused'],
  ['a new table that is missing', 'create table articles (id int primary key)', /^design\./],
])('%s is a finding', async (_what, ddl, id) => {
  const { ok, tables: none, findings } = await check({}, { ddl })
  expect({ ok, none, findings: findings.length }).toEqual({ ok: false, none: [], findings: 1 })
  expect(findings[0]?.id).toMatch(id)
})

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/check-report.schema.json'), 'utf8'))
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

test('the report is as the schema says', () => {
  expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
})

test.each([
  ['a field that it does not know', { extra: 1 }],
  ['another version', { version: 2 }],
  ['a severity that is none', { findings: [{ severity: 'bad' }] }],
  ['a field that is missing', { tables: undefined }],
])('the schema refuses %s', (_what, change) => {
  expect(validate(JSON.parse(JSON.stringify({ ...report, ...change })))).toBe(false)
})
