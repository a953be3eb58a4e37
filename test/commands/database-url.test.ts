import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { readDatabaseUrl } from '../../src/commands/database-url.ts'

const SECRET = 'Ungues5able'

async function start(config: string | null, files: Record<string, string> = {}) {
  const cwd = await mkdtemp(join(tmpdir(), 'crossfade url '))
  const warned = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    warned.mockRestore()
    await rm(cwd, { recursive: true })
  })
  for (const name of ['DATABASE_URL', 'DIRECT_URL', 'PGHOST']) vi.stubEnv(name, undefined)
  if (config !== null) await writeFile(join(cwd, 'crossfade.config.ts'), `export default ${config}`)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(cwd, name, '..'), { recursive: true })
    await writeFile(join(cwd, name), text)
  }
  return { cwd, warned }
}

const DIRECT = `{ database: { env: 'DIRECT_URL', file: '.env' } }`
const FILE = { '.env': `DIRECT_URL=postgres://me:${SECRET}@file/d\nDATABASE_URL=postgres://me:${SECRET}@other/d\n` }

test('--database goes before the variable of the environment, and that before the file', async () => {
  const { cwd } = await start(DIRECT, FILE)
  expect(await readDatabaseUrl({ cwd })).toBe(`postgres://me:${SECRET}@file/d`)
  vi.stubEnv('DATABASE_URL', 'postgres://default/d')
  expect(await readDatabaseUrl({ cwd })).toBe(`postgres://me:${SECRET}@file/d`)
  vi.stubEnv('DIRECT_URL', 'postgres://environment/d')
  expect(await readDatabaseUrl({ cwd })).toBe('postgres://environment/d')
  expect(await readDatabaseUrl({ cwd, database: 'postgres://flag/d' })).toBe('postgres://flag/d')
  // An unset variable of the shell: "$URL". Another database must not be taken for it.
  expect(await readDatabaseUrl({ cwd, database: '' })).toBe('')
})

test('without the word it is DATABASE_URL, with or without a configuration', async () => {
  for (const config of [null, '{}', '{ database: {} }']) {
    const { cwd } = await start(config, FILE)
    await expect(readDatabaseUrl({ cwd })).rejects.toThrow('No database is named.')
    vi.stubEnv('DATABASE_URL', 'postgres://default/d')
    expect(await readDatabaseUrl({ cwd })).toBe('postgres://default/d')
  }
})

test('the file is beside the configuration, wherever one stands; the variable is DATABASE_URL where none is named', async () => {
  const { cwd } = await start(null, {
    'deep/crossfade.config.ts': `export default { database: { file: '../env' } }`,
    env: `DATABASE_URL=postgres://deep/d`,
  })
  expect(await readDatabaseUrl({ cwd, config: 'deep/crossfade.config.ts' })).toBe('postgres://deep/d')
})

test.each([
  [
    `{ database: { env: 'NOT_SET' } }`,
    "crossfade.config.ts takes the database's URL from NOT_SET, which is not set in the environment.",
  ],
  [
    `{ database: { env: 'NOT_SET', file: '.env' } }`,
    "crossfade.config.ts takes the database's URL from NOT_SET, which is not set in the environment, and .env has none either.",
  ],
  [
    `{ database: { file: 'gone/.env' } }`,
    "crossfade.config.ts takes the database's URL from DATABASE_URL, which is not set in the environment, and gone/.env can't be read (ENOENT).",
  ],
  [
    `{ database: { file: '.' } }`,
    "crossfade.config.ts takes the database's URL from DATABASE_URL, which is not set in the environment, and . can't be read (EISDIR).",
  ],
])('%s names what is not there', async (config, message) => {
  const { cwd } = await start(config, { '.env': FILE['.env'].replace(/^DATABASE.*/m, '') })
  await expect(readDatabaseUrl({ cwd })).rejects.toMatchObject({ code: 'database.unset', exitCode: 2, message })
})

test('a mistake in the mapping is none of the way to the database', async () => {
  const { cwd, warned } = await start(`{ database: { env: 'DIRECT_URL', file: '.env' }, tables: 7, brew: 1 }`, FILE)
  expect(await readDatabaseUrl({ cwd })).toContain('@file/')
  expect(warned).not.toHaveBeenCalled()
})

test('a configuration that does not load leaves DATABASE_URL, with a warning, and is told without it', async () => {
  const { cwd, warned } = await start('{{', FILE)
  await expect(readDatabaseUrl({ cwd })).rejects.toMatchObject({ code: 'config.load' })
  expect(await readDatabaseUrl({ cwd, database: 'postgres://flag/d' })).toBe('postgres://flag/d')
  vi.stubEnv('DATABASE_URL', 'postgres://default/d')
  expect(await readDatabaseUrl({ cwd })).toBe('postgres://default/d')
  expect(warned.mock.calls.join()).toMatch(/can't be loaded.*DATABASE_URL is taken/s)
})

test('a URL in place of the variable is refused, and not shown', async () => {
  const { cwd } = await start(`{ database: { env: 'postgres://me:${SECRET}@h/d' } }`)
  const error = await readDatabaseUrl({ cwd }).catch((thrown: Error & { hint?: string }) => thrown)
  expect(String((error as Error).message)).toMatch(/database\.env must be the name of a variable/)
  expect(JSON.stringify(error) + String(error)).not.toContain(SECRET)
})
