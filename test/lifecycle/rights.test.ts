import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const ROLE = (name: string): string =>
  `do $$ begin create role ${name}; exception when duplicate_object or unique_violation then null; end $$;`

const OLD = `create table notes (email text primary key, body text); insert into notes values ('a@b', 'x');`
const NEW = `create table papers (email text primary key, body text);`

test('default privileges of the owner give nobody a right to what Crossfade makes, and stay as they were', async () => {
  const { commands, query } = await createProject({
    oldSql: `${ROLE('rights_default')} ${OLD}
      alter default privileges grant all on tables to rights_default with grant option;
      alter default privileges grant execute on functions to rights_default;
      alter default privileges grant usage on sequences to public;
      alter default privileges grant usage on schemas to rights_default;`,
    newSql: NEW,
    tables: { papers: merge({ key: 'email', sources: { notes: {} } }) },
  })
  const defaults = `select defaclobjtype, array(select x::text from unnest(defaclacl) as x order by 1) as acl from pg_default_acl order by 1`
  const before = await query(defaults)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()

  expect(
    await query(`
      select c.oid::regclass::text as name from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
       where (n.nspname like 'crossfade%' or n.nspname = 'new_schema')
         and case when c.relkind = 'S' then has_sequence_privilege('rights_default', c.oid, 'usage')
                  when c.relkind in ('r', 'v') then has_table_privilege('rights_default', c.oid, 'select, insert, update, delete') end
       union all
      select p.oid::regprocedure::text from pg_proc as p
       where p.pronamespace = 'crossfade'::regnamespace and has_function_privilege('rights_default', p.oid, 'execute')`),
  ).toEqual([{ name: 'crossfade.client_state()' }])
  expect(await query(defaults)).toEqual(before)
})

test('who may not read the keys of an old table does not learn them from lineage', async () => {
  const { commands, query } = await createProject({
    oldSql: `${ROLE('rights_body')} ${OLD} grant select (body) on notes to rights_body;`,
    newSql: NEW,
    tables: { papers: merge({ key: 'email', sources: { notes: {} } }) },
  })
  await commands.approve('design')
  await commands.build()
  expect(
    await query(`select has_column_privilege('rights_body', 'new_schema.papers', 'body', 'select') as body,
                        has_column_privilege('rights_body', 'new_schema.papers', 'email', 'select') as key,
                        has_column_privilege('rights_body', 'crossfade.lineage_papers', 'email', 'select') as lineage`),
  ).toEqual([{ body: true, key: false, lineage: false }])
})
