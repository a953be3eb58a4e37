import { expect, test } from 'vitest'
import { append, merge, type Via } from '../../src/spec/config.ts'
import { useResolver } from './resolving.ts'

const resolve = useResolver()

const ONE = '00000000-0000-0000-0000-000000000001'
const TWO = '00000000-0000-0000-0000-000000000002'

const OLD = `
create table decisions (id int primary key, decision_id text, tweet_id text, at timestamptz);
create table tweets (id int primary key, tweet_id text, body text);
create table shots (id int primary key, url text, tweet bigint);
insert into decisions values (1, '${ONE}', '10', '2020-01-01'), (2, upper('${TWO}'), '10', '2021-01-01'),
  (3, 'made-up', '20', '2022-01-01'), (4, '${ONE}', '30', null);
insert into tweets values (1, '10', 'a'), (2, '20', 'b'), (3, null, 'c'), (4, '30', 'd'), (5, '99', 'e');
insert into shots values (1, 'u', 30), (2, 'v', 99);`
const NEW = 'create table posts (decision_id uuid primary key, tweet_id text, body text, other uuid);'

const via: Via = { via: 'decisions', on: 'tweet_id', take: 'decision_id::uuid' }
const withKey = (key: Via, columns = {}): object => ({
  posts: merge({
    key: 'decision_id',
    sources: { decisions: { key: 'decision_id::uuid' }, tweets: { key, columns } },
  }),
})
type Tables = Parameters<typeof resolve>[0]['tables']
const input = (tables: object): Parameters<typeof resolve>[0] => ({
  oldSql: OLD,
  newSql: NEW,
  tables: tables as Tables,
})

test('a key is found through another table; made-up ones and nulls are passed over', async () => {
  await resolve(input(withKey(via)), async ({ unit, values }) => {
    const s = unit('posts').sources[1]
    // Two decisions claim tweet 10: the first by id has it.
    expect(await values('posts', 1, s?.key[0] ?? '')).toEqual([ONE, null, null, ONE, null])
    expect(s).toMatchObject({ unique: false, otherwise: 'journal', keyUses: ['tweet_id'], lookup: s?.key })
    expect(s?.links).toHaveLength(1)
    expect(s?.links[0]?.steps[0]).toMatchObject({
      alias: 'crossfade_via_1',
      type: 'text',
      order: ['"crossfade_via_1"."id"'],
      uses: ['tweet_id', 'decision_id', 'id'],
    })
    expect(unit('posts').linkColumns).toEqual(['tweet_id'])
  })
})

test('"pick" says which row of the other table counts', async () => {
  const picks = [
    ['latest by at', TWO],
    ['earliest by at', ONE],
    ['latest by "at"', TWO],
  ] as const
  for (const [pick, found] of picks) {
    await resolve(input(withKey({ ...via, pick })), async ({ unit, values }) => {
      expect((await values('posts', 1, unit('posts').sources[1]?.key[0] ?? ''))[0]).toBe(found)
    })
  }
})

test('a generated key is the same for one link value, and of the row itself where there is none', async () => {
  const tables = {
    posts: merge({
      key: 'decision_id',
      sources: {
        tweets: { key: { ...via, otherwise: 'generate' } },
        shots: { key: { ...via, on: { from: 'tweet', to: 'tweet_id' }, otherwise: 'generate' } },
      },
    }),
  }
  await resolve(input(tables), async ({ unit, values, query }) => {
    const [tweets, shots] = unit('posts').sources
    const keys = (await values('posts', 0, tweets?.key[0] ?? '')) as string[]
    const others = (await values('posts', 1, shots?.key[0] ?? '')) as string[]
    expect(keys[0]).toBe(ONE)
    expect(new Set(keys).size).toBe(4)
    expect(others).toEqual([ONE, keys[4]])
    const [row] = await query(
      `select md5('crossfade:public.decisions.tweet_id:99')::uuid as linked, md5('crossfade:tweets:3')::uuid as own`,
    )
    expect([keys[4], keys[2]]).toEqual([row?.linked, row?.own])
    expect(tweets?.otherwise).toBe('journal')
  })
})

test('a chain of two: rows of the first step that lead nowhere are passed over', async () => {
  const oldSql = `${OLD}
create table names (id int primary key, name text, tweet text);
insert into names values (1, 'n', '20'), (2, 'n', '30');
create table people (id int primary key, name text, body text);
insert into people values (1, 'n', 'x'), (2, 'm', 'y');`
  const key: Via = {
    via: 'names',
    on: 'name',
    take: { via: 'decisions', on: { from: 'tweet', to: 'tweet_id' }, take: 'decision_id::uuid' },
  }
  const tables = { posts: merge({ key: 'decision_id', sources: { people: { key } } }) }
  await resolve({ oldSql, newSql: NEW, tables }, async ({ unit, values, mapping }) => {
    const s = unit('posts').sources[0]
    expect(await values('posts', 0, s?.key[0] ?? '')).toEqual([ONE, null])
    expect(s?.links[0]?.steps.map((step) => [step.relation.name, step.alias, step.uses])).toEqual([
      ['names', 'crossfade_via_1', ['name', 'tweet', 'id']],
      ['decisions', 'crossfade_via_2', ['tweet_id', 'decision_id', 'id']],
    ])
    expect(mapping.indexes.map((index) => index.table.name).sort()).toEqual([
      'decisions',
      'decisions',
      'names',
      'names',
      'people',
    ])
  })
})

test.each([
  ['journal', undefined, [ONE, null, null, ONE, null]],
  ['null', 'null', [ONE, null, null, ONE, null]],
  ['omit', 'omit', [ONE, ONE]],
] as const)('a column found through another table, otherwise %s', async (_what, otherwise, found) => {
  const link = { ...via, ...(otherwise ? { otherwise } : {}) }
  const newSql = 'create table log (id bigserial primary key, other uuid, body text);'
  const tables = { log: append({ sources: { tweets: { columns: { other: link } } } }) }
  await resolve({ oldSql: OLD, newSql, tables }, async ({ unit, values }) => {
    const s = unit('log from tweets').sources[0]
    const feed = s?.feeds.find((f) => f.column === 'other')
    expect(feed?.uses).toEqual(['tweet_id'])
    expect(s?.back.some((b) => b.feeds.includes('other'))).toBe(false)
    expect(unit('log from tweets').linkColumns).toEqual(['other'])
    const values_ = values('log from tweets', 0, feed?.from ?? '')
    expect(await values_).toEqual(found)
    expect(feed?.fault?.sqlstate ?? null).toBe(otherwise === undefined ? '22004' : null)
  })
})

test('each index is asked for once, and only where none serves', async () => {
  await resolve(input(withKey(via)), ({ mapping }) => {
    expect(mapping.indexes.map((index) => [index.table.name, index.purpose])).toEqual([
      ['decisions', 'by the key of posts'],
      ['decisions', 'by what links them to tweets'],
      ['tweets', 'by what links them to decisions'],
    ])
    expect(new Set(mapping.indexes.map((index) => index.name)).size).toBe(3)
  })
  const oldSql = `${OLD} create index on tweets (tweet_id); create index on decisions (tweet_id);`
  await resolve({ oldSql, newSql: NEW, tables: withKey(via) as Tables }, ({ mapping, unit }) => {
    expect(mapping.indexes).toHaveLength(1)
    expect(unit('posts').sources[1]?.links[0]?.steps[0]).toMatchObject({
      link: '"tweets"."tweet_id"',
      to: '"crossfade_via_1"."tweet_id"',
    })
  })
})

test('a text that is too long for an index is no link', async () => {
  const oldSql = `${OLD} insert into tweets values (6, repeat('x', 5000), 'long'); insert into decisions values (9, '${TWO}', repeat('x', 5000));`
  await resolve({ oldSql, newSql: NEW, tables: withKey(via) as Tables }, async ({ unit, values }) => {
    expect((await values('posts', 1, unit('posts').sources[1]?.key[0] ?? '')).at(-1)).toBe(null)
  })
})

test('names of the inner table do not capture those of the row outside', async () => {
  const plain = { ...via, on: { from: 'lower(coalesce(tweet_id, body))', to: 'lower(tweet_id)' } }
  await resolve(input(withKey(plain)), async ({ unit, values }) => {
    expect(await values('posts', 1, unit('posts').sources[1]?.key[0] ?? '')).toEqual([ONE, null, null, ONE, null])
    expect(unit('posts').sources[1]?.links[0]?.steps[0]?.to).toContain('"crossfade_via_1"."tweet_id"')
  })
})

test('tables that are linked through each other are noted', async () => {
  const tables = {
    posts: merge({
      key: 'decision_id',
      sources: {
        tweets: { key: { via: 'shots', on: { from: 'tweet_id', to: 'tweet' }, take: 'url::uuid' } },
        shots: { key: { via: 'tweets', on: { from: 'tweet', to: 'tweet_id' }, take: 'body::uuid' } },
      },
    }),
  }
  await resolve(input(tables), ({ mapping }) => {
    expect(mapping.notes.join()).toMatch(/public.tweets and public.shots are linked through each other/)
  })
})

test.each([
  ['an unknown table', { ...via, via: 'nothing' }, /no table public.nothing/],
  ['an unknown column', { ...via, on: 'nothing' }, /has no column "nothing"/],
  ['an unknown pick', { ...via, pick: 'latest by nothing' }, /no column "nothing"/],
  ['too many values', { ...via, take: ['decision_id', 'id'] }, /take has 2 expressions, 1 are needed/],
  ['what may raise', { ...via, on: { from: '1 / id', to: 'id' } }, /may raise/],
  [
    'a cast without a safe form',
    { ...via, on: { from: 'tweet_id', to: 'at' } },
    /can't be cast to timestamp with time zone/,
  ],
  ['three steps', { ...via, take: { ...via, take: via } }, /two tables at most/],
] as [string, Via, RegExp][])('refuses %s', async (_what, key, message) => {
  await expect(resolve(input(withKey(key)), () => {})).rejects.toThrow(message)
})

test('refuses a view, and keys that cannot be made', async () => {
  const oldSql = `${OLD} create view seen as select * from decisions;`
  const key = { ...via, via: 'seen' }
  await expect(resolve({ oldSql, newSql: NEW, tables: withKey(key) as Tables }, () => {})).rejects.toThrow(
    /no trigger can see/,
  )
  const newSql = 'create table posts (decision_id bigint primary key, body text);'
  const numbers = {
    posts: merge({
      key: 'decision_id',
      sources: { tweets: { key: { ...via, take: 'id', otherwise: 'generate' as const } } },
    }),
  }
  await expect(resolve({ oldSql: OLD, newSql, tables: numbers }, () => {})).rejects.toThrow(/only a uuid or a text/)
})
