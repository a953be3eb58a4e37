import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCatalog } from '../../src/catalog/read-catalog.ts'
import { readDependents } from '../../src/catalog/read-dependents.ts'
import type { Catalog, CatalogTable } from '../../src/catalog/types.ts'
import { connect, type Database } from '../../src/db/connect.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const ODD = 'Odd "schema"'
let database: TestDatabase
let db: Database
let client: pg.Client
let catalog: Catalog

beforeAll(async () => {
  database = await createTestDatabase()
  await database.query('drop role if exists crossfade_test_reader')
  await database.query(await readFile(new URL('./hostile.sql', import.meta.url), 'utf8'))
  db = await connect(database.url)
  client = await db.session()
  catalog = await readCatalog(client, ['public', ODD])
})
afterAll(async () => {
  await database.query('drop owned by crossfade_test_reader; drop role crossfade_test_reader')
  await db.close()
  await database.drop()
})

function table(name: string, schema = 'public'): CatalogTable {
  const found = catalog.tables.find((one) => one.schema === schema && one.name === name)
  if (found === undefined) throw new Error(`${schema}.${name} was not read`)
  return found
}
const columnsOf = (name: string, schema?: string) =>
  Object.fromEntries(table(name, schema).columns.map((column) => [column.name, column]))

describe('columns', () => {
  test('types are exact, and carry their schema', () => {
    const types = Object.values(columnsOf('authors')).map((column) => [column.name, column.type, column.baseType])
    expect(types).toEqual([
      ['id', 'bigint', 'bigint'],
      ['handle', 'public.citext', 'public.citext'],
      ['mood', 'public.mood', 'public.mood'],
      ['moods', 'public.mood[]', 'public.mood[]'],
      ['rank', 'public.positive', 'public.positive'],
      ['rank_plus', 'public.positive_plus', 'public.positive_plus'],
      ['tags', 'text[]', 'text[]'],
      ['score', 'numeric(5,4)', 'numeric'],
      ['negative', 'integer', 'integer'],
      ['born', 'timestamp with time zone', 'timestamp with time zone'],
      ['epoch', 'timestamp with time zone', 'timestamp with time zone'],
      ['midnight', 'timestamp with time zone', 'timestamp with time zone'],
      ['late', 'timestamp with time zone', 'timestamp with time zone'],
      ['token', 'uuid', 'uuid'],
      ['flags', 'bit(3)', '"bit"'],
      ['letter', 'character(2)', 'bpchar'],
      ['payload', 'json', 'json'],
      ['point', 'point', 'point'],
      ['span', 'int4range', 'int4range'],
      ['pair', 'public.pair', 'public.pair'],
      ['codes', 'public.code[]', 'public.code[]'],
      ['full_name', 'text', 'text'],
      ['loud', 'text', 'text'],
    ])
  })

  test('only what is plainly constant counts as a constant default', () => {
    const constant = Object.values(columnsOf('authors'))
      .filter((column) => column.defaultIsConstant)
      .map((column) => column.name)
    expect(constant).toEqual(
      'handle mood moods rank rank_plus tags score negative epoch flags letter payload point span pair codes full_name'.split(
        ' ',
      ),
    )
  })

  test('the equality operator is found as the server finds it', () => {
    const schemas = Object.fromEntries(table('authors').columns.map((one) => [one.name, one.equalitySchema]))
    expect(schemas).toMatchObject({
      handle: 'public',
      mood: 'pg_catalog',
      moods: 'pg_catalog',
      rank_plus: 'pg_catalog',
    })
    expect(schemas).toMatchObject({ payload: null, point: null, span: 'pg_catalog', pair: 'pg_catalog' })
    expect(schemas).toMatchObject({ codes: 'pg_catalog', letter: 'pg_catalog', flags: 'pg_catalog' })
    expect(columnsOf('posts').body?.equalitySchema).toBe('pg_catalog')
  })

  test('identity, serial and shared sequences, generation, collation', () => {
    expect(columnsOf('authors').id).toMatchObject({
      identity: 'by default',
      default: null,
      sequence: { schema: 'public', name: 'authors_id_seq' },
      notNull: true,
    })
    expect(columnsOf('posts').id).toMatchObject({
      identity: null,
      default: `nextval('public.posts_id_seq'::regclass)`,
      sequence: { schema: 'public', name: 'posts_id_seq' },
    })
    expect(columnsOf('posts').number?.sequence).toEqual({ schema: 'other', name: 'Shared Seq' })
    expect(columnsOf('authors').loud).toMatchObject({ generated: 'stored', default: 'upper(full_name)' })
    expect(columnsOf('authors').full_name?.collation).toBe('pg_catalog."C"')
    expect(columnsOf('authors').mood?.default).toBe(`'happy'::public.mood`)
  })
})

test('constraints', () => {
  const constraints = table('posts').constraints.filter((one) => one.kind !== 'not null')
  expect(constraints.map((one) => [one.name, one.kind, one.columns])).toEqual([
    ['checked', 'check', ['id']],
    ['posts_author_body_key', 'unique', ['author', 'body']],
    ['posts_author_fkey', 'foreign key', ['author']],
    ['posts_pkey', 'primary key', ['id']],
    ['posts_slot_excl', 'exclusion', ['slot']],
    ['posts_status_check', 'check', ['status']],
  ])
  expect(constraints[0]).toMatchObject({ validated: false, definition: 'CHECK ((id > 0)) NOT VALID' })
  expect(constraints[2]).toMatchObject({
    deferrable: true,
    references: { schema: 'public', table: 'authors', columns: ['id'] },
    definition: 'FOREIGN KEY (author) REFERENCES public.authors(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED',
  })
})

test('indexes', () => {
  const byName = Object.fromEntries(table('posts').indexes.map((one) => [one.name, one]))
  expect(byName.posts_open).toMatchObject({
    unique: false,
    columns: [null, 'author'],
    parts: ['lower((body)::text)', 'author'],
    predicate: `(status = 'queued'::text)`,
    method: 'btree',
    valid: true,
  })
  expect(byName.posts_author_body_key).toMatchObject({ unique: true, nullsNotDistinct: true, immediate: true })
  expect(byName.posts_pkey).toMatchObject({ primary: true, columns: ['id'] })
})

test("triggers, without Crossfade's own", () => {
  expect(table('posts').triggers).toMatchObject([
    { name: 'emptied', timing: 'after', level: 'statement', events: ['truncate'], enabled: 'D', updateOf: [] },
    {
      name: 'stamped',
      timing: 'before',
      level: 'row',
      events: ['insert', 'update'],
      updateOf: ['body', 'status'],
      enabled: 'O',
      functionSchema: 'public',
      functionName: 'stamp',
    },
  ])
})

test('row security, policies and grants', () => {
  const posts = table('posts')
  expect([posts.rowSecurity, posts.forceRowSecurity]).toEqual([true, false])
  expect(posts.policies).toEqual([
    { name: 'everybody', permissive: false, command: 'all', roles: ['PUBLIC'], using: 'true', withCheck: null },
    {
      name: 'own "posts"',
      permissive: true,
      command: 'update',
      roles: ['crossfade_test_reader'],
      using: '(author > 0)',
      withCheck: '(author > 1)',
    },
  ])
  const reader = 'crossfade_test_reader'
  expect(posts.grants).toEqual([
    { role: 'PUBLIC', privilege: 'SELECT', column: null, grantable: false },
    { role: reader, privilege: 'DELETE', column: null, grantable: true },
    { role: reader, privilege: 'INSERT', column: 'author', grantable: false },
    { role: reader, privilege: 'INSERT', column: 'body', grantable: false },
    { role: reader, privilege: 'SELECT', column: 'body', grantable: false },
  ])
  expect(table('authors').grants).toEqual([])
})

test('views: their query, what they read, whether they can be written', () => {
  const view = table('open_posts')
  expect(view).toMatchObject({ kind: 'view', updatable: true, readsFrom: [table('posts').oid] })
  expect(view.viewQuery).toMatch(/FROM posts\s+WHERE/)
  expect(view.viewQuery).not.toContain(';')
  expect(table('counted').updatable).toBe(false)
  expect(table('counted').readsFrom).toEqual([table('posts').oid, table('authors').oid].sort((a, b) => a - b))
  expect(table('View', ODD).viewQuery).toMatch(/FROM "SELECT"$/)
})

test('partitions and inheritance', () => {
  const oid = (name: string) => table(name).oid
  expect(table('logs')).toMatchObject({ kind: 'partitioned table', isPartition: false })
  expect([...table('logs').children].sort()).toEqual([oid('logs_2026'), oid('logs_2026_01')].sort())
  expect(table('logs_2026_01')).toMatchObject({ isPartition: true, children: [] })
  expect(table('animals').children).toEqual([oid('cats')])
  expect(table('cats').isPartition).toBe(false)
})

test('hostile names come back as they are', () => {
  expect(Object.keys(columnsOf('SELECT', ODD))).toEqual([
    'User',
    'a"b',
    `c'd`,
    '🦊 ü',
    'order',
    'x\\y',
    'abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijk',
  ])
  const [foreignKey] = table('a.b $1', ODD).constraints.filter((one) => one.kind === 'foreign key')
  expect(foreignKey?.references).toEqual({ schema: ODD, table: 'SELECT', columns: ['User'] })
  expect(table('authors').comment).toBe('who writes; say "hi"')
  expect(table('posts').publications).toEqual(['crossfade_test_publication'])
})

test('reads the same under any search path, and leaves it as it was', async () => {
  const path = `"Odd ""schema""", public`
  const before = await client.query(`select set_config('search_path', $1, false)`, [path])
  try {
    expect(await readCatalog(client, ['public', ODD])).toEqual(catalog)
    await client.query('begin')
    expect(await readCatalog(client, ['public', ODD])).toEqual(catalog)
    const inside = await client.query('show search_path')
    await client.query('commit')
    const after = await client.query('show search_path')
    expect([inside.rows[0].search_path, after.rows[0].search_path]).toEqual([path, path])
  } finally {
    await client.query(`select set_config('search_path', 'pg_catalog, pg_temp', false)`, [])
  }
  expect(before.rowCount).toBe(1)
})

test('a schema that is not there has no tables', async () => {
  expect((await readCatalog(client, ['nowhere'])).tables).toEqual([])
})

test('dependents', async () => {
  const posts = await readDependents(client, [{ schema: 'public', name: 'posts' }])
  const listed = posts.map((one) => [one.kind, one.schema, one.name, one.table, one.certain])
  expect(listed).toEqual([
    ['column type', 'other', 'last', 'comments', true],
    ['foreign key', 'other', 'comments_post_fkey', 'comments', true],
    ['function', 'public', 'by_body', null, true],
    ['function', 'public', 'by_row', null, true],
    ['materialized view', 'other', 'cached', null, true],
    ['policy', 'other', 'visible', 'comments', true],
    ['publication', 'public', 'crossfade_test_publication', 'posts', true],
    ['rule', 'other', 'copied', 'comments', true],
    ['view', 'public', 'counted', null, true],
    ['view', 'public', 'open_posts', null, true],
    ['function (by text)', 'public', 'by_text', null, false],
  ])
  expect(posts.find((one) => one.kind === 'publication')?.definition).toBe('columns (id, body) where (id > 3)')
  expect(posts.find((one) => one.name === 'by_row')?.arguments).toBe('p public.posts')
  const odd = await readDependents(client, [{ schema: ODD, name: 'SELECT' }])
  const texts = odd.filter((one) => one.kind === 'function (by text)').map((one) => one.name)
  expect(texts).toContain('odd_text')
  expect(odd.map((one) => one.kind)).toEqual(expect.arrayContaining(['view', 'foreign key']))
  expect(await readDependents(client, [{ schema: 'public', name: 'nothing' }])).toEqual([])
})

test('a table that goes while the catalog is read is not in it', async () => {
  await database.query('create table going (id int primary key, x int check (x > 0))')
  const session = await db.session()
  const query = session.query.bind(session) as (text: string, values?: unknown[]) => Promise<unknown>
  session.query = (async (text: string, values?: unknown[]) => {
    if (text.includes('pg_get_constraintdef')) await database.query('drop table if exists going')
    return await query(text, values)
  }) as never
  const { tables } = await readCatalog(session, ['public', ODD])
  expect(tables).toEqual(catalog.tables)
  await session.end()
})
