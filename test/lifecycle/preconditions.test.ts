import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const tables = { work: merge({ key: 'id', sources: { jobs: {} } }) }
const newSql = `create table work (id int primary key, title text);`
const JOBS = 'create table jobs (id int primary key, title text);'

test.each([
  [
    'a partition as a source',
    `create table all_jobs (id int primary key, title text) partition by range (id); create table jobs partition of all_jobs for values from (0) to (100);`,
    'check.partition',
  ],
  ['a source with inheritance children', `${JOBS} create table more (lives int) inherits (jobs);`, 'check.inheritance'],
  [
    'FORCE ROW LEVEL SECURITY under a role that it holds for',
    `${JOBS} do $$ begin create role preconditions_owner; exception when duplicate_object or unique_violation then null; end $$;
     alter table jobs enable row level security; alter table jobs force row level security;
     grant create on schema public to preconditions_owner; alter table jobs owner to preconditions_owner;
     do $$ begin execute format('grant create, connect on database %I to preconditions_owner', current_database());
                 execute format('alter database %I set role = preconditions_owner', current_database()); end $$;`,
    'check.force_row_security',
  ],
  [
    'a budget that is too near to deadlock_timeout',
    `${JOBS} do $$ begin execute format('alter database %I set deadlock_timeout = 150', current_database()); end $$;`,
    'check.deadlock_timeout',
  ],
  ['a publication for all tables', `${JOBS} create publication every_job for all tables;`, 'check.publication'],
  [
    'a publication for all tables of the old schema',
    `${JOBS} create publication public_jobs for tables in schema public;`,
    'check.publication',
  ],
  [
    'an event trigger that switches row security on',
    `${JOBS} create function secure() returns event_trigger language plpgsql as $$ declare made record; begin
       for made in select * from pg_event_trigger_ddl_commands() where object_type = 'table' loop
         execute format('alter table %s enable row level security', made.object_identity);
       end loop; end $$;
     create event trigger secure on ddl_command_end when tag in ('CREATE TABLE') execute function secure();`,
    'build.stray_row_security',
  ],
  ['a source without a primary key', 'create table jobs (id int, title text);', 'mapping.identity'],
])('%s is refused at design, by name', async (_, oldSql, code) => {
  const { commands } = await createProject({ oldSql, newSql, tables })
  await expect(commands.approve('design')).rejects.toMatchObject({ code })
})

test('a publication that is ignored, or for other tables, stands in no way', async () => {
  const { commands } = await createProject({
    oldSql: `${JOBS} create schema elsewhere; create publication every_job for all tables; create publication jobs_alone for table jobs;
      create publication other for tables in schema elsewhere;`,
    newSql,
    tables,
    finish: { ignore: ['every_job'] },
  })
  await commands.approve('design')
  await commands.build()
})

test('a key by a virtual column is refused, where there are such', async () => {
  const { commands, query } = await createProject({
    oldSql: JOBS,
    newSql,
    tables: { work: merge({ key: 'id', sources: { jobs: { key: 'twice' } } }) },
  })
  const [server] = await query(`select current_setting('server_version_num')::int as version`)
  const virtual = server?.version >= 180000
  await query(`alter table jobs add column twice int generated always as (id * 2) ${virtual ? 'virtual' : 'stored'}`)
  const approved = commands.approve('design')
  if (virtual)
    await expect(approved).rejects.toMatchObject({ code: 'mapping.key', message: /virtual generated column/ })
  else await approved
})

test('a deferrable constraint of a new table, which would fail the COMMIT of an old write, is refused', async () => {
  const { commands } = await createProject({
    oldSql: JOBS,
    newSql: 'create table work (id int primary key, title text unique deferrable initially deferred);',
    tables,
  })
  await expect(commands.approve('design')).rejects.toMatchObject({ code: 'ddl.deferrable' })
})
