import { beforeAll, expect, test } from 'vitest'
import type { Columns, Interaction } from '../../src/codemap/interaction.ts'
import { checkCoverage } from '../../src/coverage/check-coverage.ts'
import type { NewTable } from '../../src/coverage/coverage.ts'
import { buildCoveragePage } from '../../src/coverage/coverage-page.ts'
import { buildOldTables } from '../../src/coverage/feeds.ts'
import { append, type CrossfadeConfig, merge } from '../../src/spec/config.ts'
import { loadParser } from '../../src/spec/expression.ts'

beforeAll(loadParser)

const CONFIG: CrossfadeConfig = {
  schema: './new.sql',
  tables: {
    queue: merge({
      key: 'decision_id',
      sources: {
        plans: {
          key: 'decision_id::uuid',
          columns: {
            quality_score: { from: 'quality / 100.0', back: 'quality_score * 100' },
            headline: 'title',
            state: { from: 'status', values: { queued: 'waiting', done: 'posted' } },
            body: 'text_a || text_b',
          },
        },
        drafts: { key: 'decision_id::uuid', columns: { headline: 'name' } },
      },
    }),
    metrics: append({
      sources: { outcomes: { columns: { post: { via: 'links', on: 'tweet_id', take: 'post' } } }, tweets: {} },
    }),
    people: merge({ key: 'email', sources: { users: {} } }),
  },
  keep: ['settings'],
}

const NEW: NewTable[] = [
  { name: 'queue', columns: ['decision_id', 'quality_score', 'headline', 'state', 'body', 'notes'], uniques: [] },
  { name: 'metrics', columns: ['id', 'post', 'likes'], uniques: [['id']] },
  { name: 'people', columns: ['email', 'name'], uniques: [] },
]

const OLD: Record<string, string[]> = {
  plans: ['decision_id', 'quality', 'title', 'status', 'text_a', 'text_b', 'notes', 'legacy'],
  drafts: ['decision_id', 'name', 'notes'],
}

function access(
  table: string,
  operation: Interaction['operation'],
  more: Partial<Interaction> & Partial<Columns> = {},
): Interaction {
  const { read = [], written = [], filtered = [], ordered = [], known = true, ...rest } = more
  return {
    ...{ file: 'src/a.ts', line: 1, column: 1, function: null, style: 'pg', schema: null, returning: false },
    ...{ table, operation, columns: { read, written, filtered, ordered, known } },
    ...rest,
  }
}

const cover = (...interactions: Interaction[]) =>
  checkCoverage(
    interactions,
    buildOldTables(CONFIG, NEW, (_, table) => OLD[table] ?? null),
    CONFIG.keep ?? [],
  )

const kinds = (...interactions: Interaction[]): string[][] =>
  cover(...interactions).accesses.map(({ findings }) =>
    findings.map(({ kind, column }) => `${kind} ${column ?? ''}`.trim()),
  )

test('each column of an old table meets what the mapping makes of it', () => {
  const read = ['decision_id', 'legacy', 'notes', 'quality', 'status', 'text_a', 'title']
  expect(kinds(access('plans', 'update', { read }))).toEqual([
    ['cast decision_id', 'unmapped legacy', 'expression quality', 'words status', 'expression text_a', 'renamed title'],
  ])
})

test('a column that feeds two has become several', () => {
  const config: CrossfadeConfig = {
    schema: './new.sql',
    tables: {
      people: merge({
        key: 'email',
        sources: { users: { columns: { first: 'split_part(name, $$ $$, 1)', name: 'name' } } },
      }),
    },
  }
  const old = buildOldTables(config, [{ name: 'people', columns: ['email', 'name', 'first'], uniques: [] }], () => null)
  const [found] = checkCoverage([access('users', 'select', { read: ['name'] })], old, []).accesses
  expect(found?.findings.map((one) => one.kind)).toEqual(['several', 'expression'])
  expect(found?.findings[0]?.becomes).toEqual(['people.name', 'people.first'])
})

test('words that stand in the code are told with what becomes of them', () => {
  const [found] = cover(
    access('plans', 'update', { written: ['status'], values: { status: ['queued', 'lost'] } }),
  ).accesses
  expect(found?.findings[0]?.message).toBe(
    "status has other words in queue.state: 'queued' is 'waiting', 'lost' has none",
  )
})

test('a read of a column that two sources feed may be answered otherwise by a compat view', () => {
  const messages = (table: string, column: string): string[] =>
    cover(access(table, 'select', { read: [column] })).accesses.flatMap(({ findings }) =>
      findings.filter((one) => one.kind === 'precedence').map((one) => one.message),
    )
  expect(messages('drafts', 'name')).toEqual(['where plans has a value for it, a compat view shows that one'])
  expect(messages('plans', 'title')).toEqual(['where it is null and drafts has a value, a compat view shows that one'])
  expect(messages('plans', 'status')).toEqual([])
  expect(messages('plans', 'decision_id')).toEqual([])
})

test('an upsert needs a unique key that the new table has', () => {
  const upsert = (table: string, conflict: string[]): string[] =>
    kinds(access(table, 'upsert', { conflict }))[0]?.filter((kind) => kind === 'conflict') ?? []
  expect(upsert('plans', ['decision_id'])).toEqual([])
  expect(upsert('plans', ['title'])).toEqual(['conflict'])
  expect(upsert('users', ['email'])).toEqual([])
  expect(upsert('users', ['email', 'name'])).toEqual(['conflict'])
})

test('rows that other tables share, or fill a table beside', () => {
  expect(kinds(access('plans', 'insert'), access('plans', 'delete'), access('plans', 'truncate'))).toEqual([
    ['shared row'],
    ['shared row'],
    ['truncate'],
  ])
  expect(kinds(access('tweets', 'select'), access('tweets', 'insert'), access('users', 'insert'))).toEqual([
    ['shared table'],
    [],
    [],
  ])
  expect(kinds(access('outcomes', 'insert', { written: ['tweet_id'] }))).toEqual([['linked tweet_id']])
})

test('what names no columns, and system columns', () => {
  expect(kinds(access('users', 'select', { known: false }))).toEqual([['every column']])
  expect(kinds(access('users', 'select', { read: ['ctid'] }))).toEqual([['system column ctid']])
})

test('new names alone are mechanical; files with the most to do come first', () => {
  const { accesses, files } = cover(
    access('users', 'select', { read: ['email', 'name'] }),
    access('plans', 'update', { file: 'src/b.ts', written: ['title'], filtered: ['notes'] }),
    access('plans', 'update', { file: 'src/b.ts', written: ['legacy'] }),
  )
  expect(accesses.map((one) => one.mechanical)).toEqual([true, true, false])
  expect(files).toEqual([
    { file: 'src/b.ts', accesses: 2, mechanical: 1 },
    { file: 'src/a.ts', accesses: 1, mechanical: 1 },
  ])
})

test('tables that the mapping does not name, and sources that no code uses', () => {
  const { unmentioned, unused, accesses } = cover(
    access('settings', 'select'),
    access('people', 'select'),
    access('audit', 'insert'),
    access('audit', 'select', { schema: 'other' }),
    access('users', 'select', { schema: 'auth' }),
    access('f', 'rpc'),
  )
  expect(accesses).toEqual([])
  expect(unmentioned.map((one) => one.table)).toEqual(['audit', 'auth.users', 'other.audit'])
  expect(unused).toEqual(['drafts', 'outcomes', 'plans', 'tweets', 'users'])
})

test('the page lists each place under what it asks, and holds any name', () => {
  const page = buildCoveragePage(
    cover(access('plans', 'update', { file: 'src/a|b`.ts', line: 7, written: ['legacy', 'title'] })),
  )
  expect(page).toContain(
    '1 accesses to old tables in 1 files; 0 of them need new names alone, 1 need somebody who looks',
  )
  expect(page).toContain('## Old columns that nothing maps')
  expect(page).toContain(
    '| `` src/a\\|b`.ts:7:1 `` | `plans` | update | legacy is written, and nothing in the mapping takes it |',
  )
  expect(page).toContain('## New names alone')
})
