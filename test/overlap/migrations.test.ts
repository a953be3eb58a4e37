import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { loadSqlParser } from '../../src/codemap/sql/parser.ts'
import { readMigrationFolder } from '../../src/overlap/migrations/read-folder.ts'
import { writeOverlapPage } from '../../src/overlap/page/report-page.ts'
import { databaseWith, overlapOf } from './overlap-of.ts'

beforeAll(loadSqlParser)

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-migrations-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

test.each([
  ['Supabase CLI', { 'supabase/migrations/2_b.sql': 'b', 'supabase/migrations/1_a.sql': 'a' }, ['a', 'b']],
  ['Prisma', { 'prisma/migrations/2_b/migration.sql': 'b', 'prisma/migrations/1_a/migration.sql': 'a' }, ['a', 'b']],
  [
    'Drizzle Kit',
    {
      'drizzle/0000_z.sql': 'z',
      'drizzle/0001_a.sql': 'a',
      'drizzle/meta/_journal.json': '{"entries":[{"tag":"0001_a"},{"tag":"0000_z"}]}',
    },
    ['a', 'z'],
  ],
  ['sql', { 'migrations/1_a.up.sql': 'a', 'migrations/1_a.down.sql': 'undo' }, ['a']],
] as const)('the folder of %s is found, its files in the order in which they run', async (tool, files, texts) => {
  const found = await readMigrationFolder(await folderWith(files), null)
  expect(found?.tool).toBe(tool)
  expect(found?.files.map((file) => file.text)).toEqual(texts)
})

test('no folder, and a folder without files', async () => {
  const cwd = await folderWith({ 'src/index.ts': '' })
  expect(await readMigrationFolder(cwd, null)).toBeNull()
  await expect(readMigrationFolder(cwd, 'src')).rejects.toMatchObject({ code: 'overlap.migrations', exitCode: 2 })
})

test('what the catalog has and the files have not, and the reverse, through renames, drops and moves', async () => {
  const cwd = await folderWith({
    'supabase/migrations/1.sql': `create table posts (id int, title text, old text, gone int);
      create table drafts (id int); create table never (id int); create table if not exists posts (id int);
      create temporary table scratch (x int);`,
    'supabase/migrations/2.sql': `alter table posts rename column old to body; alter table posts drop column gone, add column planned int;
      alter table drafts rename to sketches; drop table never; alter table sketches set schema audit; create tabel oops;
      do $$ begin execute 'create table hidden_one (x int)'; end $$;
      create table copied (like posts); create table nobody_ran_it (x int);`,
  })
  const db = await databaseWith(
    'create table posts (id int, title text, body text, by_hand int)',
    'create table posts_old (id int, body text)',
    'create schema audit',
    'create table audit.sketches (id int)',
    'create table copied (anything int)',
    'create table _prisma_migrations (id int)',
  )
  const migrations = await readMigrationFolder(cwd, null)
  const document = await overlapOf(db, [], { schemas: ['public', 'audit'], migrations })
  expect(document.migrations).toEqual({
    ...{ tool: 'Supabase CLI', folder: 'supabase/migrations', files: 2, unparsed: 1, hidden: 1 },
    ...{ onlyInCatalog: ['posts_old'], onlyInFolder: ['nobody_ran_it'] },
    tables: [{ table: 'posts', onlyInCatalog: ['by_hand'], onlyInFolder: ['planned'] }],
  })
  expect(writeOverlapPage(document, { matrix: null, groups: [] })).toContain('in no file `by_hand`')
})
