import { expect, test } from 'vitest'
import { describeHanging } from '../../src/lifecycle/dependents.ts'
import { rollback } from '../../src/lifecycle/rollback.ts'
import { append, merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

type Project = Awaited<ReturnType<typeof createProject>>

/** Through all stages; `at` looks after each, and after each way back. */
async function go(
  { commands, query }: Project,
  at: (stage: string) => Promise<void> = async () => undefined,
): Promise<void> {
  const sync = async (): Promise<void> => {
    await commands.approve('build')
    await commands.sync()
    await commands.approve('sync')
    await commands.verify()
    await commands.approve('verify')
  }
  const reads = async (): Promise<void> => {
    for (const percent of [1, 10, 25, 50, 100]) await commands.reads(percent)
    await commands.approve('reads')
  }
  await commands.approve('design')
  await commands.build()
  await at('build')
  await commands.rollback()
  await at('back in design')
  await commands.approve('design')
  await commands.build()
  await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  await sync()
  await at('sync')
  await commands.rollback()
  await at('back in build')
  await sync()
  await reads()
  await at('reads')
  await commands.rollback()
  await at('back in sync')
  await reads()
  await commands.move()
  await at('move')
  await commands.rollback()
  await at('back in reads')
  await commands.move()
  await commands.approve('move')
}

/** Straight to where finish is next. */
async function goToMove({ commands, climb }: Project): Promise<void> {
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
}

async function finish({ commands }: Project): Promise<void> {
  await commands.approve('finish')
  await commands.finish(0)
}

/** What the server says of views, foreign keys and functions of the user, with their rights and options. */
const DEFINITIONS = `
  select c.relname::text as name, pg_get_viewdef(c.oid) as definition, c.reloptions::text as options, c.relacl::text as acl,
         c.relowner::regrole::text as owner, obj_description(c.oid, 'pg_class') as comment
    from pg_class c where c.relkind in ('v', 'm') and c.relnamespace = 'public'::regnamespace
  union all
  select conname, pg_get_constraintdef(oid), null, null, conrelid::regclass::text, obj_description(oid, 'pg_constraint')
    from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace and conparentid = 0
  union all
  select proname, pg_get_functiondef(oid), null, proacl::text, proowner::regrole::text, null
    from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'
  order by 1, 2`

const POSTS = {
  oldSql: `
    create table "Old Posts" (
      "Post Id" int primary key, "ti""tle" varchar(40), state text collate "C" not null default 'queued',
      shouted text generated always as (upper("ti""tle")) stored, secret text);
    insert into "Old Posts" ("Post Id", "ti""tle") select n, 'post ' || n from generate_series(1, 10) as n;
    create table drafts (id int primary key, title text);
    insert into drafts values (100, 'a draft');
    create table notes (
      id int generated always as identity primary key,
      post int constraint "the post" references "Old Posts" on update cascade on delete cascade deferrable initially deferred,
      body text);
    comment on constraint "the post" on notes is 'why it is';
    insert into notes (post, body) select n, 'note' from generate_series(1, 10) as n;
    create view "The Report" with (security_barrier = true, security_invoker = true) as
      select p."Post Id", p."ti""tle", p.state, n.body from "Old Posts" p left join notes n on n.post = p."Post Id";
    comment on view "The Report" is 'for the boss';
    create view over_it as select count(*) as posts from "The Report";
    create view queued as select * from (select "Post Id", state from "Old Posts" where state = 'queued') q
      where exists (select 1 from "Old Posts" where "Post Id" = q."Post Id");
    grant select on "The Report" to public;
    create function write_by_name() returns trigger language plpgsql as $$
      begin update "Old Posts" set state = 'noted' where "Post Id" = new.post; return new; end $$;
    create trigger noted after insert on notes for each row execute function write_by_name();`,
  newSql: `create table posts (id int primary key, title text, state text, secret_hash text);`,
  tables: {
    posts: merge({
      key: 'id',
      sources: {
        'Old Posts': {
          key: '"Post Id"',
          columns: { title: '"ti""tle"', secret_hash: { from: 'md5(secret)', back: false } },
        },
        drafts: {},
      },
    }),
  },
}

const ALSO = {
  path: '/somewhere/also.sql',
  text: `-- the trigger writes the new table
create or replace function write_by_name() returns trigger language plpgsql as $$
  begin update posts set state = 'noted' where id = new.post; return new; end $$;`,
}

test('views, foreign keys and functions that hang on the old tables work in every stage, and after finish and the way back', async () => {
  const project = await createProject({ ...POSTS, also: ALSO })
  const { query, commands, artifact } = project
  const before = await query(DEFINITIONS)
  const works = async (): Promise<void> => {
    await query('begin')
    await query(`insert into notes (post, body) values (3, 'works')`)
    expect(await query(`select count(*)::int as rows from "The Report" where state = 'noted'`)).toEqual([{ rows: 2 }])
    expect(await query(`select "Post Id" from queued where "Post Id" = 3`)).toEqual([])
    await query('savepoint a')
    await query(`insert into notes (post) values (999)`)
    await expect(query('set constraints all immediate')).rejects.toThrow(/foreign key constraint "the post"/)
    await query('rollback')
  }
  await works()
  await go(project, async (stage) => {
    await works()
    expect(await query(DEFINITIONS), stage).toEqual(expect.arrayContaining(before))
  })
  await finish(project)
  await works()
  const plan = await artifact('FINISH_PLAN.sql')
  expect(plan).toContain('all rows of the new table appear')
  expect(plan).toContain('update posts set state')
  expect(await query('select posts::int from over_it')).toEqual([{ posts: 11 }])
  const after = await query(DEFINITIONS)
  expect(after.map((row) => ({ ...row, definition: '' }))).toEqual(before.map((row) => ({ ...row, definition: '' })))
  expect(after.find((row) => row.name === 'the post')?.definition).toContain('REFERENCES posts(id)')
  expect(await query(`select convalidated from pg_constraint where conname = 'the post'`)).toEqual([
    { convalidated: true },
  ])
  await commands.rollback()
  expect(await query(DEFINITIONS)).toEqual(before)
  await works()
}, 120_000)

const PEOPLE = {
  oldSql: `
    create table cities (id int primary key, name text);
    insert into cities values (1, 'a');
    create table people (id int primary key, name text, city int references cities, secret text);
    insert into people select n, 'p' || n, 1, 's' from generate_series(1, 5) as n;`,
  newSql: `create table persons (id int primary key, name text, city int);`,
  tables: { persons: merge({ key: 'id', sources: { people: {} } }) },
}

test('what finish cannot make anew is refused by name, with the reason', async () => {
  const project = await createProject({
    ...PEOPLE,
    oldSql: `${PEOPLE.oldSql}
      create view gives_secret as select secret from people;
      create view whole as select to_jsonb(p) as person from people p;
      create view sampled as select id from people tablesample system (50);
      create view with_place as select ctid from people;
      create materialized view kept as select name from people;
      create function atomic() returns bigint begin atomic select count(*) from people; end;
      create function by_text(a int) returns bigint language sql as 'select count(*) from people';
      create table friends (id int primary key);
      alter table friends enable row level security;
      create policy known on friends using (exists (select from people p where p.id = friends.id));
      create rule also_delete as on delete to friends do also delete from people where people.id = old.id;
      create table rows_of (person people);
      create publication out for table people, friends;
      create table friends_by_name (name text);`,
  })
  await goToMove(project)
  const error = await finish(project).catch((e: unknown) => e)
  const lines = String(error).split('\n').slice(1)
  expect(lines.map((line) => line.trim())).toEqual(
    expect.arrayContaining([
      'view public.gives_secret (on public.people): it uses public.people.secret, which no column of public.persons gives back',
      "view public.whole (on public.people): it uses whole rows of public.people, and the new row can't give back secret",
      'view public.sampled (on public.people): it reads public.people with ONLY or TABLESAMPLE, which only a table can have',
      // The server's own words, which differ from version to version.
      expect.stringMatching(
        /^view public.with_place \(on public.people\): the server refuses to make it anew: column .*ctid/,
      ),
      "materialized view public.kept (on public.people): its query can't be replaced in place",
      'function public.atomic() (on public.people): its body or its arguments are bound to the old table',
      'function public.by_text(a integer) (on public.people): its text mentions the name',
      'policy public.friends.known (on public.people): its expression reads the old table',
      'rule public.friends.also_delete (on public.people): it rewrites statements to the old table',
      "column type public.rows_of.person (on public.people): the column's type is the old table's row type",
      "publication out (on public.people): no new table that takes the old one's place is in it",
    ]),
  )
  expect(lines).toHaveLength(11)
})

test("the user's own script makes anew what only the user can, and rollback puts it back", async () => {
  const oldSql = `${PEOPLE.oldSql}
    create materialized view kept as select name from people;
    create index on kept (name);
    grant select on kept to public;
    create function "by Text"(a int) returns bigint language sql as 'select count(*) from people';
    revoke execute on function "by Text" from public;
    create function atomic() returns bigint begin atomic select count(*) from people; end;
    create table friends (id int primary key);
    create policy known on friends to pg_monitor using (exists (select from people p where p.id = friends.id));
    create view gives_secret as select secret from people;
    create function false_alarm() returns text language plpgsql as $$ declare people text := 'x'; begin return people; end $$;
    create publication out for table people;`
  const text = `
    create or replace function "by Text"(a int) returns bigint language sql as 'select count(*) from persons';
    create or replace function atomic() returns bigint begin atomic select count(*) from persons; end;
    drop materialized view kept;
    create materialized view kept as select name from persons;
    drop policy known on friends;
    drop view gives_secret;
    alter publication out add table persons;`
  const project = await createProject({
    ...PEOPLE,
    oldSql,
    finish: { ignore: ['public.false_alarm()'] },
    also: { path: '/somewhere/also.sql', text },
  })
  const { query, commands, artifact } = project
  const before = await query(DEFINITIONS)
  const policies = await query('select * from pg_policies order by policyname')
  await goToMove(project)
  await finish(project)
  expect(await artifact('FINISH_PLAN.sql')).toContain('By finish.ignore these stay as they are: public.false_alarm()')
  expect(await query(`select "by Text"(1)::int as a, atomic()::int as b, false_alarm() as c`)).toEqual([
    { a: 5, b: 5, c: 'x' },
  ])
  expect(await query('select from kept')).toHaveLength(5)
  expect(await query(`select conname from pg_constraint where confrelid = 'cities'::regclass`)).toEqual([])
  await query('delete from cities')
  await commands.rollback()
  expect(await query(DEFINITIONS)).toEqual(
    before.map((row) =>
      row.name === 'people_city_fkey' ? { ...row, definition: `${row.definition} NOT VALID` } : row,
    ),
  )
  expect(await query('select * from pg_policies order by policyname')).toEqual(policies)
  expect(await query(`select indexname from pg_indexes where tablename = 'kept'`)).toEqual([
    { indexname: 'kept_name_idx' },
  ])
})

test.each([
  ['a mistake', 'select 1;\n\n-- here\nselect nowhere\nfrom persons;', /also\.sql:4: column "nowhere" does not exist/],
  ['no SQL', 'select 1;\nselect 1 1;', /also\.sql:2: syntax error/],
  ['its own transaction', 'select 1;\n commit;', /also\.sql:2: this can't stand in a script/],
  ['too little', 'select 1', /view public\.gives_secret .*it uses public\.people\.secret/],
])('a script that holds %s is refused before anything happens', async (_what, text, message) => {
  const project = await createProject({
    ...PEOPLE,
    oldSql: `${PEOPLE.oldSql} create view gives_secret as select secret from people;`,
    also: { path: '/somewhere/also.sql', text },
  })
  await goToMove(project)
  await expect(finish(project)).rejects.toThrow(message)
  expect(await project.query(`select stage from crossfade.migration`)).toEqual([{ stage: 'move' }])
})

test('a foreign key that cannot follow is refused, with the types; and one whose rows have no new row, with their number', async () => {
  const project = await createProject({
    oldSql: `
      create table jobs (id text primary key, code int not null unique, title text);
      insert into jobs select md5(n::text)::uuid::text, n, 'job' from generate_series(1, 5) as n;
      insert into jobs values ('no uuid', 6, 'job');
      create table steps (id int primary key, job text constraint by_id references jobs, code int constraint by_code references jobs (code));
      insert into steps values (1, 'no uuid', 6), (2, null, 6), (3, null, 1);`,
    newSql: `create table work (id uuid primary key, code int not null unique, title text, first int references steps);`,
    tables: {
      work: merge({
        key: 'id',
        sources: { jobs: { key: 'id::uuid', otherwise: 'omit', columns: { first: { from: 'code', back: false } } } },
      }),
    },
  })
  const { query, commands } = project
  await goToMove(project)
  await expect(finish(project)).rejects.toThrow(
    /foreign key public\.steps\.by_id \(on public\.jobs\): id is text, and public\.work\.id is uuid/,
  )
  await query('alter table steps drop constraint by_id')
  await expect(finish(project)).rejects.toThrow(
    /steps\.by_code: 2 rows \(code\) without a row of public\.work \(code\)\s+foreign key public\.work\.work_first_fkey: 2 rows \(first\) without/,
  )
  await query('update steps set code = 2 where code = 6; insert into steps values (4, null, 5), (5, null, 4)')
  await finish(project)
  expect(
    await query(
      `select conname, pg_get_constraintdef(oid) as definition from pg_constraint where contype = 'f' and convalidated and connamespace = 'public'::regnamespace order by 1`,
    ),
  ).toEqual([
    { conname: 'by_code', definition: 'FOREIGN KEY (code) REFERENCES work(code)' },
    { conname: 'work_first_fkey', definition: 'FOREIGN KEY (first) REFERENCES steps(id)' },
  ])
  await query(`insert into work values (gen_random_uuid(), 100, 'new', 1); insert into steps values (6, null, 100)`)
  await commands.rollback()
  expect(
    await query(`select pg_get_constraintdef(oid) as definition from pg_constraint where conname = 'by_code'`),
  ).toEqual([{ definition: 'FOREIGN KEY (code) REFERENCES jobs(code) NOT VALID' }])
})

test('who reads a view over an old table must be able to read it over the new one', async () => {
  const project = await createProject({
    ...PEOPLE,
    oldSql: `${PEOPLE.oldSql}
      create view names as select name from people;
      create view own_names with (security_invoker) as select name from people;
      grant select (id, name) on people to pg_monitor;
      grant select on own_names to pg_monitor;
      alter view names owner to pg_monitor;`,
  })
  const { query, commands } = project
  await goToMove(project)
  await query('revoke select (name) on persons from pg_monitor')
  const error = String(await finish(project).catch((e: unknown) => e))
  expect(error).toMatch(/view public\.names .*pg_monitor has none on public\.persons\.name/)
  expect(error).toMatch(/view public\.own_names .*pg_monitor has none on public\.persons\.name/)
  await query('grant select (name) on persons to pg_monitor')
  await finish(project)
  await query('set role pg_monitor')
  expect(await query('select from names join own_names using (name)')).toHaveLength(5)
  await query('reset role')
  await commands.rollback()
})

test('a view over a view that the mapping names as a source goes on', async () => {
  const project = await createProject({
    oldSql: `
      create table all_people (id int primary key, name text, gone boolean not null default false);
      insert into all_people select n, 'p' || n, n > 3 from generate_series(1, 5) as n;
      create view people as select id, name from all_people where not gone;
      create view names as select name from people;
      create view gone as select name from all_people where gone;`,
    newSql: PEOPLE.newSql,
    tables: PEOPLE.tables,
    also: { path: '/somewhere/also.sql', text: 'drop view gone' },
  })
  const { query, commands } = project
  const before = await query(DEFINITIONS)
  await goToMove(project)
  await finish(project)
  expect(await query('select from names')).toHaveLength(3)
  await commands.rollback()
  expect(await query(DEFINITIONS)).toEqual(before)
})

test('status says before finish what hangs on the old tables', async () => {
  const project = await createProject({
    ...PEOPLE,
    oldSql: `${PEOPLE.oldSql} create view names as select name from people; create view secrets as select secret from people;`,
  })
  await goToMove(project)
  const { db, mapping } = await project.commands.work()
  const session = await db.session()
  expect(await describeHanging(session, mapping)).toEqual([
    'view public.names hangs on public.people: finish makes it anew over the new table.',
    'view public.secrets hangs on public.people: finish needs your script for it, since it uses public.people.secret, which no column of public.persons gives back.',
  ])
  await session.end()
})

test('a view over appended rows shows those of all sources, and nothing that tells them apart', async () => {
  const project = await createProject({
    oldSql: `
      create table outcomes (id int primary key, job text, likes int);
      create table measured (id int primary key, job text, likes int);
      insert into outcomes select n, 'job', n from generate_series(1, 3) as n;
      insert into measured select n, 'job', n from generate_series(1, 3) as n;
      create view liked as select o.job, sum(o.likes) as likes from outcomes o join measured m on m.job = o.job group by o.job;
      create view known as select id from outcomes;`,
    newSql: `create table metrics (id bigserial primary key, job text, likes int);`,
    tables: { metrics: append({ sources: { outcomes: {}, measured: {} } }) },
    also: { path: '/somewhere/also.sql', text: 'drop view known' },
  })
  const { query, artifact } = project
  await goToMove(project)
  await finish(project)
  expect(await query('select job, likes::int from liked')).toEqual([{ job: 'job', likes: 72 }])
  expect(await artifact('FINISH_PLAN.sql')).toContain('it reads public.metrics in the shape of public.outcomes')
})

test('what came to hang on an old table since the plan stops finish; what was changed since finish stops no rollback', async () => {
  const project = await createProject({
    ...PEOPLE,
    oldSql: `${PEOPLE.oldSql} create view names as select name from people; grant select on people to pg_monitor;`,
  })
  const { query, commands } = project
  await goToMove(project)
  await commands.approve('finish')
  const finished = commands.finish(2).catch((error: unknown) => error)
  await expect
    .poll(() => query(`select from crossfade.undo where stage = 'rehearsal'`).then((rows) => rows.length), {
      timeout: 20_000,
    })
    .toBeGreaterThan(0)
  await query('create view late as select name from people')
  expect(String(await finished)).toContain('Since the plan was made, this uses the old tables: view public.late')
  await query('drop view late')
  const { db } = await commands.work()
  await finish(project)
  await query('create or replace view names as select name, id from persons')
  const session = await db.session()
  const { notes } = await rollback(session, null)
  await session.end()
  expect(notes).toEqual(['repoint:view:public.names: cannot drop columns from view'])
  expect(await query('select from people')).toHaveLength(5)
})
