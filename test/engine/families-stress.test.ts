import type pg from 'pg'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { accounting } from '../../src/sqlgen/accounting.ts'
import type { Random } from '../scenarios/random.ts'
import { type Engine, type EngineOptions, withEngine } from './engine.ts'
import { type Side, stress } from './stress.ts'

/**
 * Three levels, a table that references itself, stubs, a foreign key to a column that is no key, a unique over columns
 * that two sources feed: under sessions of every isolation, by old names and natively. By hand: STRESS_SEED, STRESS_TRANSACTIONS.
 */
const OPTIONS: EngineOptions = {
  oldSql: /* sql */ `
    create table a (k text primary key, above text, code text, v text);
    create table a2 (k text primary key, code text, w text);
    create table b (k text primary key, a text, code text, x text, y text, at integer);
    create table b2 (k text primary key, y text, at integer);
    create table c (k text primary key, b text, v text);`,
  newSql: /* sql */ `
    create table aa (k text primary key, above text references aa on delete cascade, code text unique, v text, w text);
    create table bb (k text primary key, a text references aa on delete cascade, code text references aa (code),
      x text, y text, at integer, unique (x, y));
    create table cc (k text primary key, b text references bb on delete cascade, v text);`,
  tables: {
    aa: merge({ key: 'k', sources: { a: {}, a2: {} }, reverse: ['a', 'a2'], onDelete: 'cascade' }),
    bb: merge({
      key: 'k',
      unique: { 'x,y': { pick: 'latest by at' } },
      sources: { b: {}, b2: {} },
      reverse: ['b', 'b2'],
    }),
    cc: merge({ key: 'k', sources: { c: { parent: 'stub' } } }),
  },
}
const SESSIONS = 5

test.each([
  [false, 'inline'],
  [true, 'inline'],
  [false, 'outbox'],
  [true, 'outbox'],
  [false, 'switching'],
  [true, 'switching'],
] as const)(
  'families converge under load, and the journal holds nothing whose reason has gone (native writers: %s, %s)',
  async (native, mode) => {
    await withEngine(
      { ...OPTIONS, open: native, sync: { mode: mode === 'outbox' ? 'outbox' : 'inline' } },
      async (e) => {
        await stress(e, { sessions: SESSIONS, native, switching: mode === 'switching', write })
        expect(await e.differences()).toEqual([])
        expect(await orphans(e)).toEqual([])
        for (const t of e.mapping.targets) {
          const lost = (await e.db.query<{ lost: number }>(accounting(t).text)).map((row) => row.lost)
          expect(lost, t.name).toEqual(lost.map(() => 0))
        }
        const before = await entries(e)
        await e.db.query('insert into crossfade.outbox (target, key) select target, key from crossfade.journal')
        await e.drain()
        expect(await entries(e)).toEqual(before)
      },
    )
  },
  120_000,
)

async function write(client: pg.Client, random: Random, side: Side): Promise<void> {
  const one = (prefix: string, of = 6): string => `${prefix}${random.int(of)}`
  const maybe = (prefix: string, of = 6): string | null => (random.chance(0.25) ? null : one(prefix, of))
  const run = async (text: string, values: unknown[]): Promise<unknown> => await client.query(text, values)
  const [aa, bb, cc] = side === 'new' ? ['new_schema.aa', 'new_schema.bb', 'new_schema.cc'] : ['a', 'b', 'c']
  const second = [
    () =>
      run('insert into a2 values ($1, $2, $3) on conflict (k) do update set code = excluded.code', [
        one('a'),
        maybe('code', 4),
        one('w'),
      ]),
    () => run('delete from a2 where k = $1', [one('a')]),
    () =>
      run('insert into b2 values ($1, $2, $3) on conflict (k) do update set y = excluded.y, at = excluded.at', [
        one('b', 10),
        maybe('y', 2),
        random.int(5),
      ]),
    () => run('delete from b2 where k = $1', [one('b', 10)]),
  ]
  const natively = [
    () => run(`update ${aa} set w = $2 where k = $1`, [one('a'), one('w')]),
    () => run(`update ${bb} set y = $2 where k = $1`, [one('b', 10), maybe('y', 2)]),
    () => run(`delete from ${bb} where at = $1`, [random.int(5)]),
  ]
  await random.pick([
    () =>
      run(
        `insert into ${aa} (k, above, code, v) values ($1, $2, $3, $4) on conflict (k) do update set above = excluded.above, v = excluded.v`,
        [one('a'), maybe('a'), maybe('code', 4), one('v')],
      ),
    () => run(`update ${aa} set code = $2 where k = $1`, [one('a'), maybe('code', 4)]),
    () => run(`update ${aa} set above = $2 where k = $1`, [one('a'), maybe('a')]),
    () => run(`delete from ${aa} where k = $1`, [one('a')]),
    () =>
      run(
        `insert into ${bb} (k, a, code, x, y, at) values ($1, $2, $3, $4, $5, $6) on conflict (k) do update set x = excluded.x, y = excluded.y, at = excluded.at`,
        [
          one('b', 10),
          maybe('a'),
          random.chance(0.5) ? null : one('code', 4),
          maybe('x', 2),
          maybe('y', 2),
          random.int(5),
        ],
      ),
    () => run(`update ${bb} set a = $2 where k = $1`, [one('b', 10), maybe('a')]),
    () => run(`update ${bb} set at = $2 where k = $1`, [one('b', 10), random.int(5)]),
    () => run(`delete from ${bb} where k = $1`, [one('b', 10)]),
    () =>
      run(
        `insert into ${cc} (k, b, v) values ($1, $2, $3) on conflict (k) do update set b = excluded.b, v = excluded.v`,
        [one('c', 10), maybe('b', 12), one('v')],
      ),
    () => run(`delete from ${cc} where k = $1`, [one('c', 10)]),
    ...(side === 'new' ? natively : second),
  ])()
}

/** A row that lacks its parent and loses a unique value, too, has two reasons, of which the journal tells the one it met. */
async function entries(e: Engine): Promise<unknown[]> {
  return await e.db.query(/* sql */ `
    select target, key, case when sqlstate in ('23503', '23505') then '23503 or 23505' else sqlstate end as sqlstate
      from crossfade.journal order by 1, 2`)
}

/** Rows that a foreign key would refuse at finish. */
async function orphans(e: Engine): Promise<unknown[]> {
  return await e.db.query(/* sql */ `
    select 'above', k from new_schema.aa as x where above is not null and not exists (select from new_schema.aa as p where p.k = x.above)
    union all
    select 'a', k from new_schema.bb as x where a is not null and not exists (select from new_schema.aa as p where p.k = x.a)
    union all
    select 'code', k from new_schema.bb as x where code is not null and not exists (select from new_schema.aa as p where p.code = x.code)
    union all
    select 'b', k from new_schema.cc as x where b is not null and not exists (select from new_schema.bb as p where p.k = x.b)`)
}
