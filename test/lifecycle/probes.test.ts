import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { append, merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

/**
 * Probes as each role of the application, over everything that the catalog knows of Crossfade: nobody reads a value that
 * the old tables hide from him, and nobody writes, runs, draws or creates anything before the new tables are opened.
 */

const ROLES = ['probe_anon', 'probe_member', 'probe_service', 'probe_stranger']

const OLD = /* sql */ `
  do $$ declare r text; begin
    foreach r in array '{probe_anon,probe_member,probe_service,probe_stranger}'::text[] loop
      begin execute format('create role %I', r); exception when duplicate_object or unique_violation then null; end;
    end loop; end $$;
  alter role probe_service bypassrls;
  create table notes (id int primary key, owner text not null, body text, secret text, public boolean not null);
  create table note_details (note_id int primary key, owner text not null, summary text, dropped text, public boolean not null);
  create table letters (id serial primary key, owner text not null, words text, private_words text);
  create table measures (id serial primary key, letter int, value text, unit text);
  insert into notes select n, case when n % 2 = 0 then 'alice' else 'bob' end, 'body-' || n, 'secret-' || n, n % 5 = 0 from generate_series(100, 119) as n;
  insert into note_details select n, case when n % 2 = 0 then 'alice' else 'bob' end, 'summary-' || n, 'dropped-' || n, n % 5 = 0 from generate_series(105, 130) as n;
  insert into letters (id, owner, words, private_words) select n, case when n % 2 = 0 then 'alice' else 'bob' end, 'words-' || n, 'private-' || n from generate_series(200, 215) as n;
  insert into measures (id, letter, value, unit) select n, n - 100, 'value-' || n, 'unit-' || n from generate_series(300, 312) as n;
  alter table notes enable row level security;
  alter table notes force row level security;
  alter table note_details enable row level security;
  alter table letters enable row level security;
  create policy seen on notes for select using (public or owner = current_setting('app.user', true));
  create policy seen on note_details for select using (public or owner = current_setting('app.user', true));
  create policy letters_own on letters to probe_member using (owner = current_setting('app.user', true));
  grant select (id, body, public) on notes to probe_anon;
  grant select (note_id, summary, public) on note_details to probe_anon;
  grant select (id, value) on measures to probe_anon;
  grant select, insert, update, delete on notes, note_details, letters, measures to probe_member, probe_service;
  grant usage on all sequences in schema public to probe_member, probe_service;`

const NEW = /* sql */ `
  create table papers (id int primary key, owner text not null, body text, summary text, secret text, public boolean not null);
  alter table papers enable row level security;
  create policy seen on papers for select using (public or owner = current_setting('app.user', true));
  create table mail (id int primary key, owner text not null, words text, private_words text);
  create table readings (id bigserial primary key, letter int, value text, unit text);`

test('nobody reads or writes through anything of Crossfade what it could not before, at any stage', async () => {
  const project = await createProject({
    oldSql: OLD,
    newSql: NEW,
    tables: {
      papers: merge({ key: 'id', sources: { notes: {}, note_details: { key: 'note_id' } }, reverse: ['notes'] }),
      mail: merge({ key: 'id', sources: { letters: {} } }),
      readings: append({ sources: { measures: {} } }),
    },
  })
  const { commands, query } = project
  const probes = new pg.Client({ connectionString: project.url })
  await probes.connect()
  onTestFinished(() => probes.end())

  const as = async <Result>(role: string, user: string, run: () => Promise<Result>): Promise<Result> => {
    await probes.query(`begin; select set_config('app.user', '${user}', true); set local role ${role}`)
    try {
      return await run()
    } finally {
      await probes.query('rollback')
    }
  }
  const readable = async (role: string, tables: Relation[]): Promise<Set<string>> => {
    const values = new Set<string>()
    for (const { name, columns } of tables) {
      for (const column of columns) {
        for (const user of role === 'probe_member' ? ['alice', ''] : ['']) {
          const found = await as(role, user, () =>
            probes.query(`select distinct (${column})::text as v from ${name}`).catch(() => null),
          )
          // Numbers of rows and flags are no values; the texts of this database are all different.
          for (const row of found?.rows ?? []) if (/[a-z]-|^\d{3}$/.test(row.v)) values.add(`${user}: ${row.v}`)
        }
      }
    }
    return values
  }
  const relations = async (where: string): Promise<Relation[]> =>
    (await query(`
      select format('%I.%I', n.nspname, c.relname) as name, array_agg(quote_ident(a.attname) order by a.attnum) as columns
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relkind in ('r', 'v', 'm', 'p') and ${where} group by 1`)) as Relation[]
  const OLD_TABLES = `n.nspname = 'public' and c.relname in ('notes', 'note_details', 'letters', 'measures')`
  const OURS = `(n.nspname like 'crossfade%' or n.nspname = 'new_schema' or n.nspname = 'public' and c.relname in ('papers', 'mail', 'readings'))`

  const probe = async (stage: string, open: boolean): Promise<void> => {
    const ours = await relations(OURS)
    expect(ours.length, stage).toBeGreaterThan(10)
    for (const role of ROLES) {
      const before = await readable(role, await relations(OLD_TABLES))
      const now = await readable(role, ours)
      expect({ stage, role, more: [...now].filter((value) => !before.has(value)) }).toEqual({ stage, role, more: [] })
    }
    const more = await query(`
      with r as (select unnest('{${ROLES}}'::text[]) as role)
      select role, 'runs ' || p.oid::regprocedure as what from r, pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where (n.nspname like 'crossfade%' or n.nspname = 'new_schema') and p.oid <> 'crossfade.client_state()'::regprocedure
         and (p.proname <> 'crossfade_state' or role = 'probe_stranger')
         and has_function_privilege(role, p.oid, 'execute')
      union all
      select role, privilege || ' ' || c.oid::regclass from r, pg_class c join pg_namespace n on n.oid = c.relnamespace,
             unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as privilege
       where c.relkind in ('r', 'v', 'm', 'p') and ${OURS} and has_table_privilege(role, c.oid, privilege)
      union all
      select role, 'some column of ' || c.oid::regclass from r, pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'v', 'm', 'p') and ${OURS} and has_any_column_privilege(role, c.oid, 'insert, update, references')
      union all
      select role, 'draws from ' || c.oid::regclass from r, pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'S' and (${OURS} or c.relname like any ('{papers%,mail%,readings%}')) and has_sequence_privilege(role, c.oid, 'usage, select, update')
      union all
      select role, 'creates in ' || n.nspname from r, pg_namespace n
       where (n.nspname like 'crossfade%' or n.nspname = 'new_schema') and has_schema_privilege(role, n.oid, 'create')
      union all
      select pubname, 'publishes ' || tablename from pg_publication_tables
       where schemaname like 'crossfade%' or schemaname = 'new_schema' or tablename in ('papers', 'mail', 'readings')`)
    // Once open: who has these rights on every old table that a write would reach.
    const allowed = new Set(
      open
        ? ['probe_member', 'probe_service'].flatMap((role) => [
            ...['papers', 'mail', 'readings'].flatMap((table) => [
              ...['insert', 'update', 'delete'].map((privilege) => `${role} ${privilege} ${table}`),
              `${role} some column of ${table}`,
            ]),
            `${role} draws from readings_id_seq`,
          ])
        : [],
    )
    const beyond = more.map((row) => `${row.role} ${row.what}`).filter((what) => !allowed.has(what))
    expect({ stage, beyond }).toEqual({ stage, beyond: [] })
  }

  await commands.approve('design')
  await commands.build()
  await probe('build', false)
  await commands.approve('build')
  await commands.sync()
  await probe('sync', false)
  await commands.approve('sync')
  await commands.verify()
  await commands.approve('verify')
  await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  for (const percent of [1, 10, 25, 50, 100]) await commands.reads(percent)
  await probe('reads', false)
  await commands.approve('reads')
  await commands.move()
  await probe('move', true)
  await commands.rollback()
  await probe('reads, after move', false)
  for (let n = 0; n < 3; n++) await commands.rollback()
  // What was set aside may hold what only the new tables had.
  await probe('design, after move', false)
}, 120_000)

interface Relation {
  readonly name: string
  readonly columns: string[]
}
