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

const TWO = {
  newSql: 'create table papers (id int primary key, a text, b text);',
  tables: { papers: merge({ key: 'id', sources: { notes: {}, drafts: {} } }) },
}

test('a role may do with a new table what it may do with every old one that feeds it', async () => {
  const { commands, query, climb } = await createProject({
    oldSql: `${ROLE('rights_half')} ${ROLE('rights_both')} create table notes (id int primary key, a text); create table drafts (id int primary key, b text);
      insert into notes values (1, 'a'); insert into drafts values (1, 'b');
      grant select, insert, update, delete on notes to rights_half, rights_both; grant select on drafts to rights_both; grant update, delete on drafts to rights_both;`,
    ...TWO,
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  const rights = async (role: string): Promise<unknown> =>
    (
      await query(
        `select array(select p from unnest('{select,insert,update,delete}'::text[]) as p where has_table_privilege('${role}', 'public.papers', p)) as may`,
      )
    )[0]?.may
  expect(await rights('rights_half')).toEqual([])
  expect(await rights('rights_both')).toEqual(['select', 'update', 'delete'])
})

test('a column that is computed from several old ones is for those who may read each of them', async () => {
  const { commands, query } = await createProject({
    oldSql: `${ROLE('rights_wage')} ${ROLE('rights_all')} create table notes (id int primary key, likes int, wage int, at date); create table drafts (id int primary key, likes int, at date);
      insert into notes values (1, 1, 1000);
      grant select on notes, drafts to rights_all; grant select (id, likes) on notes to rights_wage; grant select on drafts to rights_wage;`,
    newSql: 'create table papers (id int primary key, likes int, best int, mood int);',
    tables: {
      papers: merge({
        key: 'id',
        sources: { notes: { columns: { mood: 'likes' } }, drafts: { columns: { mood: 'likes' } } },
        columns: {
          best: { from: 'greatest(notes.likes, notes.wage, drafts.likes)' },
          likes: { from: 'greatest(notes.likes, drafts.likes)' },
          mood: { pick: 'latest by at' },
        },
      }),
    },
  })
  await commands.approve('design')
  await commands.build()
  const rights = async (role: string): Promise<unknown> =>
    (
      await query(
        `select array(select c from unnest('{id,likes,best,mood}'::text[]) as c where has_column_privilege('${role}', 'new_schema.papers', c, 'select')) as may`,
      )
    )[0]?.may
  expect(await rights('rights_wage')).toEqual(['id', 'likes'])
  expect(await rights('rights_all')).toEqual(['id', 'likes', 'best', 'mood'])
})

test('who owns the old tables reads and writes the new one, whoever made it', async () => {
  const { commands, query, climb, other } = await createProject({
    oldSql: `${ROLE('rights_owner')} create table notes (id int primary key, a text); create table drafts (id int primary key, b text);
      insert into notes values (1, 'a');
      alter table notes owner to rights_owner; alter table drafts owner to rights_owner;`,
    ...TWO,
    trusted: ['rights_owner'],
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  await other(`set role rights_owner`)
  await other(`update papers set a = 'b'; select from crossfade_compat.notes, crossfade_compat.drafts`)
  expect(await query('select * from notes')).toEqual([{ id: 1, a: 'b' }])
  expect(
    await query(
      `select grantee from information_schema.role_table_grants where table_name = 'papers' and privilege_type = 'UPDATE' order by 1`,
    ),
  ).toEqual([{ grantee: 'postgres' }, { grantee: 'rights_owner' }])
})

test('who may not insert into an old table does not get there by an update of the new one', async () => {
  const { commands, query, climb } = await createProject({
    oldSql: `${ROLE('rights_update')} ${ROLE('rights_make')} create table notes (id int primary key, a text); create table drafts (id int primary key, b text);
      insert into notes values (1, 'a');
      grant select, update on notes, drafts to rights_update, rights_make; grant insert on notes, drafts to rights_make;`,
    newSql: TWO.newSql,
    tables: { papers: merge({ key: 'id', sources: { notes: {}, drafts: {} }, reverse: ['notes', 'drafts'] }) },
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  const may = (role: string) => query(`select has_table_privilege('${role}', 'public.papers', 'update') as update`)
  expect(await may('rights_update')).toEqual([{ update: false }])
  expect(await may('rights_make')).toEqual([{ update: true }])
})

const SECURE = (table: string, policy: string): string =>
  `alter table ${table} enable row level security; create policy own on ${table} using (${policy});`

test.each([
  [
    'one of two old tables has it switched off',
    `${SECURE('notes', 'id > 0')} create policy own on drafts using (id > 0);`,
    /not for drafts/,
  ],
  ['their policies differ', `${SECURE('notes', 'id > 0')} ${SECURE('drafts', 'id > 1')}`, /differ/],
  [
    'a policy looks at what the merge may take from another source',
    `${SECURE('notes', `c = 'x'`)} ${SECURE('drafts', `c = 'x'`)}`,
    /looks at c/,
  ],
])('row security that cannot be carried over is refused: %s', async (_, policies, message) => {
  const { commands } = await createProject({
    oldSql: `create table notes (id int primary key, a text, c text); create table drafts (id int primary key, b text, c text); ${policies}`,
    newSql: 'create table papers (id int primary key, a text, b text, c text);',
    tables: TWO.tables,
  })
  const tried = commands.approve('design').then(() => commands.build())
  await expect(tried).rejects.toMatchObject({ code: 'build.row_security', message })
})

test('policies that are the same, over the key, are carried over', async () => {
  const { commands, query } = await createProject({
    oldSql: `${ROLE('rights_some')} create table notes (id int primary key, a text); create table drafts (id int primary key, b text);
      ${SECURE('notes', 'id > 1')} ${SECURE('drafts', 'id > 1')} grant select on notes, drafts to rights_some;
      insert into notes values (1, 'hidden'), (2, 'seen')`,
    ...TWO,
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await query(`grant usage on schema new_schema to rights_some; set role rights_some`)
  expect(await query('select id from new_schema.papers')).toEqual([{ id: 2 }])
  await query('reset role')
})
