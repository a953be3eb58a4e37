import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { writeCheckPage } from '../../src/check/check-page.ts'
import type { CheckReport } from '../../src/check/check-report.ts'
import { buildMap } from '../../src/codemap/build-map.ts'
import { readCodeMap } from '../../src/codemap/read-code-map.ts'
import { merge } from '../../src/spec/config.ts'
import { checkTables, findingOf } from './run-check.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const OLD_SQL = `
create table notes (id int primary key, text text, slug text unique, mood text, "oddColumn" int);
create table drafts (id int primary key, text text, slug text);
create table users (id int primary key, name text);
create view busy as select id, text from notes;
create schema side;
create table side.things (id int primary key);
create function public.shout(notes) returns text language sql as $$ select upper($1.text) $$;
create function public.best(users) returns setof notes language sql as $$ select * from public.notes limit 1 $$;`

const checked = {
  ddl: 'create table remarks (id int primary key, text text, slug text)',
  config: { tables: { remarks: merge({ key: 'id', sources: { notes: {}, drafts: {} } }) }, keep: ['users'] },
}

async function checkProgram(files: Readonly<Record<string, string>>): Promise<CheckReport> {
  const folder = await createTemporaryFolder()
  const manifest = { 'package.json': '{"dependencies":{"pg":"8","@supabase/supabase-js":"2"}}' }
  for (const [name, text] of Object.entries({ ...manifest, ...files })) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  const outDir = join(folder, 'crossfade')
  await mkdir(outDir)
  const map = buildMap(await readCodeMap(folder))
  await writeFile(join(outDir, 'DATABASE_INTERACTION_MAP.json'), JSON.stringify(map))
  return await checkTables(OLD_SQL, { ...checked, outDir })
}

const pool = `import pg from 'pg'\nconst pool = new pg.Pool()\n`
const idsOf = ({ findings }: CheckReport, start: string): string[] =>
  findings.filter((one) => one.id.startsWith(start)).map(({ id }) => id)

test('columns that nothing new is made of, where code uses them, with the places', async () => {
  const report = await checkProgram({
    'src/a.ts': `${pool}export const read = () => pool.query('select id, mood from notes')
      export const sorted = () => pool.query('select id from notes order by mood')`,
    'src/b.ts': `${pool}export const write = () => pool.query('insert into notes (id, mood) values (1, 2)')`,
    'test/a.test.ts': `${pool}export const t = () => pool.query('select mood from notes')`,
    'migrations/1.sql': `update notes set mood = 'calm'`,
  })
  expect(findingOf(report, 'code.unmapped.notes.mood')).toMatchObject({
    ...{ severity: 'decide', what: 'mood is read, written, sorted by code, and nothing in the mapping takes it' },
    places: ['src/a.ts:3', 'src/a.ts:4', 'src/b.ts:3'],
  })
  expect(writeCheckPage(report)).toContain('  - src/a.ts:3, src/a.ts:4, src/b.ts:3\n')
  expect(idsOf(report, 'code.unmapped')).toHaveLength(1)
  expect(findingOf(report, 'code.map').what).toMatch(/of \d{4}-\d\d-\d\d \d\d:\d\d UTC: 3 accesses, and 0 of which/)
})

test('an upsert whose key has gone, rows that are shared, and reads that a compat view answers otherwise', async () => {
  const report = await checkProgram({
    'src/a.ts': `${pool}
      export const a = () => pool.query('insert into notes (id, slug) values (1, 2) on conflict (slug) do nothing')
      export const b = () => pool.query('insert into notes (id) values (1) on conflict (id) do nothing')
      export const c = () => pool.query('delete from drafts where id = 1')
      export const d = () => pool.query('select text from drafts')
      export const e = () => pool.query('select id, slug, text from notes')
      export const f = () => pool.query('select text from drafts order by slug')`,
  })
  expect(findingOf(report, 'code.conflict.notes.slug')).toMatchObject({ severity: 'decide', places: ['src/a.ts:4'] })
  expect(idsOf(report, 'code.conflict')).toEqual(['code.conflict.notes.slug'])
  expect(findingOf(report, 'code.shared-row.drafts.delete')).toMatchObject({ severity: 'note', places: ['src/a.ts:6'] })
  expect(findingOf(report, 'code.precedence.drafts')).toMatchObject({
    ...{ severity: 'note', places: ['src/a.ts:7', 'src/a.ts:9'] },
    what: 'text, slug: where notes has a value for it, a compat view shows that one',
  })
})

test('what names a table or a column that is not there fails already today', async () => {
  const report = await checkProgram({
    'src/a.ts': `${pool}
      export const a = () => pool.query('select id from nots')
      export const b = () => pool.query('select txt, oddcolumn from notes n where n.slg = 1')
      export const c = () => pool.query('insert into notes (id) values (1) on conflict (slugg) do nothing')
      export const d = () => pool.query('select id from gone.notes')
      export const e = () => pool.query('select mood from busy')
      export const f = () => pool.query('select id from public.things')`,
    'src/s.ts': `import { createClient } from '@supabase/supabase-js'
      const supabase = createClient('https://x.example', 'key')
      export const g = () => supabase.from('Notes').select('id')`,
  })
  expect(idsOf(report, 'fails-today')).toEqual([
    'fails-today.nots',
    'fails-today.notes.oddcolumn',
    'fails-today.notes.txt',
    'fails-today.notes.slg',
    'fails-today.notes.slugg',
    'fails-today.gone-notes',
    'fails-today.busy.mood',
    'fails-today.public-things',
    'fails-today.Notes',
  ])
  expect(findingOf(report, 'fails-today.nots')).toMatchObject({ severity: 'note', places: ['src/a.ts:4'] })
  expect(idsOf(report, 'code.unmapped')).toEqual([])
})

test('what is there by another way is not said to fail', async () => {
  const report = await checkProgram({
    'src/a.ts': `${pool}
      export const a = () => pool.query('with recent as (select id, text as heading from notes) select heading from recent')
      export const b = () => pool.query('create temp table staging (id int)')
      export const c = () => pool.query('insert into staging (id) values (1)')
      export const d = () => pool.query('select "oddColumn", ctid, n.shout, shout(n) from NOTES n')
      export const e = () => pool.query('select id from things')
      export const f = () => pool.query('select relname from pg_class where oid = 1')
      export const g = () => pool.query('select table_name from information_schema.tables')
      export const h = () => pool.query('select g from generate_series(1, 3) g')
      export const i = () => pool.query('select id, text from remarks')
      export const j = (name: string) => pool.query('select x from ' + name)`,
    'src/s.ts': `import { createClient } from '@supabase/supabase-js'
      const supabase = createClient('https://x.example', 'key')
      export const k = () => supabase.from('users').select('id, best(id, text)')
      export const l = () => supabase.from('notes').select('id, loud:shout')`,
    'migrations/1.sql': 'insert into nots values (1)',
  })
  expect(idsOf(report, 'fails-today')).toEqual([])
})

test('without a map it says so; a file that is none is refused', async () => {
  const report = await checkTables(OLD_SQL, checked)
  expect(findingOf(report, 'code.no-map').advice).toBe('Run crossfade map, then crossfade check again.')
  const outDir = await createTemporaryFolder()
  for (const text of ['{"version": 2, "interactions": []}', 'null', '{']) {
    await writeFile(join(outDir, 'DATABASE_INTERACTION_MAP.json'), text)
    await expect(checkTables(OLD_SQL, { ...checked, outDir })).rejects.toMatchObject({ code: 'check.map', exitCode: 2 })
  }
})
