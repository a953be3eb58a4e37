import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { loadProject } from '../../src/control/project.ts'
import { signToken, startApi } from '../client/rest/api.ts'
import { createProject } from '../lifecycle/project.ts'

const ROOT = join(import.meta.dirname, '../..')
const EXAMPLE = join(ROOT, 'examples/supabase')
const run = promisify(execFile)

test('the example with supabase-js goes as its README says', async () => {
  await run(process.execPath, [join(ROOT, 'scripts/build.mjs')])
  const { config, ddl } = await loadProject({ cwd: EXAMPLE })
  const oldSql = readFileSync(join(EXAMPLE, 'old.sql'), 'utf8')
  const { commands, query, url } = await createProject({ oldSql, newSql: ddl, tables: config.tables })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await commands.approve('sync')
  await commands.verify()
  await commands.approve('verify')
  await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  for (const percent of [1, 10, 25, 50]) await commands.reads(percent)
  const api = await startApi(url)
  onTestFinished(() => api.close())
  const runApp = async () => {
    const env = { ...process.env, SUPABASE_URL: api.url, SUPABASE_ANON_KEY: signToken({ role: 'anon' }) }
    const { stdout, stderr } = await run(process.execPath, ['--import', 'jiti/register', 'app.ts'], {
      cwd: EXAMPLE,
      env,
    })
    return { ...JSON.parse(stdout), stderr }
  }
  const titles = ['Both tables know it', 'Only a draft']
  const half = await runApp()
  expect(half).toMatchObject({ titles, percent: 50, fallbacks: 0, refusedByBoth: 0, stderr: '' })
  expect(half.readsNew).toBeGreaterThan(4)
  expect(half.readsOld).toBeGreaterThan(4)
  expect(half.keptOld).toEqual([{ table: 'drafts', what: 'select=title,comments(words)', count: expect.any(Number) }])
  await commands.rollback()
  expect(await runApp()).toMatchObject({ titles, percent: 0, readsNew: 0, fallbacks: 0, stderr: '' })
}, 240_000)
