import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

async function start() {
  const db = await createTestDatabase()
  const cwd = await mkdtemp(join(tmpdir(), 'crossfade-migration-'))
  onTestFinished(async () => {
    await db.drop()
    await rm(cwd, { recursive: true })
  })
  await db.query('create table notes (id int primary key, text text)')
  await writeFile(join(cwd, 'new.sql'), 'create table remarks (id int primary key, text text);')
  const configure = async (more: string): Promise<void> =>
    await writeFile(
      join(cwd, 'crossfade.config.ts'),
      `import { defineConfig, merge } from 'pg-crossfade'
       export default defineConfig({ schema: './new.sql', ${more}
         tables: { remarks: merge({ key: 'id', sources: { notes: {} } }) } })`,
    )
  const run = async (...words: string[]) =>
    await new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      const person = { GIT_AUTHOR_NAME: 'Test', GIT_AUTHOR_EMAIL: 'test@crossfade.invalid' }
      const options = { cwd, env: { ...process.env, ...person, DATABASE_URL: db.url, NO_COLOR: '1' } }
      execFile(process.execPath, [MAIN, ...words], options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      )
    })
  return { db, cwd, run, configure }
}

const BUILT = `select to_regclass('new_schema.remarks') is not null as built`

test('build --migration: nothing is built without a setting or a table; then the file, the row, and their way back', async () => {
  const { db, cwd, run, configure } = await start()
  await configure('')
  await run('check')
  expect(await run('approve', 'design', '--yes')).toMatchObject({ code: 0 })
  expect(await run('build', '--migration')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("migrations: { tool: 'supabase', folder: 'supabase/migrations' }"),
  })
  await configure(`migrations: { tool: 'supabase', folder: 'my files/migrations' },`)
  const folder = join(cwd, 'my files/migrations')
  await mkdir(folder, { recursive: true })
  expect(await run('build', '--migration')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no table supabase_migrations.schema_migrations'),
  })
  expect(await db.query(BUILT)).toEqual([{ built: false }])
  await db.query(`create schema supabase_migrations`)
  await db.query(`create table supabase_migrations.schema_migrations (version text primary key)`)

  const planned = await run('build', '--dry-run', '--migration')
  expect(planned).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/marked as applied in .*: .*crossfade_build/),
  })
  expect(await readdir(folder)).toEqual([])

  const built = JSON.parse((await run('build', '--migration', '--json')).stdout)
  const [name = ''] = await readdir(folder)
  expect(built).toMatchObject({
    ok: true,
    recorded: { tool: 'Supabase CLI', path: join(folder, name), table: 'supabase_migrations.schema_migrations' },
  })
  expect(await readFile(join(folder, name), 'utf8')).toContain('create table remarks (id int primary key, text text);')
  const versions = await db.query(`select version from supabase_migrations.schema_migrations`)
  expect(versions).toEqual([{ version: name.slice(0, 14) }])
  expect((await run('build', '--migration')).stdout).toContain('was marked as applied in')

  const back = await run('rollback')
  expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining(`${name} is not marked as applied any more`) })
  expect(await db.query(`select from supabase_migrations.schema_migrations`)).toHaveLength(0)
})

test('without the flag nothing is done to the folder or the table', async () => {
  const { db, cwd, run, configure } = await start()
  await configure(`migrations: { tool: 'prisma', folder: 'prisma' },`)
  await mkdir(join(cwd, 'prisma'))
  await db.query(`create table _prisma_migrations (id text)`)
  await run('check')
  await run('approve', 'design', '--yes')
  expect(await run('build')).toMatchObject({ code: 0 })
  expect(await readdir(join(cwd, 'prisma'))).toEqual([])
  expect(await db.query(`select from _prisma_migrations`)).toEqual([])
})
