import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'

test('a new identity column GENERATED ALWAYS keeps the old numbers', async () => {
  const options = {
    oldSql: `create table a (id serial primary key, x text); create table b (id int primary key, y text);`,
    newSql: `create table n (id int generated always as identity primary key, x text, y text);`,
    tables: { n: { key: 'id', sources: { a: {}, b: {} } } },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into a (id, x) values (70, 'x'); insert into b values (70, 'y'), (71, 'y')`)
    expect(await e.db.query('select * from new_schema.n order by id')).toEqual([
      { id: 70, x: 'x', y: 'y' },
      { id: 71, x: null, y: 'y' },
    ])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test.each(['stored', 'virtual'])('generated columns (%s), on either side and as a source of a value', async (kind) => {
  const options = (kind: string) => ({
    oldSql: `create table a (id int primary key, x text, up text generated always as (upper(x)) ${kind}); create table b (id int primary key, y text);`,
    newSql: `create table n (id int primary key, x text, shouted text, y text, both_of text generated always as (x || '/' || y) ${kind});`,
    tables: { n: { key: 'id', sources: { a: { columns: { shouted: { from: 'up', back: false as const } } }, b: {} } } },
    open: true,
  })
  await withEngine(options('stored'), async (e) => {
    const [version] = await e.db.query<{ n: number }>(`select current_setting('server_version_num')::int as n`)
    if (kind === 'virtual' && (version?.n ?? 0) < 180000) return
    if (kind === 'virtual') return await withEngine(options(kind), expectGenerated)
    await expectGenerated(e)
  })
})

async function expectGenerated(e: Parameters<Parameters<typeof withEngine>[1]>[0]): Promise<void> {
  await e.db.query(`insert into a (id, x) values (1, 'x'); insert into b values (1, 'y')`)
  await e.db.query(`update a set x = 'z'`)
  expect(await e.db.query('select x, shouted, both_of from new_schema.n')).toEqual([
    { x: 'z', shouted: 'Z', both_of: 'z/y' },
  ])
  await e.db.query(`update new_schema.n set y = 'native'`)
  expect(await e.db.query('select up, y from a join b using (id)')).toEqual([{ up: 'Z', y: 'native' }])
  expect(await e.db.query('select up from crossfade_compat.a')).toHaveLength(1)
  expect(await e.outbox()).toEqual([])
  expect(await e.differences()).toEqual([])
}
