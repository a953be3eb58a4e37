import { expect, test } from 'vitest'
import { findMigrations, nameTool } from '../../src/init/find-migrations.ts'
import { projectFolder } from './project-folder.ts'

const SQL = 'select 1'

const tell = ({ found }: ReturnType<typeof findMigrations>): string[] =>
  found.map(({ settings, isThere }) => `${settings.tool} ${settings.folder}${isThere ? '' : ' (gone)'}`)

test.each<[string, Record<string, string>, string[]]>([
  ['Supabase CLI', { 'supabase/migrations/1.sql': SQL }, ['supabase supabase/migrations']],
  ['Supabase CLI, at its beginning', { 'supabase/config.toml': '' }, ['supabase supabase/migrations (gone)']],
  ['Drizzle Kit', { 'drizzle.config.ts': `export default {}`, 'drizzle/1.sql': SQL }, ['drizzle drizzle']],
  [
    'Drizzle Kit, elsewhere',
    {
      'drizzle.config.ts': `import x from 'y'\nexport default x({ out: './db/out/', dialect: z() } satisfies C)`,
      'db/out/1.sql': SQL,
    },
    ['drizzle db/out'],
  ],
  ['Drizzle Kit in CommonJS', { 'drizzle.config.cjs': `module.exports = { out: 'm' }` }, ['drizzle m (gone)']],
  ['Drizzle Kit in JSON', { 'drizzle.config.json': `{ "out": "m" } // it` }, ['drizzle m (gone)']],
  ['Prisma', { 'prisma/schema.prisma': '', 'prisma/migrations/1/migration.sql': SQL }, ['prisma prisma/migrations']],
  ['Prisma, beside its schema', { 'schema.prisma': '' }, ['prisma migrations (gone)']],
  [
    'Prisma, named in package.json',
    { 'package.json': `{ "prisma": { "schema": "db/main.prisma" } }`, 'db/main.prisma': '' },
    ['prisma db/migrations (gone)'],
  ],
  [
    'Prisma with a folder of schemas',
    {
      'prisma.config.ts': `export default defineConfig({ schema: 'db' })`,
      'db/a.prisma': '',
      'db/migrations/1/migration.sql': SQL,
    },
    ['prisma db/migrations'],
  ],
  [
    'Prisma, as its configuration says',
    {
      'prisma.config.mjs': `const m = { path: 'db/steps' }\nexport default { migrations: m }`,
      'db/steps/1/migration.sql': SQL,
    },
    ['prisma db/steps'],
  ],
  ['none of them', { 'migrations/1.sql': SQL, 'prisma/readme': '' }, []],
])('%s', async (_, files, expected) => {
  const result = findMigrations(await projectFolder(files), [''])
  expect(tell(result)).toEqual(expected)
  expect(result.warnings).toEqual([])
})

test('what is there goes before what is not, in every package', async () => {
  const cwd = await projectFolder({
    'supabase/config.toml': '',
    'apps/web/drizzle.config.ts': `export default defineConfig({ out: './m' })`,
    'apps/web/m/1.sql': SQL,
  })
  expect(tell(findMigrations(cwd, ['', 'apps/web']))).toEqual([
    'drizzle apps/web/m',
    'supabase supabase/migrations (gone)',
  ])
})

test('a folder that is computed is said', async () => {
  const cwd = await projectFolder({
    'drizzle.config.ts': 'export default { out: process.env.OUT }',
    'prisma.config.ts': 'export default make()',
    'prisma/schema.prisma': '',
  })
  const { found, warnings } = findMigrations(cwd, [''])
  expect(found.map(({ settings }) => settings.folder)).toEqual(['drizzle', 'prisma/migrations'])
  expect(warnings).toEqual([
    expect.stringMatching(/^drizzle\.config\.ts computes/),
    expect.stringMatching(/^prisma\.config\.ts computes/),
  ])
})

test('the tool of a folder that was named is told by what is in it', async () => {
  const cwd = await projectFolder({
    'a/migration_lock.toml': '',
    'b/meta/_journal.json': '{}',
    'c/1/snapshot.json': '{}',
    'c/1/migration.sql': SQL,
    'd/1/migration.sql': SQL,
    'e/1.sql': SQL,
  })
  const tools = ['a', './b/', 'c', 'd', 'x/supabase/steps'].map((folder) => nameTool(cwd, folder, []).settings)
  expect(tools.map(({ tool, folder }) => `${tool} ${folder}`)).toEqual([
    'prisma a',
    'drizzle b',
    'drizzle c',
    'prisma d',
    'supabase x/supabase/steps',
  ])
  expect(() => nameTool(cwd, 'e', [])).toThrow(/Which tool e is of can't be told/)
  const one = { settings: { tool: 'drizzle', folder: 'drizzle' }, isThere: false } as const
  expect(nameTool(cwd, 'e', [one]).settings).toEqual({ tool: 'drizzle', folder: 'e' })
})
