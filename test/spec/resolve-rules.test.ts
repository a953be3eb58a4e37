import { expect, test } from 'vitest'
import { type MergeColumn, type MergeSource, merge } from '../../src/spec/config.ts'
import { relocate } from '../../src/spec/relocate.ts'
import { useResolver } from './resolving.ts'

const resolve = useResolver()

const OLD = `
create table a (id int primary key, likes int, kind text, at timestamptz);
create table b (id int primary key, likes int, kind text, at timestamp);
insert into a values (1, 1, 'short'), (2, 1, 'thread'), (3, 1, null), (4, 1, 'odd');`
const NEW = 'create table c (id int primary key, likes int, kind text, top bigint);'
const input = (
  columns: { [column: string]: MergeColumn },
  a: MergeSource = {},
  b: MergeSource = {},
): Parameters<typeof resolve>[0] => ({
  oldSql: OLD,
  newSql: NEW,
  tables: { c: merge({ key: 'id', sources: { a, b }, columns }) },
})

test('first value, first row, another order', async () => {
  await resolve(input({ likes: { pick: 'first row' }, kind: { sources: ['b'] } }), ({ unit }) => {
    expect(unit('c').columns.map((c) => [c.name, c.rule])).toEqual([
      ['id', { kind: 'first value', sources: [] }],
      ['likes', { kind: 'first row', sources: [0, 1] }],
      ['kind', { kind: 'first value', sources: [1, 0] }],
    ])
  })
})

test('the latest by a timestamp of each source, brought to one type', async () => {
  await resolve(
    input({ likes: { pick: 'latest by at' }, kind: { pick: 'latest by at', sources: ['b', 'a'] } }),
    ({ unit }) => {
      const { columns, sources } = unit('c')
      expect(columns[1]?.rule).toEqual({ kind: 'latest', sources: [0, 1], by: ['crossfade_x_1', 'crossfade_x_1'] })
      expect(columns[2]?.rule).toEqual({ kind: 'latest', sources: [1, 0], by: ['crossfade_x_1', 'crossfade_x_1'] })
      expect(sources.map((s) => s.extras)).toEqual([
        [{ name: 'crossfade_x_1', sql: '"a"."at"::timestamp with time zone', uses: 'at' }],
        [{ name: 'crossfade_x_1', sql: '"b"."at"::timestamp with time zone', uses: 'at' }],
      ])
    },
  )
})

test('an expression over all sources, with its way back', async () => {
  const columns = {
    top: { from: 'greatest(a.likes, "b" . likes, a.id)', back: { a: { likes: 'top::int' } } },
    likes: { otherwise: '0' },
  }
  await resolve(input(columns, { columns: { likes: false } }, { columns: { likes: false } }), () => {}).then(
    () => expect.unreachable(),
    (error: Error) => expect(error.message).toMatch(/likes: no source feeds this column/),
  )
  const { likes: _, ...only } = columns
  await resolve(input(only, { columns: { likes: false } }, { columns: { likes: false } }), ({ unit, mapping }) => {
    const { columns: fed, sources, ownColumns } = unit('c')
    expect(fed.find((c) => c.name === 'top')?.rule).toEqual({
      kind: 'expression',
      sql: '(greatest("s1"."crossfade_x_1", "s2"."crossfade_x_1", "s1"."crossfade_x_2"))::bigint',
    })
    expect(sources[0]?.extras.map((extra) => extra.sql)).toEqual(['"a"."likes"::integer', '"a"."id"::integer'])
    expect(sources[0]?.back.find((b) => b.name === 'likes')).toMatchObject({ back: 'top::int', feeds: ['top'] })
    expect(sources[1]?.back.some((b) => b.name === 'likes')).toBe(false)
    // Through a greatest no old value comes back exactly.
    expect(sources[0]?.carried.map((c) => c.name)).toContain('likes')
    expect(ownColumns).toEqual(['likes'])
    expect(relocate(mapping, 'public').targets[0]?.columns.map((c) => c.rule.kind)).toContain('expression')
  })
})

test.each([
  ['a rule for the key', { id: { pick: 'first row' } }, {}, /the key is the same in all sources/],
  ['a source that feeds it not', { kind: { sources: ['z'] } }, {}, /"z" doesn't feed this column/],
  ['an unknown pick', { kind: { pick: 'last' } }, {}, /pick: "last" is not understood/],
  ['the latest by what a source lacks', { kind: { pick: 'latest by when' } }, {}, /a has no column "when"/],
  ['a bare name among several tables', { top: { from: 'greatest(likes, b.likes)' } }, {}, /of which source is "likes"/],
  ['an unknown table', { top: { from: 'z.likes' } }, {}, /"z" is not a source/],
  ['an unknown column', { top: { from: 'a.nothing' } }, {}, /a has no column "nothing"/],
  ['two rules at once', { top: { from: 'a.likes', pick: 'first row' } }, {}, /"from" decides the value/],
  [
    'a source beside the expression',
    { top: { from: 'a.likes' } },
    { columns: { top: 'likes::bigint' } },
    /has an expression over all sources/,
  ],
] as [string, { [column: string]: MergeColumn }, MergeSource, RegExp][])(
  'refuses %s',
  async (_what, columns, a, message) => {
    await expect(resolve(input(columns, a), () => {})).rejects.toThrow(message)
  },
)

const VALUES = { short: 'single', long: 'single', thread: 'thread' }

test.each([
  ['journal', undefined, ['single', 'thread', null, null]],
  ['keep', 'keep', ['single', 'thread', null, 'odd']],
  ['a word', { as: 'other' }, ['single', 'thread', null, 'other']],
  ['nothing', { as: null }, ['single', 'thread', null, null]],
] as const)('a vocabulary, unknown words: %s', async (_what, unknown, expected) => {
  const kind = { values: VALUES, ...(unknown === undefined ? {} : { unknown }) }
  await resolve(input({}, { columns: { kind } }), async ({ unit, values, query }) => {
    const s = unit('c').sources[0]
    const back = s?.back.find((b) => b.name === 'kind')
    // Several old words for one new: it never comes back exactly.
    expect(s?.carried.map((c) => c.name)).toContain('kind')
    const old = await query(`select ${back?.back} as word from (values ('single'), ('thread'), ('odd')) as c (kind)`)
    expect(old.map((row) => row.word)).toEqual(['short', 'thread', unknown === 'keep' ? 'odd' : null])
    const found = values('c', 0, s?.feeds.find((f) => f.column === 'kind')?.from ?? '')
    expect(await found).toEqual(expected)
    expect(s?.feeds.find((f) => f.column === 'kind')?.fault?.sqlstate ?? null).toBe(
      unknown === undefined ? '22000' : null,
    )
  })
})
