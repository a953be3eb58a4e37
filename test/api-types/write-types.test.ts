import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { readApiSchema } from '../../src/api-types/read-api-schema.ts'
import { writeTypes } from '../../src/api-types/write-types.ts'
import { merge } from '../../src/spec/config.ts'
import { createProject } from '../lifecycle/project.ts'
import { createTestDatabase } from '../support/database.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

async function typesOf(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return writeTypes(await readApiSchema(client, 'public', 'new_schema').finally(() => client.end()))
}

/** The diagnostics of a program that has one folder for each set of files. */
async function compile(folders: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<string> {
  // Beneath the checkout, so that supabase-js is found.
  const root = mkdtempSync(join(ROOT, 'node_modules/.crossfade-types-'))
  try {
    for (const [name, files] of Object.entries(folders))
      for (const [file, text] of Object.entries(files)) writeFileSync(join(root, `${name}-${file}`), text)
    const options = {
      strict: true,
      module: 'nodenext',
      target: 'es2023',
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
    }
    writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }))
    const tsc = join(ROOT, 'node_modules/.bin/tsc')
    const { stdout } = await run(tsc, ['-p', root, '--pretty', 'false']).catch((error) => error as { stdout: string })
    return stdout.replaceAll(/^.*\.crossfade-types-[^/]*\//gm, '')
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const OLD = /* sql */ `
  create type mood as enum ('calm', 'it''s "odd"'); create type spot as (x int, label text);
  create domain score as numeric check (value >= 0);
  create table authors (id int primary key, name text not null unique);
  create table drafts (id int generated always as identity primary key, author int references authors, title text not null,
    mood mood not null default 'calm', moods mood[], spot spot, score score, meta jsonb, "it's" text[], at timestamptz default now(),
    twice int generated always as (1) stored);
  create table notes (id int primary key references drafts, text text);
  create view titles as select id, title from drafts;
  create function greet(name text, loud bool default false) returns text language sql as 'select name';
  create function greet(id int) returns setof drafts language sql as 'select * from drafts';
  create function pairs() returns table (a int, "b c" mood) language sql as $$ select 1, 'calm'::mood $$;
  create function unnamed(int) returns int language sql as 'select 1';
  create schema new_schema; create type new_schema.mood as enum ('new'); create type new_schema.tone as enum ('low');
  create table new_schema.posts (mood new_schema.mood, moods new_schema.mood[], tone new_schema.tone);
  create table new_schema.notes (other int);
  create function touched() returns trigger language plpgsql as $$ begin return new; end $$;`

test('every kind of column, view and function in the form of supabase gen types', async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  await database.query(OLD)
  const text = await typesOf(database.url)
  const part = (name: string) =>
    new RegExp(`^( +)${name}: \\{[\\s\\S]*?^\\1\\}`, 'm').exec(text)?.[0].replaceAll(/^ {6}/gm, '')
  expect(part('drafts')).toBe(
    `drafts: {
  Row: {
    at: string | null
    author: number | null
    id: number
    "it's": string[] | null
    meta: Json | null
    mood: Database["public"]["Enums"]["mood"]
    moods: Database["public"]["Enums"]["mood"][] | null
    score: number | null
    spot: Database["public"]["CompositeTypes"]["spot"] | null
    title: string
    twice: number | null
  }
  Insert: {
    at?: string | null
    author?: number | null
    id?: never
    "it's"?: string[] | null
    meta?: Json | null
    mood?: Database["public"]["Enums"]["mood"]
    moods?: Database["public"]["Enums"]["mood"][] | null
    score?: number | null
    spot?: Database["public"]["CompositeTypes"]["spot"] | null
    title: string
    twice?: never
  }
  Update: {
    at?: string | null
    author?: number | null
    id?: never
    "it's"?: string[] | null
    meta?: Json | null
    mood?: Database["public"]["Enums"]["mood"]
    moods?: Database["public"]["Enums"]["mood"][] | null
    score?: number | null
    spot?: Database["public"]["CompositeTypes"]["spot"] | null
    title?: string
    twice?: never
  }
  Relationships: [
    {
      foreignKeyName: "drafts_author_fkey"
      columns: ["author"]
      isOneToOne: false
      referencedRelation: "authors"
      referencedColumns: ["id"]
    },
  ]
}`,
  )
  expect(part('Functions')?.trim().replaceAll(/\s+/g, ' ')).toBe(
    'Functions: { greet: | { Args: { id: number }; Returns: Database["public"]["Tables"]["drafts"]["Row"][] } ' +
      '| { Args: { name: string; loud?: boolean }; Returns: string } ' +
      'pairs: { Args: never; Returns: { a: number; "b c": Database["public"]["Enums"]["mood"] }[] } }',
  )
  expect(part('Enums')).toContain(`mood: "calm" | "it's \\"odd\\""`)
  expect(part('spot')?.trim().replaceAll(/\s+/g, ' ')).toBe('spot: { x: number | null label: string | null }')
  expect(part('posts')?.replaceAll(/\s+/g, ' ')).toContain(
    'Row: { mood: "new" | null moods: "new"[] | null tone: Database["public"]["Enums"]["tone"] | null }',
  )
  expect(text).not.toContain('other')
  expect(text).toMatch(/titles: \{\s+Row: \{\s+id: number \| null\s+title: string \| null/)
  expect(text).toMatch(/foreignKeyName: "notes_id_fkey"\s+columns: \["id"\]\s+isOneToOne: true/)
  const use = `import { createClient } from '@supabase/supabase-js'
    import type { Database, Enums, Tables, TablesInsert } from './all-types.ts'
    const client = createClient<Database>('http://a', 'b')
    const { data } = await client.from('drafts').select('title, mood, authors(name)').single().throwOnError()
    const title: string = data.title; const mood: Enums<'mood'> = data.mood; const name: string | undefined = data.authors?.name
    const { data: greeted } = await client.rpc('greet', { name: 'a', loud: true }).throwOnError()
    const insert: TablesInsert<'drafts'> = { title: 'a', spot: { x: 1, label: null } }
    const view: Tables<'titles'>['title'] = null
    // @ts-expect-error
    const wrong: TablesInsert<'drafts'> = { title: 'a', id: 1 }
    // @ts-expect-error
    await client.from('nowhere').select()
    export { title, mood, name, greeted, insert, view, wrong }`
  expect(await compile({ all: { 'types.ts': text, 'use.ts': use } })).toBe('')
}, 180_000)

const APP = (names: readonly string[]) => `import { createClient } from '@supabase/supabase-js'
  import type { Database } from './STAGE-types.ts'
  const client = createClient<Database>('http://a', 'b')
  ${names.map((name, at) => `const { data: d${at} } = await client.from('${name}').select('id, title').single().throwOnError()\nexport const id${at}: number = d${at}.id\nexport const title${at}: string = d${at}.title\nawait client.from('${name}').update({ title: 'a' }).eq('id', 1)`).join('\n')}`

test('code that names old and new tables compiles from build to finish; afterwards what names old ones does not', async () => {
  const { commands, url, climb } = await createProject({
    oldSql: "create table drafts (id int primary key, title text not null); insert into drafts values (1, 'a')",
    newSql: 'create table posts (id int primary key, title text not null);',
    tables: { posts: merge({ key: 'id', sources: { drafts: {} } }) },
    finish: { rehearsalSeconds: 0, quietDays: 0 },
  })
  const stages: Record<string, { text: string; names: string[] }> = {}
  const take = async (stage: string, names: string[]) => {
    stages[stage] = { text: await typesOf(url), names }
  }
  await take('before', ['drafts'])
  await commands.approve('design')
  await commands.build()
  await take('built', ['drafts', 'posts'])
  await commands.approve('build')
  await climb()
  await take('moved', ['drafts', 'posts'])
  await commands.approve('finish')
  await commands.finish(0)
  await take('finished', ['posts'])
  expect(stages.built?.text).toBe(stages.moved?.text)
  expect(stages.finished?.text).not.toContain('drafts')
  const folders = Object.entries(stages).map(([stage, { text, names }]) => {
    return [stage, { 'types.ts': text, 'app.ts': APP(names).replace('STAGE', stage) }] as const
  })
  const old = { 'app.ts': APP(['drafts']).replace('STAGE', 'finished') }
  const told = await compile({ ...Object.fromEntries(folders), late: old })
  expect(
    told
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('late-app.ts') && !line.startsWith(' ')),
  ).toEqual([])
  expect(told).toContain('late-app.ts')
}, 240_000)
