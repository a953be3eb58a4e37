import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const exec = promisify(execFile)
const root = new URL('../..', import.meta.url).pathname
let folder: string
let project: string

/** The package as a stranger gets it: packed, and installed into an empty project in a folder with an odd name. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossfade-package-'))
  await exec('chmod', ['755', folder])
  project = join(folder, 'an empty pröject')
  await mkdir(project)
  await writeFile(join(project, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  await exec('npm', ['pack', '--pack-destination', folder], { cwd: root })
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz')) ?? ''
  await exec('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', join(folder, tarball)], { cwd: project })
}, 180_000)

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('the binary is there under both names and says its version', async () => {
  for (const name of ['crossfade', 'pg-crossfade']) {
    const { stdout } = await exec('npx', [name, '--version'], { cwd: project })
    expect(stdout).toMatch(/^\d+\.\d+\.\d+/)
  }
})

test('the imports are typed', async () => {
  const code = `import { defineConfig, type MapDocument, merge, type SchemaSnapshot } from 'pg-crossfade'
import { crossfade } from 'pg-crossfade/pg'
import { type CrossfadeSql, crossfade as overSql } from 'pg-crossfade/postgres'
import { crossfade as overHttp, type CrossfadeFetch } from 'pg-crossfade/supabase'
import pg from 'pg'
import postgres from 'postgres'
export default defineConfig({ schema: './new.sql', tables: { a: merge({ key: 'id', sources: { b: {} } }) } })
export const pool: pg.Pool = crossfade(new pg.Pool())
export const sql: CrossfadeSql = overSql(postgres('postgres://localhost'), { tables: { a: 10 } })
export const asSql: postgres.Sql<{ big: bigint }> = overSql(postgres({ types: { big: postgres.BigInt } }))
export const names = async () => (await sql<{ name: string }[]>\`select name from a\`).map(({ name }) => name)
export const fetched: CrossfadeFetch = overHttp({ url: 'https://a.test', key: 'k', sticky: ({ headers }) => headers.get('x') ?? undefined })
export const asFetch: typeof fetch = fetched
// @ts-expect-error a rule without a key
merge({ sources: {} })
const snapshot: SchemaSnapshot = JSON.parse('{}')
export const keyless: string[] = snapshot.tables.filter((table) => table.primaryKey === null).map((table) => table.name)
const map: MapDocument = JSON.parse('{}')
export const legacy: string[] = map.tables.filter((table) => table.class === 'legacy').map((table) => table.name)
`
  await writeFile(join(project, 'typed.ts'), code)
  const compilerOptions = { module: 'nodenext', target: 'es2023', strict: true, noEmit: true, types: ['node'] }
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['typed.ts'] }))
  // What a TypeScript project on pg has anyway.
  await symlink(join(root, 'node_modules/@types'), join(project, 'node_modules/@types'))
  await symlink(join(root, 'node_modules/postgres'), join(project, 'node_modules/postgres'))
  const { stdout } = await exec(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', project]).catch(
    (error: { stdout: string }) => error,
  )
  expect(stdout).toBe('')
}, 60_000)

test('the runtime for applications loads nothing of the tool', async () => {
  const script = `await import('pg-crossfade/pg'); await import('pg-crossfade/postgres'); await import('pg-crossfade/supabase'); await import('pg-crossfade/supabase-shadow'); const { createRequire } = await import('node:module'); const loaded = process.moduleLoadList ?? []; console.log(JSON.stringify(Object.keys(createRequire(import.meta.url).cache)))`
  const { stdout } = await exec(process.execPath, ['--input-type=module', '-e', script], { cwd: project })
  expect(JSON.parse(stdout)).toEqual([])
})

test('npx crossfade demo runs the whole job', async () => {
  const { stdout } = await exec('npx', ['crossfade', 'demo', '--rows', '2000', '--json'], {
    cwd: project,
    maxBuffer: 1 << 26,
  })
  const report = JSON.parse(stdout)
  expect(report.problems ?? []).toEqual([])
  expect(report.ok).toBe(true)
}, 300_000)
