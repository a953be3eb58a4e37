import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { signToken, startApi } from '../client/rest/api.ts'
import { createTestDatabase } from '../support/database.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

test('build says what a client over the API finds of what it has built', async () => {
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  const db = await createTestDatabase()
  const cwd = await mkdtemp(join(tmpdir(), 'crossfade-build-'))
  const api = await startApi(db.url)
  onTestFinished(async () => {
    log.mockRestore()
    await api.close()
    await db.drop()
    await rm(cwd, { recursive: true })
  })
  await db.query(`do $$ begin create role anon; exception when duplicate_object or unique_violation then null; end $$;
    create table notes (id int primary key, text text); grant usage on schema public to anon; grant select on notes to anon`)
  await writeFile(join(cwd, 'new.sql'), 'create table remarks (id int primary key, text text);')
  await writeFile(
    join(cwd, 'crossfade.config.ts'),
    `import { defineConfig, merge } from 'pg-crossfade'
     export default defineConfig({ schema: './new.sql', supabase: { urlEnv: 'API_URL', keyEnv: 'API_KEY' },
       tables: { remarks: merge({ key: 'id', sources: { notes: {} } }) } })`,
  )
  const run = async (...words: string[]) =>
    await new Promise<string>((done, fail) => {
      const person = { GIT_AUTHOR_NAME: 'Test', GIT_AUTHOR_EMAIL: 'test@crossfade.invalid' }
      const keys = { DATABASE_URL: db.url, API_URL: api.url, API_KEY: signToken({ role: 'anon' }) }
      const options = { cwd, env: { ...process.env, ...person, ...keys } }
      execFile(process.execPath, [MAIN, ...words], options, (error, stdout, stderr) =>
        error ? fail(new Error(stdout + stderr)) : done(stdout),
      )
    })
  await run('check')
  await run('approve', 'design', '--yes')
  // PostgREST hears of it by itself, a moment later.
  const hearing = setInterval(() => void api.reload(), 500)
  const built = await run('build').finally(() => clearInterval(hearing))
  expect(built).toContain('over the API, as anon: call of crossfade_state, select of notes')
  expect(built).toContain("the API doesn't show the schema new_schema\n    Nothing, since move brings")
  const { frontDoor } = JSON.parse(await run('build', '--json'))
  expect(frontDoor).toMatchObject([
    { id: 'front-door.crossfade_compat.tried', severity: 'note' },
    { id: 'front-door.new_schema.not-exposed', severity: 'note' },
  ])
}, 180_000)
