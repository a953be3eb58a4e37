import { expect, test } from 'vitest'
import { databaseWith, overlapOf, pairOf, statesOf } from './overlap-of.ts'

const TEAMS = `select 1 + n % 7 as n, 'team ' || md5((n % 31)::text) as team`

test('serials that coincide give way to the key that the rows agree by', async () => {
  const db = await databaseWith(
    `create table posts (id serial primary key, slug text not null, title text, likes int)`,
    `create table posts_v2 (id serial primary key, slug text not null, title text, likes int)`,
    `insert into posts (slug, title, likes) select md5(n::text), 'title ' || n, n * 7 % 53 from generate_series(1, 200) n`,
    `insert into posts_v2 (slug, title, likes)
       select md5(n::text), 'title ' || n, n * 7 % 53 from generate_series(21, 220) n order by md5('x' || n)`,
  )
  const document = await overlapOf(db)
  expect(document.groups.map(({ tables, key }) => [tables, key])).toEqual([[['posts', 'posts_v2'], 'slug']])
  const pair = pairOf(document, 'posts', 'posts_v2')
  expect(pair.key).toMatchObject({ left: ['slug'], right: ['slug'] })
  expect(pair.counts).toMatchObject({ shared: 180, onlyLeft: 20, onlyRight: 20 })
  expect(statesOf(pair, 'title')).toEqual([180, 0, 0, 0, 0])
  const refused = pair.otherKeys.find(({ left }) => left[0] === 'id')
  expect(refused?.why).toContain('both are drawn, and slug is shared')
})

test('serials that coincide are no key where there is no other one', async () => {
  const db = await databaseWith(
    `create table readings (id serial primary key, n int, team text)`,
    `create table readings_old (id serial primary key, n int, team text)`,
    `insert into readings (n, team) ${TEAMS} from generate_series(1, 300) n order by md5('a' || n)`,
    `insert into readings_old (n, team) ${TEAMS} from generate_series(1, 300) n order by md5('b' || n)`,
  )
  const pair = pairOf(await overlapOf(db, ['readings', 'readings_old']), 'readings', 'readings_old')
  expect(pair.key).toBeNull()
  expect(pair.otherKeys.map(({ left, why }) => [left, /each table counts for itself/.test(why)])).toEqual([
    [['id'], true],
  ])
})

test('numbers that count along with the serial are no witness for it', async () => {
  const db = await databaseWith(
    `create table orders (id serial primary key, number int, note text)`,
    `create table orders_v2 (id serial primary key, number int, note text)`,
    `insert into orders (number, note) select 1000 + n, md5('a' || n) from generate_series(1, 100) n`,
    `insert into orders_v2 (number, note) select 1000 + n, md5('b' || n) from generate_series(1, 100) n`,
  )
  const pair = pairOf(await overlapOf(db, ['orders', 'orders_v2']), 'orders', 'orders_v2')
  expect(pair.key).toBeNull()
  expect(pair.otherKeys.map(({ left }) => left)).toEqual(expect.arrayContaining([['id'], ['number']]))
})

test('a serial is the key of a table that was split in two, by a foreign key', async () => {
  const db = await databaseWith(
    `create table articles (id serial primary key, title text)`,
    `create table article_texts (id serial primary key references articles, body text)`,
    `insert into articles (title) select 'title ' || n from generate_series(1, 100) n`,
    `insert into article_texts (body) select 'body ' || n from generate_series(1, 90) n`,
  )
  const pair = pairOf(await overlapOf(db, ['articles', 'article_texts']), 'articles', 'article_texts')
  expect(pair.key).toMatchObject({ left: ['id'], right: ['id'] })
  expect(pair.counts).toMatchObject({ shared: 90, onlyLeft: 10 })
})

test('a serial is the key of two tables whose other columns agree, under whatever names', async () => {
  const db = await databaseWith(
    `create table films (id serial primary key, title text, minutes int)`,
    `create table movies (id serial primary key, name text, length int)`,
    `insert into films (title, minutes) select md5(n::text), n * 7 % 61 from generate_series(1, 300) n`,
    `insert into movies (name, length) select title, minutes from films where id <= 250 order by id`,
  )
  const document = await overlapOf(db)
  expect(document.groups.map((group) => group.tables)).toEqual([['films', 'movies']])
  const { key, counts } = pairOf(document, 'films', 'movies')
  expect(key).toMatchObject({ left: ['id'], right: ['id'] })
  expect(key?.why).toContain('rows of one value agree in title = name, minutes = length far beyond accident')
  expect(counts).toMatchObject({ shared: 250, onlyLeft: 50, onlyRight: 0 })
})

test.each([
  ['the same numbers are missing', 'n % 5 > 0', 'n % 5 > 0', true],
  ['each lacks numbers of its own', 'hashint4(n) % 3 > 0', 'hashint4(n + 7777) % 3 > 0', false],
])('where nothing can be compared the gaps tell: %s', async (_name, left, right, isKey) => {
  const db = await databaseWith(
    `create table profiles (id serial primary key, city text)`,
    `create table profile_flags (id serial primary key, beta boolean)`,
    `insert into profiles select n, md5(n::text) from generate_series(1, 500) n where ${left}`,
    `insert into profile_flags select n, n % 2 = 0 from generate_series(1, 500) n where ${right}`,
  )
  const pair = pairOf(await overlapOf(db, ['profiles', 'profile_flags']), 'profiles', 'profile_flags')
  expect(pair.key?.left ?? null).toEqual(isKey ? ['id'] : null)
  const why = isKey ? pair.key?.why : pair.otherKeys[0]?.why
  expect(why).toContain(isKey ? 'the numbers that are missing are the same ones' : 'gaps of its own')
})

test('of three tables two are joined by the serial that they share, and the third by its uuid', async () => {
  const columns = 'ref uuid, title text, state text'
  const values = `md5(n::text)::uuid, 'title ' || n, 's' || n % 3`
  const db = await databaseWith(
    `create table jobs (id serial primary key, ${columns})`,
    `create table jobs_copy (id serial primary key, ${columns})`,
    `create table jobs_new (id serial primary key, ${columns})`,
    `insert into jobs (ref, title, state) select ${values} from generate_series(1, 200) n`,
    `insert into jobs_copy (ref, title, state) select ref, title, state from jobs order by id`,
    `insert into jobs_new (ref, title, state) select ${values} from generate_series(1, 200) n order by md5('z' || n)`,
  )
  const document = await overlapOf(db)
  const [group] = document.groups
  expect(group).toMatchObject({ key: 'ref', keyed: ['jobs', 'jobs_copy', 'jobs_new'] })
  expect(group?.sets).toEqual([{ tables: ['jobs', 'jobs_copy', 'jobs_new'], keys: 200 }])
  for (const pair of document.pairs) expect(statesOf(pair, 'title')).toEqual([200, 0, 0, 0, 0])
})
