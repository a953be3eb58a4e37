import { expect, test } from 'vitest'
import { findCode } from '../../src/init/find-code.ts'
import { projectFolder } from './project-folder.ts'

const needs = (...names: string[]): string =>
  JSON.stringify({ name: 'x', dependencies: Object.fromEntries(names.map((name) => [name, '1'])) })

test('of a single package the folders with code, without tests, settings and what is generated', async () => {
  const root = await projectFolder({
    'package.json': needs('@supabase/supabase-js', 'pg'),
    'src/db.ts': `import { createClient } from "@supabase/supabase-js"`,
    'src/deep/raw.js': `const { Pool } = require('pg')\nimport('pg')`,
    'app/page.tsx': 'export default 1',
    'scripts/fill.mjs': `import 'pg'`,
    'server.js': '',
    'next.config.js': `require('pg')`,
    'next-env.d.ts': '',
    'tests/a.test.ts': `import 'drizzle-orm'`,
    'node_modules/kysely/index.js': `import 'kysely'`,
    'supabase/functions/hook/index.ts': `import { drizzle } from 'npm:drizzle-orm@1/postgres-js'`,
  })
  expect(findCode(root)).toEqual({
    code: ['app', 'scripts', 'server.js', 'src', 'supabase'],
    styles: [
      { style: 'pg', files: 2 },
      { style: 'supabase', files: 1 },
      { style: 'drizzle', files: 1 },
    ],
    packages: [''],
  })
})

test('of a workspace the packages that reach the database, also through another one', async () => {
  const root = await projectFolder({
    'package.json': '{ "workspaces": ["apps/*", "packages/*"] }',
    'tools.js': '',
    'packages/db/package.json': `{ "name": "@my/db", "dependencies": { "kysely": "1" } }`,
    'packages/db/index.ts': `import { Kysely } from 'kysely'`,
    'packages/core/package.json': `{ "name": "@my/core", "dependencies": { "@my/db": "*" } }`,
    'packages/core/src/index.ts': '',
    'apps/web/package.json': `{ "name": "web", "dependencies": { "@my/core": "*" } }`,
    'apps/web/page.tsx': '',
    'apps/site/package.json': `{ "name": "site", "dependencies": { "react": "1" } }`,
    'apps/site/page.tsx': '',
    'apps/hooks/package.json': 'no JSON',
    'apps/hooks/a.ts': `import postgres from 'postgres'`,
  })
  const { code, styles, packages } = findCode(root)
  expect(code).toEqual(['apps/hooks', 'apps/web', 'packages/core', 'packages/db'])
  expect(styles).toEqual([
    { style: 'kysely', files: 1 },
    { style: 'postgres.js', files: 1 },
  ])
  expect(packages).toEqual(['', 'apps/hooks', 'apps/site', 'apps/web', 'packages/core', 'packages/db'])
})

test('without a library of the database all code, and of many single files their folder', async () => {
  expect(findCode(await projectFolder({ 'package.json': '{}', 'lib/a.js': '', 'README.md': '' })).code).toEqual(['lib'])
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`${at}.js`, '']))
  expect(findCode(await projectFolder({ 'package.json': '{}', 'src/a.js': '', ...many })).code).toEqual(['.'])
  expect(findCode(await projectFolder({ 'package.json': '{}' }))).toEqual({ code: [], styles: [], packages: [''] })
})

test('names of folders are what they are', async () => {
  const names = ["it's", 'a b', '$(x)', '-rf', '"q"', 'ü\n1']
  const files = Object.fromEntries(names.map((name) => [`${name}/a.ts`, `import 'pg'`]))
  expect(findCode(await projectFolder({ 'package.json': '{}', ...files })).code).toEqual([...names].sort())
})
