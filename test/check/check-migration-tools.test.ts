import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { checkMigrationTools, tellMigrationTools } from '../../src/check/check-migration-tools.ts'
import { merge } from '../../src/spec/config.ts'

const NAMES = { newSchema: 'next', tables: ['contacts'] }

function tell(path: string, text: string): [id: string, severity: string][] {
  return tellMigrationTools([{ path, text }], NAMES).map(({ id, severity }) => [id.slice(1, 3).join('.'), severity])
}

const PUSH = ['drizzle.push', 'note']

test.each([
  ['export default { out: "x" }', [['drizzle.schemaFilter', 'note'], PUSH]],
  ['export default { schemaFilter: ["public"] }', [PUSH]],
  ["export default { schemaFilter: 'public' }", [PUSH]],
  ["export default {\n  // schemaFilter: ['public'],\n}", [['drizzle.schemaFilter', 'note'], PUSH]],
  ["export default { schemaFilter: ['public', 'crossfade_compat'] }", [['drizzle.schemaFilter', 'decide'], PUSH]],
  ["export default { schemaFilter: ['*', '!auth'] }", [['drizzle.schemaFilter', 'decide'], PUSH]],
  ["export default { schemaFilter: ['next'] }", [['drizzle.schemaFilter', 'decide'], PUSH]],
  ["export default { schemaFilter: ['archived_schema_20240101'] }", [['drizzle.schemaFilter', 'decide'], PUSH]],
  ["export default { schemaFilter: ['nextdoor', '(['] }", [PUSH]],
])('the configuration of Drizzle Kit: %s', (text, expected) => {
  expect(tell('apps/web/drizzle.config.ts', text)).toEqual(expected)
})

test('the datasource of Prisma, and the configuration of the Supabase CLI', () => {
  expect(tell('prisma/schema.prisma', 'datasource db {\n  provider = "postgresql"\n}')).toEqual([
    ['prisma.push', 'note'],
  ])
  expect(tell('prisma/schema.prisma', 'datasource db {\n  schemas = ["public", "next"]\n}')).toEqual([
    ['prisma.schemas', 'decide'],
    ['prisma.push', 'note'],
  ])
  expect(tell('supabase/config.toml', '')).toEqual([['supabase.diff', 'note']])
  expect(tell('src/config.toml', '')).toEqual([])
})

test('files are found beside the configuration, and beside the folder that it names', async () => {
  const root = await mkdtemp(join(tmpdir(), "crossfade ch'eck-"))
  onTestFinished(() => rm(root, { recursive: true }))
  const write = async (path: string) => {
    await mkdir(join(root, path, '..'), { recursive: true })
    await writeFile(join(root, path), '')
  }
  const project = {
    config: { schema: 'new.sql', tables: { contacts: merge({ key: 'id', sources: { people: {} } }) } },
    ...{ configPath: join(root, 'crossfade.config.ts'), ddl: '', ddlPath: join(root, 'new.sql'), outDir: root },
  }
  const where = async (migrations?: { tool: 'drizzle'; folder: string }) => {
    const config = migrations ? { ...project.config, migrations } : project.config
    return (await checkMigrationTools({ ...project, config })).map((one) => one.where)
  }
  expect(await where()).toEqual([])
  await write('apps/web/drizzle.config.ts')
  await write('supabase/config.toml')
  expect(await where()).toEqual(['supabase/config.toml'])
  expect(await where({ tool: 'drizzle', folder: 'apps/web/drizzle' })).toEqual([
    'apps/web/drizzle.config.ts',
    'apps/web/drizzle.config.ts',
    'supabase/config.toml',
  ])
})
