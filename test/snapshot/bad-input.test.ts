import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { ident, literal } from '../../src/lib/sql.ts'
import { buildSnapshot } from '../../src/snapshot/build-snapshot.ts'
import { writeSnapshotPage } from '../../src/snapshot/page/snapshot-page.ts'
import { readSnapshot } from '../../src/snapshot/read-snapshot.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { nameRoles, readSchema, runScript, takeSnapshot } from './rebuild.ts'

let database: TestDatabase
let roles: ReturnType<typeof nameRoles>

beforeEach(async () => {
  database = await createTestDatabase()
  roles = nameRoles()
  for (const role of [roles.owner, roles.reader]) await database.query(`create role ${ident(role)} login password 'x'`)
})

afterEach(async () => {
  for (const role of [roles.owner, roles.reader]) {
    await database.query(`drop owned by ${ident(role)} cascade`)
    await database.query(`drop role ${ident(role)}`)
  }
  await database.drop()
})

function urlOf(role: string): string {
  const url = new URL(database.url)
  url.username = encodeURIComponent(role)
  url.password = 'x'
  return url.href
}

/** Of a database that is built from the SQL, after `before`. */
async function fingerprintOfCopy(sql: string, before = ''): Promise<string> {
  const fresh = await createTestDatabase()
  try {
    await runScript(fresh.url, before)
    await runScript(fresh.url, sql)
    return (await takeSnapshot(fresh.url)).snapshot.fingerprint
  } finally {
    await fresh.drop()
  }
}

describe('a role that may not read everything', () => {
  test('says which schema and which table, and goes on', async () => {
    await runScript(
      database.url,
      `create schema closed; create table closed.inside (id int); create function closed.f() returns int language sql as 'select 1';
       create table open_one (id int primary key, why text); create table shut (id serial primary key, secret text);
       create table child (shut_id int references shut); create table half (a int, b int);
       insert into open_one values (1, 'x'), (2, 'y');
       grant select on open_one, child to ${ident(roles.reader)}; grant select (a) on half to ${ident(roles.reader)};
       alter table open_one enable row level security;`,
    )
    const { snapshot, sql } = await takeSnapshot(urlOf(roles.reader), { exactCounts: true })
    expect(snapshot.findings.filter((one) => one.kind === 'unreadable').map((one) => one.what)).toEqual([
      'schema closed',
      'table public.half',
      'table public.shut',
    ])
    // They are told all the same.
    const byName = new Map(snapshot.tables.map((table) => [table.name, table]))
    expect(byName.get('shut')).toMatchObject({ readable: false, primaryKey: ['id'], rows: { exact: null } })
    expect(byName.get('inside')).toMatchObject({ readable: false, schema: 'closed' })
    expect(byName.get('child')).toMatchObject({ readable: true, rows: { exact: 0 } })
    // Row level security would hide rows, so nothing is counted.
    expect(byName.get('open_one')?.rows).toMatchObject({ exact: null, notCounted: 'the role may not read all of it' })
    expect(sql).toContain('CREATE TABLE public.child')
    expect(sql).not.toMatch(/CREATE (TABLE|SEQUENCE|SCHEMA|FUNCTION) (public\.shut|public\.half|closed)/)
    expect(sql).toContain('table public.shut (unreadable)')
    expect(snapshot.needs.objects).toContainEqual({
      object: 'table public.shut',
      neededBy: 'table constraint child_shut_id_fkey on public.child',
    })
    expect(writeSnapshotPage(snapshot)).toContain('`table public.shut` – unreadable')
  })
})

test('a pg_dump that is refused costs the SQL and nothing else', async () => {
  // What pg_dump reads and we don't.
  await database.query('create table kept (id int primary key); revoke select on pg_catalog.pg_seclabels from public')
  await database.query(`grant select on kept to ${ident(roles.reader)}`)
  const db = await connect(urlOf(roles.reader), { readOnly: true, poolSize: 1 })
  try {
    const session = await db.session()
    const snapshot = buildSnapshot(await readSnapshot(session, urlOf(roles.reader), { schemas: [] }))
    expect(snapshot.tables.map(({ name }) => name)).toEqual(['kept'])
    expect(snapshot.findings).toMatchObject([
      {
        kind: 'not in the SQL',
        what: 'PRODUCTION_SCHEMA_SNAPSHOT.sql',
        message: expect.stringMatching(
          /^It was not written\. pg_dump failed: .*permission denied for view pg_seclabels/,
        ),
      },
    ])
  } finally {
    await db.close()
  }
})

test('a schema that is not there', async () => {
  await expect(takeSnapshot(database.url, { schemas: ['public', 'no "such'] })).rejects.toMatchObject({
    code: 'schema_missing',
    exitCode: 2,
    message: 'The database has no schema "no ""such".',
    hint: 'It has: "public".',
  })
})

test('an empty database, and one without even public', async () => {
  const empty = await takeSnapshot(database.url)
  expect(empty.snapshot).toMatchObject({ summary: { tables: 0 }, tables: [] })
  expect(writeSnapshotPage(empty.snapshot)).toContain('There are none.')
  await database.query('drop schema public')
  const bare = await takeSnapshot(database.url)
  expect(bare.snapshot.schemas).toEqual([])
  expect(await fingerprintOfCopy(bare.sql)).toBe(bare.snapshot.fingerprint)
})

test('tables without columns, rows and keys, with 1,600 columns, and foreign ones that lead nowhere', async () => {
  const columns = Array.from({ length: 1600 }, (_, i) => `c${i} smallint${i % 100 === 99 ? ` default ${i}` : ''}`)
  await runScript(
    database.url,
    `create table nothing (); create table wide (${columns.join(', ')}); create table no_key (a int);
     create extension postgres_fdw; create server gone foreign data wrapper postgres_fdw options (host '127.0.0.1', port '1');
     create foreign table far_away (id int) server gone; create view over_it as select * from far_away;
     create materialized view not_filled as select * from far_away with no data;`,
  )
  const { snapshot, sql } = await takeSnapshot(database.url, { exactCounts: true })
  const byName = new Map(snapshot.tables.map((table) => [table.name, table]))
  expect(byName.get('wide')?.columns).toHaveLength(1600)
  expect(byName.get('wide')?.columns[1599]).toMatchObject({ name: 'c1599', default: '1599' })
  expect(byName.get('nothing')).toMatchObject({ columns: [], primaryKey: null, rows: { exact: 0 } })
  // Nobody asks the other server.
  expect(byName.get('far_away')).toMatchObject({ kind: 'foreign table', rows: { exact: null }, size: { table: null } })
  expect(await fingerprintOfCopy(sql)).toBe(snapshot.fingerprint)
})

test('a table that somebody holds is not waited for', async () => {
  await database.query('create table held (id int primary key); create table free (id int)')
  const holder = await database.pool.connect()
  try {
    await holder.query('begin; lock table held in access exclusive mode')
    await expect(takeSnapshot(database.url)).rejects.toMatchObject({ code: 'locked', exitCode: 3 })
  } finally {
    await holder.query('rollback')
    holder.release()
  }
})

test('secrets are in none of the artifacts', async () => {
  const token = `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJ${'yb2xlIjoic2VydmljZSJ9'}.hunter2`
  await runScript(database.url, roles.put(await readSchema('everything')))
  await runScript(
    database.url,
    `create function app.hook() returns trigger language plpgsql as $$ begin perform 'https://bot:hunter2@hook.example'; return null; end $$;
     create trigger hook after insert on app.toy for each row execute function app.hook('Bearer ${token}');
     create subscription of_others connection 'host=127.0.0.1 port=1 password=hunter2' publication p
       with (connect = false, enabled = false, create_slot = false, slot_name = none);`,
  )
  try {
    const { snapshot, sql } = await takeSnapshot(database.url)
    const page = writeSnapshotPage(snapshot)
    for (const text of [sql, JSON.stringify(snapshot), page]) expect(text).not.toContain('hunter2')
    expect(snapshot.findings.map((one) => `${one.kind}: ${one.what}`)).toEqual(
      expect.arrayContaining([
        'not in the SQL: subscription of_others',
        `not in the SQL: user mapping for ${roles.reader} of elsewhere`,
        'hidden: trigger hook on app.toy',
        'hidden: function app.hook()',
        'hidden: foreign server own_server',
      ]),
    )
    const shown = await takeSnapshot(database.url, { showValues: true })
    expect(shown.sql).toContain('https://bot:hunter2@hook.example')
    expect(JSON.stringify(shown.snapshot)).toContain('https://bot:hunter2@hook.example')
    for (const text of [shown.sql, JSON.stringify(shown.snapshot)])
      expect(text).not.toMatch(/hunter2-mapping|password=hunter2/)
  } finally {
    await database.query('drop subscription of_others')
  }
})

describe('Supabase', () => {
  const PROJECT = `
    create schema auth; create table auth.users (id uuid primary key, email text);
    create function auth.uid() returns uuid language sql stable as 'select null::uuid';
    create function auth.watch() returns event_trigger language plpgsql as 'begin end';
    create event trigger supabase_watch on ddl_command_end execute function auth.watch();
    comment on event trigger supabase_watch is 'theirs';
    create schema extensions; create extension citext schema extensions;
    create table profiles (id uuid primary key references auth.users on delete cascade, name extensions.citext);
    alter table profiles enable row level security;
    create policy own on profiles using (id = auth.uid());
    create view members as select p.name, u.email from profiles p join auth.users u using (id);
    create function new_user() returns trigger language plpgsql as 'begin insert into public.profiles (id) values (new.id); return new; end';
    create trigger on_new_user after insert on auth.users for each row execute function new_user();`

  test("leaves Supabase's own schemas out, says so, and what is needed of them", async () => {
    await database.query(`do $$ begin create role supabase_admin; exception when duplicate_object then end $$`)
    await runScript(database.url, PROJECT)
    const { snapshot, sql } = await takeSnapshot(database.url)
    expect(snapshot.leftOut).toEqual([
      { name: 'auth', reason: "Supabase's own" },
      { name: 'extensions', reason: "Supabase's own" },
    ])
    expect(snapshot.tables.map((table) => `${table.schema}.${table.name}`)).toEqual([
      'public.members',
      'public.profiles',
    ])
    expect(snapshot.needs.objects).toEqual([
      { object: 'function auth.uid()', neededBy: 'policy own on public.profiles' },
      { object: 'table auth.users', neededBy: 'table constraint profiles_id_fkey on public.profiles' },
      { object: 'table auth.users', neededBy: 'view public.members' },
    ])
    expect(sql).toContain(`-- Left out: schema auth (Supabase's own)`)
    expect(sql).toContain(
      '--   table auth.users, by table constraint profiles_id_fkey on public.profiles, view public.members',
    )
    expect(writeSnapshotPage(snapshot)).toContain(
      '`function auth.uid()` – left out, but needed by `policy own on public.profiles`.',
    )
    expect(sql).toContain('CREATE SCHEMA IF NOT EXISTS "extensions";')
    expect(sql).not.toContain('supabase_watch')
    expect(sql).not.toMatch(/^CREATE (TABLE|FUNCTION|SCHEMA) auth/m)
    expect(sql).toMatch(/^-- CREATE TRIGGER on_new_user AFTER INSERT ON auth\.users .*;$/m)

    // On a project that has what was left out, it runs.
    const theirs = PROJECT.split('create schema extensions')[0] ?? ''
    expect(await fingerprintOfCopy(sql, theirs)).toBe(snapshot.fingerprint)
  })

  test('looks at them where they are asked for', async () => {
    await runScript(database.url, PROJECT)
    const { snapshot, sql } = await takeSnapshot(database.url, { schemas: ['auth'] })
    expect(snapshot.schemas.map(({ name }) => name)).toEqual(['auth'])
    expect(snapshot.leftOut).toEqual([
      { name: 'extensions', reason: 'not asked for' },
      { name: 'public', reason: 'not asked for' },
    ])
    expect(sql).toContain('CREATE TABLE auth.users')
    expect(sql).not.toContain('CREATE TABLE public.profiles')
  })
})

test('says what pg_dump can not give back: the order of columns that a parent got later', async () => {
  await database.query(
    `create table parent (a int); create table child (b int) inherits (parent); create table fine (c int) inherits (parent);
     alter table parent add late int; alter table fine drop c`,
  )
  const { snapshot, sql } = await takeSnapshot(database.url)
  expect(snapshot.findings).toMatchObject([{ kind: 'careful', what: 'table public.child' }])
  expect(await fingerprintOfCopy(sql)).not.toBe(snapshot.fingerprint)
})

test('hostile names break neither the page nor the SQL', async () => {
  const name = `a|b\`c]("d"<script>\n-- x; drop table y;`
  await runScript(
    database.url,
    `create schema ${ident(name)}; create table ${ident(name, name)} (${ident(name)} text default ${literal(name)}, constraint ${ident(`${name} key`)} primary key (${ident(name)}));
     comment on table ${ident(name, name)} is ${literal(name)};`,
  )
  const { snapshot, sql } = await takeSnapshot(database.url)
  const page = writeSnapshotPage(snapshot)
  for (const line of page.split('\n')) expect(line).not.toMatch(/^-- x|^<script>/)
  expect(page).not.toMatch(/(?<!`[^`\n]*|\\)<script>/)
  for (const line of (sql.split('\nSET ')[0] ?? '').split('\n')) expect(line).toMatch(/^(--.*)?$/)
  expect(await fingerprintOfCopy(sql)).toBe(snapshot.fingerprint)
})
