import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const SHOP = {
  oldSql: `
    create table people (id int primary key, name text);
    insert into people select n, 'p' || n from generate_series(1, 20) as n;
    create table sales (id int primary key, person int not null references people);
    insert into sales select n, n from generate_series(1, 20) as n;
    create table notes (id int primary key, person int references people);
    insert into notes select n, n from generate_series(1, 20) as n;`,
  newSql: `
    create table customers (id int primary key, name text);
    create table orders (id int primary key, person int not null references customers);`,
  tables: {
    customers: merge({ key: 'id', sources: { people: {} } }),
    orders: merge({ key: 'id', sources: { sales: {} } }),
  },
}

/** The session ends, as by a kill, when it begins to check the rows of a foreign key. */
const DEADLY = `
  create function die() returns event_trigger language plpgsql as $$
    begin if current_query() ~ 'VALIDATE' then perform pg_terminate_backend(pg_backend_pid()); end if; end $$;
  create event trigger dies on ddl_command_start when tag in ('ALTER TABLE') execute function die();`
const HARMLESS = `drop event trigger dies; drop function die()`

const UNCHECKED = `
  select conrelid::regclass::text || '.' || conname as name from pg_constraint
   where contype = 'f' and not convalidated and connamespace = 'public'::regnamespace order by 1`

test('a finish and a rollback from it that are killed behind their commit go on with the same command', async () => {
  const { commands, query, climb } = await createProject(SHOP)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await climb()
  await commands.approve('finish')

  await query(DEADLY)
  await expect(commands.finish(0)).rejects.toThrow(/terminat/)
  expect((await query(UNCHECKED)).map((row) => row.name)).toEqual([
    'notes.notes_person_fkey',
    'orders.orders_person_fkey',
  ])
  expect(await query(`select (crossfade.status()->>'unchecked')::int as unchecked`)).toEqual([{ unchecked: 2 }])
  await query(HARMLESS)
  const archive = await commands.finish(0)
  expect(archive).toMatch(/^archived_schema_/)
  expect(await query(UNCHECKED)).toEqual([])
  expect(await commands.finish(0), 'once more, it has nothing to do').toBe(archive)

  await query(DEADLY)
  await expect(commands.rollback()).rejects.toThrow(/terminat/)
  expect((await query(UNCHECKED)).map((row) => row.name)).toEqual(['notes.notes_person_fkey'])
  await query(HARMLESS)
  await commands.rollback()
  expect(await query(UNCHECKED)).toEqual([])
  await expect(commands.rollback()).rejects.toThrow(/back already/)
  await expect(commands.finish(0)).rejects.toThrow(/isn't possible in stage "finish"/)
})
