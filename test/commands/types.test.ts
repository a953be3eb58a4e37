import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

test('to stdout, to a file, as JSON; of the schemas that the configuration names; and mistakes', async () => {
  const db = await createTestDatabase()
  const cwd = await mkdtemp(join(tmpdir(), 'crossfade-types-'))
  onTestFinished(async () => {
    await db.drop()
    await rm(cwd, { recursive: true })
  })
  await db.query(
    'create schema app; create table app.notes (id int); create schema next; create table next.papers (id int)',
  )
  const run = async (...words: string[]) =>
    await new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
      const options = { cwd, env: { ...process.env, DATABASE_URL: db.url, NO_COLOR: '1' } }
      execFile(process.execPath, [MAIN, 'types', ...words], options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      )
    })
  expect(await run()).toMatchObject({ code: 2, stderr: expect.stringContaining('The schema public has no table') })
  await writeFile(
    join(cwd, 'crossfade.config.ts'),
    "export default { oldSchema: 'app', newSchema: 'next', schema: 'new.sql', tables: {} }",
  )
  const { code, stdout } = await run()
  expect(code).toBe(0)
  expect(stdout).toMatch(/app: \{\n {4}Tables: \{\n {6}notes: [\s\S]* {6}papers: /)
  expect((await run('src/types.ts')).stdout).toContain('Written: src/types.ts, with 2 tables and views')
  expect(await readFile(join(cwd, 'src/types.ts'), 'utf8')).toBe(stdout)
  expect(JSON.parse((await run('--json')).stdout)).toMatchObject({
    ok: true,
    tables: ['notes', 'papers'],
    types: stdout,
  })
  await mkdir(join(cwd, 'folder'))
  expect(await run('folder')).toMatchObject({ code: 2, stderr: expect.stringContaining("can't be written") })
  expect(await run('--database', 'postgres://a:Ungues5able@127.0.0.1:1/b')).toMatchObject({ code: 3 })
}, 120_000)
