import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { dumpSchema } from '../../src/catalog/dump-schema.ts'
import { sha256 } from '../../src/control/project.ts'
import { type MigrationsSettings, merge } from '../../src/spec/config.ts'
import { createTestDatabase } from '../support/database.ts'
import { createProject } from './project.ts'

type Shop = Parameters<typeof createProject>[0] & { readonly rows: string }

/** A mess with everything that finish has to do with: views, a foreign key that follows, policies, rights, a script. */
const SHOP: Shop = {
  oldSql: `
    create type mood as enum ('good', 'bad');
    create table people (id int primary key, name text not null, mood mood);
    create table clients (id int primary key, name text, phone text);
    create table orders (id int primary key, person int references people (id), total numeric(10,2));
    create view names as select id, name from people;
    create function greet(who int) returns text language sql as $$ select 'hello ' || name from people where id = who $$;
    alter table people enable row level security;
    alter table clients enable row level security;
    create policy everybody on people using (true);
    create policy everybody on clients using (true);
    grant select, insert, update on people, clients to public;`,
  newSql: `
    -- Who we know; "all" of them.
    create table contacts (
      id int primary key,
      name text not null check (name <> ''),
      phone text,
      mood mood,
      constraint known unique (id, name)
    );
    create index contacts_name on contacts (lower(name));
    create table "No;te's" (id bigint generated always as identity primary key, contact int not null references contacts (id) on delete cascade);
    create sequence tickets;
    create function stamp() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger stamp before insert on contacts for each row execute function stamp();
    comment on table contacts is 'people; and clients';`,
  tables: { contacts: merge({ key: 'id', sources: { people: {}, clients: {} } }) },
  also: {
    path: 'finish.sql',
    text: `create or replace function greet(who int) returns text language sql as $$ select 'hello ' || name from contacts where id = who $$;`,
  },
  rows: `insert into people values (1, 'ann', 'good'); insert into clients values (1, 'ann', '12'); insert into orders values (1, 1, 9.5)`,
}

export interface Tool {
  readonly settings: MigrationsSettings
  readonly marks: string
}

export const TOOLS: { readonly [tool in 'supabase' | 'drizzle' | 'prisma']: Tool } = {
  supabase: {
    settings: { tool: 'supabase', folder: 'supabase/migrations' },
    marks: 'supabase_migrations.schema_migrations',
  },
  drizzle: { settings: { tool: 'drizzle', folder: 'data base/drizzle' }, marks: 'drizzle.__drizzle_migrations' },
  prisma: { settings: { tool: 'prisma', folder: 'prisma/migrations' }, marks: 'public._prisma_migrations' },
}

const TABLES = `
  create schema supabase_migrations;
  create table supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text);
  create schema drizzle;
  create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
  create table _prisma_migrations (id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
    migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(),
    applied_steps_count integer not null default 0);`

/** The folder as the tool has it after its first migration, which made the old tables; and its rows. */
async function begin(
  settings: MigrationsSettings,
  folder: string,
  oldSql: string,
  query: (text: string) => Promise<unknown>,
): Promise<void> {
  await query(TABLES)
  await mkdir(folder, { recursive: true })
  if (settings.tool === 'supabase') {
    await writeFile(join(folder, '20240102030405_old.sql'), oldSql)
    await query(`insert into supabase_migrations.schema_migrations values ('20240102030405', '{}', 'old')`)
  } else if (settings.tool === 'prisma') {
    await mkdir(join(folder, '20240102030405_old'))
    await writeFile(join(folder, '20240102030405_old', 'migration.sql'), oldSql)
    await query(
      `insert into _prisma_migrations (id, checksum, finished_at, migration_name) values ('1', '${sha256(oldSql)}', now(), '20240102030405_old')`,
    )
  } else {
    await mkdir(join(folder, 'meta'))
    const entry = { idx: 0, version: '7', when: 1704164645000, tag: '0000_old', breakpoints: true }
    await writeFile(join(folder, '0000_old.sql'), oldSql)
    const journal = { version: '7', dialect: 'postgresql', entries: [entry] }
    await writeFile(join(folder, 'meta', '_journal.json'), JSON.stringify(journal))
    await writeFile(
      join(folder, 'meta', '0000_snapshot.json'),
      JSON.stringify({ id: 'first', prevId: 'none', tables: {} }),
    )
    await query(
      `insert into drizzle.__drizzle_migrations (hash, created_at) values ('${sha256(oldSql)}', ${entry.when})`,
    )
  }
}

/** The folder's scripts in the order in which the tool runs them. */
export async function readScripts({ tool }: MigrationsSettings, folder: string): Promise<string[]> {
  if (tool === 'drizzle') {
    const journal = JSON.parse(await readFile(join(folder, 'meta', '_journal.json'), 'utf8'))
    const tags: string[] = journal.entries.map((entry: { tag: string }) => entry.tag)
    const texts = await Promise.all(tags.map((tag) => readFile(join(folder, `${tag}.sql`), 'utf8')))
    return texts.flatMap((text) => text.split('--> statement-breakpoint'))
  }
  const names = (await readdir(folder)).sort()
  return await Promise.all(
    names.map((name) => readFile(join(folder, name, tool === 'prisma' ? 'migration.sql' : ''), 'utf8')),
  )
}

export async function replay(scripts: readonly string[]): Promise<{ url: string; search: string }> {
  const fresh = await createTestDatabase()
  const client = new pg.Client({ connectionString: fresh.url })
  await client.connect()
  onTestFinished(() => fresh.drop())
  try {
    await client.query('begin')
    for (const script of scripts) await client.query(script)
    await client.query('commit')
    const { rows } = await client.query('show search_path')
    return { url: fresh.url, search: rows[0].search_path }
  } finally {
    await client.end()
  }
}

/** Without the tools' own tables, and without what rows have moved. */
export async function schemaOf(url: string, schema = 'public'): Promise<string> {
  return await dumpSchema(url, { schemas: [schema], excludeTables: ['_prisma_migrations'] })
}

/** Built, with a folder whose first migration made the old tables. */
export async function start(settings: MigrationsSettings, shop: Shop = SHOP) {
  const { rows, ...input } = shop
  const project = await createProject({ ...input, migrations: settings })
  const folder = join(project.project.outDir, settings.folder)
  await begin(settings, folder, shop.oldSql, project.query)
  await project.query(rows)
  const session = new pg.Client({ connectionString: project.url })
  await session.connect()
  onTestFinished(() => session.end())
  await project.commands.approve('design')
  await project.commands.build()
  return { ...project, folder, session, settings }
}

type Started = Awaited<ReturnType<typeof start>>

export async function toFinish({ commands, climb }: Started): Promise<void> {
  await commands.approve('build')
  await climb()
  await commands.approve('finish')
  await commands.finish(0)
}
