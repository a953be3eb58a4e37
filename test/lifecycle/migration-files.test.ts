import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { recordBuild, recordFinish } from '../../src/lifecycle/migration-files.ts'
import { rollback } from '../../src/lifecycle/rollback.ts'
import { assertRecordable } from '../../src/migrations/record-migration.ts'
import { merge } from '../../src/spec/config.ts'
import { readScripts, replay, schemaOf, start, toFinish } from './migration-project.ts'

const SUPABASE = { tool: 'supabase', folder: 'supabase/migrations' } as const
const DRIZZLE = { tool: 'drizzle', folder: 'drizzle' } as const

test('the mark of build stays through move and finish; that of finish goes with its rollback', async () => {
  const started = await start(SUPABASE)
  const { query, session, project } = started
  await recordBuild(session, project)
  await toFinish(started)
  await recordFinish(session, project)
  const versions = `select name from supabase_migrations.schema_migrations order by version`
  const names = async () => (await query(versions)).map((row) => row.name)
  expect(await names()).toEqual(['old', 'crossfade_build', 'crossfade_finish'])
  const { unmarked } = await rollback(session, null)
  expect(unmarked).toEqual([expect.stringMatching(/^\d{14}_crossfade_finish\.sql$/)])
  expect(await names()).toEqual(['old', 'crossfade_build'])
})

test('the file can be made at move, too', async () => {
  const started = await start(SUPABASE)
  const { commands, climb, query, session, project, url, folder } = started
  await commands.approve('build')
  await climb()
  await recordBuild(session, project)
  await commands.approve('finish')
  await commands.finish(0)
  await recordFinish(session, project)
  const fresh = await replay(await readScripts(SUPABASE, folder))
  expect(await schemaOf(fresh.url)).toBe(await schemaOf(url))
  expect(await query(`select from supabase_migrations.schema_migrations`)).toHaveLength(3)
})

test('a rollback from any SQL console takes the mark back, also after move', async () => {
  const { commands, climb, query, session, project } = await start(SUPABASE)
  await recordBuild(session, project)
  await commands.approve('build')
  await climb()
  for (const stage of ['reads', 'sync', 'build', 'design'])
    expect(await query(`select crossfade.rollback() as stage`)).toEqual([{ stage }])
  expect(await query(`select from supabase_migrations.schema_migrations`)).toHaveLength(1)
})

test('new tables are no more open than here, whatever the default privileges of the other database', async () => {
  const { session, project, folder, settings } = await start(SUPABASE)
  await recordBuild(session, project)
  const open = `alter default privileges grant all on tables to public; alter default privileges grant all on sequences to public;`
  const fresh = await replay([open, ...(await readScripts(settings, folder))])
  const other = new pg.Client({ connectionString: fresh.url })
  await other.connect()
  const { rows } = await other.query(
    `select c.relname as name, array(select x.privilege_type::text from aclexplode(c.relacl) as x where x.grantee = 0 order by 1) as rights
       from pg_class as c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'S') and c.relname !~ '^(people|clients|orders)' order by 1`,
  )
  await other.end()
  expect(rows).toEqual([
    { name: "No;te's", rights: [] },
    { name: "No;te's_id_seq", rights: [] },
    { name: 'contacts', rights: ['INSERT', 'SELECT', 'UPDATE'] },
    { name: 'tickets', rights: [] },
  ])
})

test('rows of another database stay in the archive there', async () => {
  const started = await start(SUPABASE)
  await toFinish(started)
  await recordFinish(started.session, started.project)
  const [first = '', ...rest] = await readScripts(SUPABASE, started.folder)
  const fresh = await replay([first, `insert into people values (7, 'bob', null)`, ...rest])
  const other = new pg.Client({ connectionString: fresh.url })
  await other.connect()
  const { rows } = await other.query(
    `select n.nspname ~ '^archived_schema_[0-9]{8}$' as archived, c.reltuples from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where c.relname in ('people', 'clients')`,
  )
  await other.end()
  expect(rows.map((row) => row.archived)).toEqual([true, true])
})

test('a migration that this database has not run stops before anything is done', async () => {
  const { session, project, folder } = await start(DRIZZLE)
  const path = join(folder, 'meta', '_journal.json')
  const journal = JSON.parse(await readFile(path, 'utf8'))
  const entry = { idx: 1, version: '7', when: 2000000000000, tag: '0001_colleague', breakpoints: true }
  await writeFile(path, JSON.stringify({ ...journal, entries: [...journal.entries, entry] }))
  await expect(assertRecordable(session, project, 'build')).rejects.toMatchObject({
    code: 'migrations.pending',
    message: expect.stringMatching(/0001_colleague/),
  })
})

test('the journal of Drizzle Kit goes on in its order, and the snapshot is the one before', async () => {
  const { session, project, folder } = await start(DRIZZLE)
  await recordBuild(session, project)
  const { entries } = JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8'))
  expect(entries[1]).toMatchObject({ idx: 1, version: '7', tag: '0001_crossfade_build', breakpoints: true })
  expect(entries[1].when).toBeGreaterThan(entries[0].when)
  const snapshot = JSON.parse(await readFile(join(folder, 'meta', '0001_snapshot.json'), 'utf8'))
  expect(snapshot).toEqual({ id: expect.stringMatching(/^[-0-9a-f]{36}$/), prevId: 'first', tables: {} })
})

test('a layout of another release is not touched', async () => {
  const { session, project, folder } = await start(DRIZZLE)
  await rm(join(folder, 'meta'), { recursive: true })
  await mkdir(join(folder, '20260101000000_old'))
  await expect(assertRecordable(session, project, 'build')).rejects.toMatchObject({ code: 'migrations.layout' })
})

test('without a table of the tool, without rights, without a folder, without a setting: each is said, with what to do', async () => {
  const { query, session, project, folder } = await start(SUPABASE)
  await query(
    `create role "mig;rator" login password 'x'; grant usage on schema crossfade to "mig;rator"; grant select on all tables in schema crossfade to "mig;rator"`,
  )
  await query(`grant usage on schema supabase_migrations to "mig;rator"`)
  await session.query(`set role "mig;rator"`)
  await expect(assertRecordable(session, project, 'build')).rejects.toMatchObject({
    code: 'privilege_missing',
    exitCode: 3,
    hint: expect.stringContaining(
      'GRANT SELECT, INSERT, DELETE ON "supabase_migrations"."schema_migrations" TO "mig;rator";',
    ),
  })
  await session.query('reset role')
  await query(`drop owned by "mig;rator"; drop role "mig;rator"`)
  await rm(folder, { recursive: true })
  await expect(assertRecordable(session, project, 'build')).rejects.toMatchObject({ code: 'migrations.folder' })
  await query(`drop table supabase_migrations.schema_migrations`)
  await expect(assertRecordable(session, project, 'build')).rejects.toMatchObject({ code: 'migrations.table' })
  const { migrations: _, ...config } = project.config
  await expect(assertRecordable(session, { ...project, config }, 'build')).rejects.toMatchObject({
    code: 'migrations.missing',
    exitCode: 2,
  })
})

test('names that need care, of schemas, tables and columns', async () => {
  const schema = 'my "old"; schema'
  const settings = { tool: 'drizzle', folder: `it's "a" folder` } as const
  const quoted = '"my ""old""; schema"'
  const started = await start(settings, {
    oldSchema: schema,
    oldSql: `
      create schema ${quoted};
      create table ${quoted}."pe'ople\n--" (id int primary key, "na;me" text);
      create table ${quoted}.orders (id int primary key, person int constraint "o;k" references ${quoted}."pe'ople\n--");
      create view ${quoted}."vi ew" as select "na;me" from ${quoted}."pe'ople\n--";`,
    newSql: `create table "con;tacts $crossfade$" (id int primary key, "na;me" text);`,
    tables: { 'con;tacts $crossfade$': merge({ key: 'id', sources: { "pe'ople\n--": {} } }) },
    rows: `insert into ${quoted}."pe'ople\n--" values (1, 'x')`,
  })
  await toFinish(started)
  await recordFinish(started.session, started.project)
  const fresh = await replay(await readScripts(settings, started.folder))
  expect(await schemaOf(fresh.url, schema)).toBe(await schemaOf(started.url, schema))
})
