import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { crossfade } from '../../src/client/pg.ts'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

/**
 * Behaviour parity: what the application gets for a statement is what it got before Crossfade, at every stage and after
 * every way back: rows, counts, the names and types of columns, SQLSTATEs and the names of constraints.
 */

const OLD = /* sql */ `
  create table cities (id int primary key, name text not null);
  insert into cities values (1, 'Oslo'), (2, 'Bern');
  create type mood as enum ('calm', 'loud');
  create table people (
    id bigserial primary key,
    email text not null unique,
    nick varchar(12) unique deferrable initially immediate,
    name text not null default 'nobody',
    score numeric(6, 2) check (score >= 0),
    mood mood not null default 'calm',
    tags text[] not null default '{}',
    data jsonb,
    city int references cities on delete restrict,
    born date,
    seen timestamptz not null default '2026-01-02 03:04:05.678901+00',
    label text generated always as (upper(name)) stored
  );
  create table contacts (email text primary key, phone text, note text);
  create table visits (id int generated always as identity primary key, person bigint not null references people on delete cascade, at int);
  create table log (id serial primary key, line text);
  create function note_change() returns trigger language plpgsql as $$ begin
    insert into log (line) values (tg_op || ' ' || coalesce(new.email, old.email));
    return null; end $$;
  create trigger note_change after insert or update or delete on people for each row execute function note_change();
  create function tidy() returns trigger language plpgsql as $$ begin
    new.name := btrim(new.name);
    if new.name = 'skip' then return null; end if;
    if new.name = 'fail' then raise exception 'no such name' using errcode = 'P0042'; end if;
    return new; end $$;
  create trigger tidy before insert or update on people for each row execute function tidy();
  insert into people (email, nick, name, score, tags, data, city, born)
    select 'p' || n || '@x', 'n' || n, 'Person ' || n, n, array['t' || n % 3], jsonb_build_object('n', n, 'f', 1.0 * n), 1 + n % 2, date '2000-01-01' + n
      from generate_series(1, 40) as n;
  insert into contacts select 'p' || n || '@x', '+' || n, case when n % 2 = 0 then 'even' end from generate_series(1, 60) as n;
  insert into visits (person, at) select 1 + n % 10, n from generate_series(1, 30) as n;`

const NEW = /* sql */ `
  create table members (
    id bigint,
    email text primary key,
    nick varchar(12) unique,
    name text,
    score numeric(6, 2) check (score >= 0),
    mood mood default 'calm',
    tags text[] default '{}',
    data jsonb,
    city int,
    born date,
    seen timestamptz default '2026-01-02 03:04:05.678901+00',
    phone text
  );`

const WRITES = [
  `insert into people (email) values ('new@x') returning *`,
  `insert into people (email, name) values ('a@x', '  A  '), ('b@x', 'B') returning id, name, label, seen`,
  `insert into people default values`,
  `insert into people (email, name) values ('new@x', 'skip') returning *`,
  `insert into people (email, name) values ('new@x', 'fail')`,
  `insert into people (email) select 'q' || email from people where id <= 3 returning email`,
  `insert into people (email, name) values ('p1@x', 'again')`,
  `insert into people (email, name) values ('p1@x', 'again') on conflict do nothing returning id`,
  `insert into people (email, name) values ('p1@x', 'again') on conflict (email) do nothing`,
  `insert into people (email, name) values ('p1@x', 'again') on conflict (email) do update set name = excluded.name || people.name returning id, name`,
  `insert into people (id, email) values (1, 'other@x') on conflict (id) do update set email = excluded.email returning id, email`,
  `insert into people (email, nick) values ('other@x', 'n2')`,
  `insert into people (email, nick) values ('other@x', 'n2') on conflict (nick) do nothing`,
  `insert into contacts values ('p1@x', '1', 'new') on conflict (email) do update set note = excluded.note where contacts.note is null returning *`,
  `insert into people (email, nick) values ('long@x', 'longer than twelve')`,
  `insert into people (email, score) values ('minus@x', -1)`,
  `insert into people (email, score) values ('much@x', 12345.678)`,
  `insert into people (email, score) values ('round@x', 1.005) returning score`,
  `insert into people (email, city) values ('far@x', 99)`,
  `insert into people (email, mood) values ('sad@x', 'sad')`,
  `insert into people (email, born) values ('born@x', 'yesterday at noon')`,
  `insert into people (email, label) values ('label@x', 'mine')`,
  `insert into visits (id, person) values (5, 1)`,
  `update people set name = 'X' where id between 3 and 5 returning id, name, label, xmax is null`,
  `update people set email = email || '.org' where id = 7 returning email`,
  `update people set email = 'p2@x' where id = 1`,
  `update people set id = 1000 where id = 12 returning id`,
  `update people set id = 1000 where id = 1`,
  `update people set name = null where id = 1`,
  `update people set name = 'skip' where id < 4`,
  `update people set name = 'fail' where id = 4`,
  `update people set name = name where id < 10`,
  `update people set nick = case id when 1 then 'n2' else 'n1' end where id in (1, 2) returning id, nick`,
  `update people set data = jsonb_set(data, '{n}', '9007199254740993'), tags = tags || '{a,"b c"}' where id = 2 returning data, tags`,
  `update people p set name = c.phone from contacts c where c.email = p.email and p.id < 4 returning p.id, p.name, c.phone`,
  `update contacts set note = 'n' where email like 'p1%' returning email, note`,
  `update people set seen = 'infinity', score = 'NaN' where id = 3 returning seen, score`,
  `delete from people where id = 40 returning *`,
  `delete from people where id = 1`,
  `delete from people using contacts c where c.email = people.email and c.note is null and people.id > 30 returning people.id`,
  `delete from contacts`,
  `delete from people`,
  `delete from cities where id = 1`,
  `truncate contacts`,
  `truncate people cascade`,
  `with gone as (delete from people where id > 35 returning email) insert into contacts select email || '!', 'x' from gone returning email`,
  `with up as (update people set name = 'W' where id < 3 returning id) select count(*) from up`,
  `merge into people p using (values ('p1@x', 'M'), ('m@x', 'M')) as v (email, name) on p.email = v.email
     when matched then update set name = v.name when not matched then insert (email, name) values (v.email, v.name)`,
  `select id from people where id < 4 order by id for update`,
  `select id from people where id < 4 order by id for no key update skip locked`,
  `lock table people in share row exclusive mode`,
  `do $$ begin update people set name = 'fail' where id = 1; exception when others then insert into people (email) values ('saved@x'); end $$`,
]

const READS = [
  `select * from people order by id limit 5`,
  `select p.*, c.name as city_name from people p join cities c on c.id = p.city where p.id < 6 order by p.id`,
  `select count(*), sum(score), max(seen), min(born) from people`,
  `select mood, count(*) from people group by mood`,
  `select email, phone from contacts where note = 'even' order by email`,
  `select p.name, c.phone from people p left join contacts c using (email) where p.nick in ('n1', 'n2') order by 1`,
  `select id, tags, data->>'n' as n from people where data @> '{"n": 3}' or 't1' = any (tags) order by id limit 7`,
  `select label from people where id = $1`,
  `select c.email from contacts c where not exists (select from people p where p.email = c.email) order by 1`,
  `select id, row_number() over (order by score desc) from people order by 2 limit 3`,
  `select upper(name), length(nick), seen at time zone 'UTC' from people where email = 'p9@x'`,
  `select nothing from people`,
]

interface Observed {
  readonly code?: string | undefined
  readonly rows?: unknown[]
  readonly count?: number | null
  readonly columns?: unknown
  readonly violated?: unknown
}

async function observe(client: { query(config: object): Promise<pg.QueryResult> }, text: string): Promise<Observed> {
  try {
    const result = await client.query({ text, values: text.includes('$1') ? [3] : [] })
    return {
      rows: result.rows,
      count: result.rowCount,
      columns: result.fields.map((field) => [field.name, field.dataTypeID, field.dataTypeModifier]),
    }
  } catch (error) {
    const { code, constraint, column, table } = error as pg.DatabaseError
    return { code, violated: { constraint, column, table } }
  }
}

/** By the new name, against a plain table with the same rows; `%` is the table. */
const NATIVE = [
  `insert into % (id, email, name) values (9001, 'native@x', 'Nora') returning id, email, name, phone`,
  `insert into % (id, email, name) values (9001, 'p1@x', 'Nora')`,
  `insert into % (id, email, name) values (9001, 'p1@x', 'Nora') on conflict do nothing returning id`,
  `insert into % (id, email, name) values (9001, 'p1@x', 'Nora') on conflict (email) do update set name = excluded.name returning id, name`,
  `insert into % (id, email, nick) values (9001, 'native@x', 'n2')`,
  `insert into % (id, email, score) values (9001, 'native@x', -1)`,
  `insert into % (id, email, nick) values (9001, 'native@x', 'longer than twelve')`,
  `insert into % (id, email, mood) values (9001, 'native@x', 'sad')`,
  `insert into % (id, email, name, mood, tags, data, born, seen, score)
     select id + 9000, 'copy' || email, name, mood, tags, data, born, seen, score from % where id < 4 returning *`,
  `update % set name = 'Zoe', score = 5.5, data = '{"a": 1.0}' where email = 'p3@x' returning *`,
  `update % set phone = '+99' where id between 5 and 9 returning email, phone`,
  `update % set nick = 'n2' where email = 'p1@x'`,
  `update % set score = -1 where email = 'p1@x'`,
  `update % set name = 'Yan' where email = 'nobody@x'`,
  `update % as m set name = c.name from cities c where c.id = m.city and m.id < 8 returning m.id, m.name`,
  `delete from % where email = 'p40@x' returning email, phone`,
  `delete from % where id > 35 returning id`,
  `with gone as (delete from % where id = 33 returning id) select count(*) from gone`,
  `merge into % as m using (values ('p1@x', 'Max'), ('merged@x', 'Max')) as v (email, name) on m.email = v.email
     when matched then update set name = v.name when not matched then insert (id, email, name) values (9001, v.email, v.name)`,
  `select id from % where id < 4 order by id for update`,
]

async function expectNativeParity(app: pg.PoolClient): Promise<void> {
  await app.query(`create table plain (like members including all); insert into plain select * from members`)
  for (const text of NATIVE) {
    const sides = []
    for (const table of ['plain', 'members']) {
      await app.query('begin')
      const seen = await observe(app, text.replaceAll('%', table))
      if (!('code' in seen)) await app.query(`set constraints all immediate`)
      const rows = 'code' in seen ? null : await observe(app, `select * from ${table} order by email`)
      sides.push({ text, code: seen.code, rows: seen.rows, count: seen.count, left: rows?.rows })
      await app.query('rollback')
    }
    expect(sides[1]).toEqual(sides[0])
  }
  await app.query('drop table plain')
}

test('the application gets for every statement what it got before, at each stage and after each way back', async () => {
  const project = await createProject({
    oldSql: OLD,
    newSql: NEW,
    tables: { members: merge({ key: 'email', sources: { people: {}, contacts: {} }, reverse: ['people'] }) },
  })
  const { commands } = project
  const pool = new pg.Pool({ connectionString: project.url, max: 2 })
  const app = await pool.connect()
  const routed = crossfade(new pg.Pool({ connectionString: project.url, max: 2 }))
  onTestFinished(async () => {
    app.release()
    await Promise.all([pool.end(), routed.end()])
  })

  const everything = async (): Promise<Record<string, Observed>> => {
    const seen: Record<string, Observed> = {}
    for (const text of WRITES) {
      // What a rollback does not take back.
      await app.query(
        `select setval('people_id_seq', 5000), setval('log_id_seq', 5000), setval(pg_get_serial_sequence('visits', 'id'), 5000)`,
      )
      await app.query('begin')
      seen[text] = await observe(app, text)
      await app.query('rollback')
      await app.query('begin')
      await observe(app, text)
      const left = await observe(
        app,
        `select (select count(*) from log), (select jsonb_agg(p order by id) from people p), (select jsonb_agg(c order by email) from contacts c), (select count(*) from visits)`,
      )
      seen[`after ${text}`] = left
      await app.query('rollback')
    }
    for (const text of READS) seen[text] = await observe(app, text)
    return seen
  }

  const before = await everything()
  const codes = Object.values(before).map((value) => value.code ?? 'done')
  const wanted = [
    '22001',
    '22003',
    '22007',
    '22P02',
    '23502',
    '23503',
    '23505',
    '23514',
    '428C9',
    '42703',
    '55000',
    'P0042',
    'done',
  ]
  expect(codes).toEqual(expect.arrayContaining(wanted))
  const expectParity = async (stage: string): Promise<void> => {
    const now = await everything()
    for (const [text, value] of Object.entries(before))
      expect({ stage, text, value: now[text] }).toEqual({ stage, text, value })
  }
  await commands.approve('design')
  await commands.build()
  await expectParity('build')
  await commands.approve('build')
  await commands.sync()
  await expectParity('sync')
  await commands.approve('sync')
  await commands.verify()
  await commands.approve('verify')
  await project.query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  for (const percent of [1, 10, 25, 50, 100]) await commands.reads(percent)
  await expectParity('reads')
  await routed.query('select 1')
  await expect
    .poll(async () => {
      await routed.query('select email from people limit 1')
      return routed.crossfade.stats().readsNew
    })
    .toBeGreaterThan(0)
  for (const text of READS)
    expect({ text, value: await observe(routed as never, text) }).toEqual({ text, value: before[text] })
  await commands.approve('reads')
  await commands.move()
  await expectParity('move')
  await app.query(
    `begin; update people set name = 'At once' where id = 2; update contacts set phone = '+2!' where email = 'p2@x'`,
  )
  const atOnce = await app.query(
    `select name, phone, (select count(*)::int from crossfade.outbox) as waiting from members where email = 'p2@x'`,
  )
  expect(atOnce.rows).toEqual([{ name: 'At once', phone: '+2!', waiting: 0 }])
  await app.query('rollback')
  await expectNativeParity(app)
  for (const stage of ['reads', 'sync', 'build', 'design']) {
    await commands.rollback()
    await expectParity(`${stage}, on the way back`)
  }
}, 240_000)
