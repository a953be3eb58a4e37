import type pg from 'pg'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import type { Random } from '../scenarios/random.ts'
import { type EngineOptions, withEngine } from './engine.ts'
import { type Side, stress } from './stress.ts'

/** A value that must be unique and that only another table knows. */
const PEOPLE: EngineOptions = {
  oldSql: `create table accounts (id int primary key, email text);
           create table members (k text primary key, account int, name text);
           create table guests (k text primary key, email text, name text)`,
  newSql: `create table people (k text primary key, email text unique, name text)`,
  tables: {
    people: merge({
      key: 'k',
      sources: {
        members: { columns: { email: { via: 'accounts', on: { from: 'account', to: 'id' }, take: 'email' } } },
        guests: {},
      },
    }),
  },
}

test('a unique value that is found through another table: whoever has it first by key keeps it, and passes it on', async () => {
  await withEngine(PEOPLE, async (e) => {
    const people = () => e.db.query('select k, email from new_schema.people order by k')
    await e.db.query(`insert into accounts values (1, 'x'), (2, 'y');
                      insert into members values ('a', 1), ('b', 2); insert into guests values ('c', 'x')`)
    await e.drain()
    expect(await people()).toEqual([
      { k: 'a', email: 'x' },
      { k: 'b', email: 'y' },
    ])
    expect((await e.journal()).map((entry) => entry.key)).toEqual([['c']])
    // The partner alone changes: its row gives the value up, and who waited for it comes.
    await e.db.query(`update accounts set email = 'z' where id = 1`)
    await e.drain()
    expect(await people()).toEqual([
      { k: 'a', email: 'z' },
      { k: 'b', email: 'y' },
      { k: 'c', email: 'x' },
    ])
    await e.db.query(`update accounts set email = 'x' where id = 2`)
    await e.drain()
    expect(await people()).toEqual([
      { k: 'a', email: 'z' },
      { k: 'b', email: 'x' },
    ])
    await e.db.query(`delete from accounts where id = 2`)
    await e.drain()
    expect((await e.journal()).map(({ key, sqlstate }) => ({ key, sqlstate }))).toEqual([
      { key: ['b'], sqlstate: '22004' },
    ])
    expect((await people()).map(({ k }) => k)).toEqual(['a', 'c'])
    expect(await e.differences()).toEqual([])
  })
})

test('a native insert that nothing links is refused by what is missing', async () => {
  await withEngine({ ...PEOPLE, open: true }, async (e) => {
    const inserted = e.db.query(`insert into new_schema.people (k, email) values ('a', 'x')`)
    await expect(inserted).rejects.toMatchObject({
      code: 'CF002',
      message: expect.stringMatching(
        /can't hold what was written to new_schema.people: .*no row of accounts gives its value/,
      ),
    })
  })
})

test.each([
  [false, 'inline'],
  [true, 'inline'],
  [true, 'outbox'],
] as const)(
  'unique values that are found through another table converge under load (native writers: %s, %s)',
  async (native, mode) => {
    await withEngine({ ...PEOPLE, open: native, sync: { mode } }, async (e) => {
      await stress(e, { sessions: 6, native, write: (client, random, side) => write(client, random, side) })
      expect(await e.differences()).toEqual([])
    })
  },
  120_000,
)

async function write(client: pg.Client, random: Random, side: Side): Promise<void> {
  const [key, id, email] = [`k${random.int(8)}`, random.int(6), `e${random.int(4)}`]
  const native: (readonly [string, unknown[]])[] = [
    ['insert into new_schema.people (k, email, name) values ($1, null, $2)', [key, email]],
    ['update new_schema.people set name = $2 where k = $1', [key, email]],
    ['delete from new_schema.people where k = $1', [key]],
  ]
  const old: (readonly [string, unknown[]])[] = [
    ['insert into accounts values ($1, $2) on conflict (id) do update set email = excluded.email', [id, email]],
    ['update accounts set email = $2 where id = $1', [id, email]],
    ['delete from accounts where id = $1', [id]],
    [
      'insert into members values ($1, $2, $3) on conflict (k) do update set account = excluded.account',
      [key, id, email],
    ],
    ['delete from members where k = $1', [key]],
    [
      'insert into guests values ($1, $2, $3) on conflict (k) do update set email = excluded.email',
      [key, email, email],
    ],
    ['delete from guests where k = $1', [key]],
  ]
  await client.query(...(random.pick(side === 'new' ? native : old) as [string, unknown[]]))
}
