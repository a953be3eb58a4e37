import { execFile } from 'node:child_process'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createRamp } from '../client/ramp-fixture.ts'
import { signToken, startApi } from '../client/rest/api.ts'

const ROOT = join(import.meta.dirname, '../..')
const run = promisify(execFile)

/** Asks until the new side answers, ten seconds at most: the first reads of a process are old. */
const ASK = `
async function ask(read) {
  const end = Date.now() + 10_000
  for (;;) {
    const side = await read()
    if (side === 'new' || Date.now() > end || process.argv[2] === 'once') return side
    await new Promise((done) => setTimeout(done, 100))
  }
}
`
const POOL = `${ASK}
ask(async () => (await pool.query('select side from posts where id = 1')).rows[0].side)
  .then((side) => console.log(side))
  .finally(() => pool.end())
`
const CLIENT = `${ASK}
ask(async () => (await supabase.from('posts').select('side').eq('id', 1).single().throwOnError()).data.side)
  .then((side) => process.stdout.write(side + '\\n', () => process.exit()))
`

const PROGRAMS: Readonly<Record<string, string>> = {
  'module.mjs': `import pg from 'pg'\nconst pool = new pg.Pool({ connectionString: process.env.DATABASE_URL })\n${POOL}`,
  'script.cjs': `'use strict';\nconst { Pool } = require('pg');\nconst pool = new Pool({ connectionString: process.env.DATABASE_URL });\n${POOL}`,
  'client.mjs': `import { createClient } from '@supabase/supabase-js'\nconst supabase = createClient(process.env.API_URL, process.env.API_KEY, { auth: { persistSession: false } })\n${CLIENT}`,
  'variable.cjs': `const { createClient } = require('@supabase/supabase-js')\nconst options = { auth: { persistSession: false } }\nconst supabase = createClient(process.env.API_URL, process.env.API_KEY, options)\n${CLIENT}`,
}

/** What `crossfade build` makes for clients over HTTP, in short. */
const STATE = /* sql */ `
do $$ begin create role anon; exception when duplicate_object or unique_violation then null; end $$;
create function crossfade_compat.crossfade_state(old_schema text default 'public') returns jsonb language sql stable as
  $$ select '{"version": 1, "percent": 100, "tables": {"posts": 100}}'::jsonb $$;
grant usage on schema public, crossfade_compat to anon;
grant select on public.posts, crossfade_compat.posts to anon;`

test('wrapped programs read from the new side, unwrapped they read from the old one', async () => {
  await run(process.execPath, [join(ROOT, 'scripts/build.mjs')])
  const ramp = await createRamp()
  await ramp.setPercent(100)
  await ramp.database.query(STATE)
  const api = await startApi(ramp.database.url)
  onTestFinished(() => api.close())
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-wrapped-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'node_modules/@supabase'), { recursive: true })
  for (const name of ['pg', '@supabase/supabase-js'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name))
  symlinkSync(ROOT, join(folder, 'node_modules/pg-crossfade'))
  for (const [file, text] of Object.entries(PROGRAMS)) writeFileSync(join(folder, file), text)

  const env = {
    ...{ ...process.env, DATABASE_URL: ramp.database.url, API_URL: api.url },
    API_KEY: signToken({ role: 'anon' }),
  }
  const runAll = async (...words: string[]): Promise<string[]> =>
    await Promise.all(
      Object.keys(PROGRAMS).map(async (file) => {
        const { stdout, stderr } = await run(process.execPath, [file, ...words], { cwd: folder, env })
        return `${stdout}${stderr.replaceAll(/\(node:\d+\).*\n|\(Use `node.*\n/g, '')}`
      }),
    )
  const codemod = (action: string) =>
    run(process.execPath, [join(ROOT, 'dist/main.js'), 'codemod', action], { cwd: folder })

  await codemod('wrap')
  expect(await runAll()).toEqual(['new\n', 'new\n', 'new\n', 'new\n'])
  await codemod('unwrap')
  for (const [file, text] of Object.entries(PROGRAMS)) expect(await readFile(join(folder, file), 'utf8')).toBe(text)
  expect(await runAll('once')).toEqual(['old\n', 'old\n', 'old\n', 'old\n'])
}, 120_000)
