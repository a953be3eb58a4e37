import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'

const SCHEMA = {
  oldSql: `create table a (k text primary key, x timestamptz, d interval, f float8, y bytea, t text);
    create table b (id serial primary key, k text, z text);`,
  newSql: `create table n (k text primary key, x timestamptz, shown text, d text, f text, y text, t boolean, z text);`,
  tables: {
    n: {
      key: 'k',
      sources: {
        a: {
          columns: {
            shown: { from: `x::text`, back: false as const },
            d: { from: 'd::text', back: false as const },
            f: { from: 'f::text', back: false as const },
            y: { from: 'y::text', back: false as const },
            t: { from: `t ~ '^\\d+$'`, back: false as const },
          },
        },
        b: {},
      },
    },
  },
}

const SESSIONS = [
  `set timezone = 'Asia/Kolkata'; set datestyle = 'SQL, DMY'; set intervalstyle = 'iso_8601'; set extra_float_digits = -3; set bytea_output = 'escape'`,
  `set standard_conforming_strings = off; set escape_string_warning = off`,
  `create schema evil; create function evil.lower(text) returns text language sql as 'select $1 || ''evil'''; create operator evil.= (leftarg = text, rightarg = text, function = pg_catalog.textne); set search_path = evil, pg_catalog, public`,
  `create temp table outbox (x int); create temp table n (k text, x text); create temp table a2 (x int); set search_path = pg_temp, public`,
  `set enable_indexscan = off; set enable_bitmapscan = off; set plan_cache_mode = force_custom_plan; set jit_above_cost = 0; set transform_null_equals = on`,
  `set check_function_bodies = off; set array_nulls = off; set xmloption = document; set lc_numeric = 'C'; set row_security = off`,
]

test.each(SESSIONS)('what is computed does not depend on the session: %s', async (settings) => {
  await withEngine(SCHEMA, async (e) => {
    const app = await e.connect(settings)
    await app.query(
      `insert into public.a values ('one', '2024-02-29 12:00:00.123456+00', '1 day 02:03:04', 0.1::float8 + 0.2, decode('00ff', 'hex'), '12')`,
    )
    await app.query(`insert into public.b (k, z) values ('one', 'z')`)
    await app.query(`update public.a set t = '13'`)
    expect(await e.outbox()).toEqual([])
    expect(await e.db.query('select shown, d, f, y, t, z from new_schema.n')).toEqual([
      {
        shown: '2024-02-29 12:00:00.123456+00',
        d: '1 day 02:03:04',
        f: '0.30000000000000004',
        y: '\\x00ff',
        t: true,
        z: 'z',
      },
    ])
    await e.db.query(`set timezone = 'UTC'`)
  })
})

test('row level security of an old table neither hides rows from sync nor opens them', async () => {
  await withEngine(
    {
      ...SCHEMA,
      oldSql: `${SCHEMA.oldSql}
        do $$ begin create role engine_tenant; exception when duplicate_object or unique_violation then null; end $$;
        alter table b enable row level security; alter table b force row level security;
        alter table a enable row level security; alter table a force row level security;
        create policy own on b to engine_tenant using (z = 'mine') with check (z = 'mine');
        create policy own on a to engine_tenant using (t = 'mine');
        grant select (k, z), insert (k, z), update (z), delete on b to engine_tenant;
        grant usage on sequence b_id_seq to engine_tenant;
        grant select, insert (k, t), update (x) on a to engine_tenant;`,
    },
    async (e) => {
      await e.db.query(`insert into b (k, z) values ('one', 'theirs')`)
      await e.db.query(`insert into a (k, t) values ('two', 'theirs')`)
      const tenant = await e.connect('set role engine_tenant')
      await tenant.query(`insert into a (k, t) values ('one', 'mine')`)
      await tenant.query(`insert into b (k, z) values ('two', 'mine')`)
      await tenant.query(`update b set z = 'mine'`)
      await expect(tenant.query(`insert into b (k, z) values ('x', 'theirs')`)).rejects.toMatchObject({ code: '42501' })
      await expect(tenant.query('select from new_schema.n')).rejects.toMatchObject({ code: '42501' })
      expect(await e.db.query('select k, t, z from new_schema.n order by k')).toEqual([
        { k: 'one', t: false, z: 'theirs' },
        { k: 'two', t: false, z: 'mine' },
      ])
      await tenant.query(`delete from b`)
      expect(await e.db.query('select k, z from new_schema.n order by k')).toEqual([
        { k: 'one', z: 'theirs' },
        { k: 'two', z: null },
      ])
      expect(await e.outbox()).toEqual([])
      expect(await e.differences()).toEqual([])
    },
  )
})

test('where row security hides old rows from the owner of sync, keys wait and nothing is deleted', async () => {
  await withEngine(SCHEMA, async (e) => {
    await e.db.query(`insert into a (k) values ('one')`)
    await e.db.query(`
      do $$ begin create role engine_owner; exception when duplicate_object or unique_violation then null; end $$;
      grant usage on schema crossfade, new_schema to engine_owner;
      grant all on all tables in schema public, new_schema, crossfade to engine_owner;
      grant all on all sequences in schema crossfade to engine_owner;
      grant all on all functions in schema crossfade to engine_owner;
      alter function crossfade.forward_n_from_a() owner to engine_owner;
      alter table a enable row level security;`)
    await e.db.query(`update a set t = 'changed'`)
    expect(await e.outbox()).toMatchObject([{ key: ['one'], sqlstate: '42501' }])
    expect(await e.db.query('select k from new_schema.n')).toEqual([{ k: 'one' }])
    await e.drain()
    expect(await e.differences()).toEqual([])
  })
})

test('a native write does not depend on the session either', async () => {
  const options = {
    oldSql: `create table a (k text primary key, at text, f text, y text, d text)`,
    newSql: `create table n (k text primary key, at timestamptz, f float8, y bytea, d interval)`,
    tables: {
      n: {
        key: 'k',
        sources: {
          a: {
            columns: {
              at: { from: 'at::timestamptz', back: 'at::text' },
              f: { from: 'f::float8', back: 'f::text' },
              y: { from: 'y::bytea', back: 'y::text' },
              d: { from: 'd::interval', back: 'd::text' },
            },
          },
        },
      },
    },
    open: true,
  }
  await withEngine(options, async (e) => {
    const app = await e.connect(SESSIONS[0])
    await app.query(
      `insert into new_schema.n values ('one', timestamptz '2024-02-01 12:00:00.123456+00', 0.1::float8 + 0.2, decode('00ff', 'hex'), make_interval(days => 1, hours => 2))`,
    )
    await app.query(`update new_schema.n set at = at + interval '1 day'`)
    expect(await e.db.query('select at, f, y, d from a')).toEqual([
      { at: '2024-02-02 12:00:00.123456+00', f: '0.30000000000000004', y: '\\x00ff', d: '1 day 02:00:00' },
    ])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})

test('where sync itself lacks a right on the new table, keys wait and no old statement fails', async () => {
  await withEngine(SCHEMA, async (e) => {
    await e.db.query(`
      do $$ begin create role engine_owner; exception when duplicate_object or unique_violation then null; end $$;
      grant usage on schema crossfade, new_schema to engine_owner;
      grant all on all tables in schema public, new_schema, crossfade to engine_owner;
      grant all on all sequences in schema crossfade to engine_owner;
      grant all on all functions in schema crossfade to engine_owner;
      alter function crossfade.forward_n_from_a() owner to engine_owner;
      revoke update on new_schema.n from engine_owner;`)
    await e.db.query(`insert into a (k) values ('one')`)
    await e.db.query(`update a set t = '1'`)
    expect((await e.outbox()).map((o) => o.sqlstate)).toContain('42501')
    await e.drain()
    expect(await e.db.query('select t from new_schema.n')).toEqual([{ t: true }])
    expect(await e.differences()).toEqual([])
  })
})

test('anonymous, authenticated and service roles write and read their part of a table with FORCE ROW LEVEL SECURITY', async () => {
  const policies = (table: string): string => /* sql */ `
    alter table ${table} enable row level security;
    create policy mine on ${table} to engine_authenticated using (t = current_user) with check (t = current_user);
    create policy open on ${table} for select to engine_anon using (t = 'public');
    grant select, insert, update, delete on ${table} to engine_authenticated, engine_service;
    grant select on ${table} to engine_anon;`
  const options = {
    oldSql: /* sql */ `
      do $$ declare r text; begin foreach r in array array['engine_anon', 'engine_authenticated', 'engine_service'] loop
        begin execute format('create role %I', r); exception when duplicate_object or unique_violation then null; end; end loop; end $$;
      alter role engine_service bypassrls;
      create table a (k text primary key, t text, x text); ${policies('a')} alter table a force row level security;`,
    newSql: `create table n (k text primary key, t text, x text); ${policies('n')} alter table n force row level security;`,
    tables: { n: { key: 'k', sources: { a: {} } } },
    open: true,
  }
  await withEngine(options, async (e) => {
    await e.db.query(`grant usage on schema new_schema to engine_anon, engine_authenticated, engine_service`)
    const [anon, user, service] = await Promise.all(
      ['anon', 'authenticated', 'service'].map((role) => e.connect(`set role engine_${role}`)),
    )
    await service?.query(`insert into a values ('p', 'public', 'x'), ('s', 'secret', 'x')`)
    await user?.query(`insert into a values ('u', 'engine_authenticated', 'x')`)
    await user?.query(`update a set x = 'mine'`)
    await expect(user?.query(`insert into a values ('v', 'public', 'x')`)).rejects.toMatchObject({ code: '42501' })
    await expect(anon?.query(`update a set x = 'mine'`)).rejects.toMatchObject({ code: '42501' })
    const seen = async (table: string): Promise<unknown[]> =>
      await Promise.all(
        [anon, user, service].map(async (session) =>
          (await session?.query(`select k from ${table} order by k`))?.rows.map((row) => row.k),
        ),
      )
    const all = [['p'], ['u'], ['p', 's', 'u']]
    for (const table of ['a', 'new_schema.n', 'crossfade_compat.a']) expect(await seen(table), table).toEqual(all)
    // Natively each writes what the policies of the new table let it write, and no other old row.
    await user?.query(`update new_schema.n set x = 'native'`)
    await expect(user?.query(`insert into new_schema.n values ('w', 'public', 'x')`)).rejects.toMatchObject({
      code: '42501',
    })
    await user?.query(`insert into new_schema.n values ('w', 'engine_authenticated', 'x')`)
    await user?.query(`delete from new_schema.n where k = 'u'`)
    expect(await e.db.query('select k, x from a order by k')).toEqual([
      { k: 'p', x: 'x' },
      { k: 's', x: 'x' },
      { k: 'w', x: 'x' },
    ])
    expect(await e.outbox()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})
