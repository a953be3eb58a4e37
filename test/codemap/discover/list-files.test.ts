import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findRoot, listFiles } from '../../../src/codemap/discover/list-files.ts'
import { readCodeMap } from '../../../src/codemap/read-code-map.ts'
import { UsageError } from '../../../src/lib/errors.ts'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crossfade-map-'))
})

afterEach(() => {
  rmSync(root, { recursive: true, force: true })
})

function put(file: string, content: string | Buffer = 'export {}\n'): void {
  mkdirSync(dirname(join(root, file)), { recursive: true })
  writeFileSync(join(root, file), content)
}

const CLIENT = "import { createClient } from '@supabase/supabase-js'\nconst db = createClient('u', 'k')\n"

test('takes every kind of source, and no folder of tools, dependencies or output', () => {
  for (const ending of ['js', 'jsx', 'ts', 'tsx', 'mjs', 'cjs', 'mts', 'cts', 'vue', 'svelte', 'astro'])
    put(`src/a.${ending}`)
  for (const folder of ['node_modules/x', 'dist', '.next', 'coverage', 'build']) put(`${folder}/b.js`)
  put('package.json', '{}')
  put('scripts/build/c.ts')
  put('README.md')
  expect(listFiles(root).sources).toEqual([
    'scripts/build/c.ts',
    ...['astro', 'cjs', 'cts', 'js', 'jsx', 'mjs', 'mts', 'svelte', 'ts', 'tsx', 'vue'].map(
      (ending) => `src/a.${ending}`,
    ),
  ])
})

test('honours .gitignore of the folder, of those inside and of those around, the innermost first', () => {
  put('.git/HEAD', 'ref: refs/heads/main\n')
  put('.gitignore', 'generated/\n*.gen.ts\n')
  put('app/.gitignore', '!kept.gen.ts\n/local.ts\n')
  for (const file of [
    'app/a.ts',
    'app/generated/b.ts',
    'app/c.gen.ts',
    'app/kept.gen.ts',
    'app/local.ts',
    'app/in/local.ts',
  ])
    put(file)
  const expected = ['a.ts', 'in/local.ts', 'kept.gen.ts']
  expect(listFiles(join(root, 'app')).sources).toEqual(expected)
  expect(listFiles(root).sources).toEqual(expected.map((file) => `app/${file}`))
})

test('follows links out of the project once, and never in a circle', () => {
  const outside = mkdtempSync(join(tmpdir(), 'crossfade-linked-'))
  try {
    writeFileSync(join(outside, 'shared.ts'), 'export {}\n')
    put('src/a.ts')
    symlinkSync(root, join(root, 'src', 'loop'))
    symlinkSync(outside, join(root, 'src', 'linked'))
    symlinkSync(outside, join(root, 'src', 'linked-again'))
    symlinkSync(join(root, 'gone'), join(root, 'src', 'nowhere'))
    expect(listFiles(root).sources).toEqual(['src/a.ts', 'src/linked/shared.ts'])
  } finally {
    rmSync(outside, { recursive: true, force: true })
  }
})

test('tells of bundles, binaries, other encodings and broken files, and goes on', async () => {
  put('src/ok.ts', `${CLIENT}db.from('posts').select('id')\n`)
  put('src/bundle.js', `var a=1;\n`.repeat(600_000))
  put('src/lib.min.js', 'var a=1')
  put('src/packed.js', `var a=[${'1,'.repeat(20_000)}1]`)
  put('src/binary.ts', Buffer.from([1, 0, 2, 0]))
  put('src/latin.ts', Buffer.from(`${CLIENT}db.from('caf\xe9').select('id')\n`, 'latin1'))
  put('src/broken.ts', 'export const = {\n')
  const map = await readCodeMap(root)
  expect(map.interactions.map(({ file, table }) => `${file} ${table}`)).toEqual([
    'src/latin.ts café',
    'src/ok.ts posts',
  ])
  expect(map.problems.map(({ file, message }) => `${file}: ${message}`)).toEqual([
    'src/binary.ts: left out: it is binary',
    expect.stringMatching(/^src\/broken\.ts: can't be parsed: line 1: /),
    'src/bundle.js: left out: 5.1 MB is no hand-written source',
    'src/latin.ts: is not UTF-8; read as Latin-1',
    'src/lib.min.js: left out: it is minified',
    'src/packed.js: left out: it is minified',
  ])
})

test.skipIf(process.getuid?.() === 0)('tells of what it may not read', async () => {
  put('src/secret.ts')
  chmodSync(join(root, 'src/secret.ts'), 0)
  const { problems } = await readCodeMap(root)
  expect(problems).toEqual([{ file: 'src/secret.ts', message: "can't be read: EACCES" }])
})

test('maps only the paths that are named, with what they import from elsewhere', async () => {
  put('lib/db.ts', `${CLIENT}db.from('elsewhere').select('id')\nexport { db }\n`)
  put('src/a.ts', "import { db } from '../lib/db'\ndb.from('posts').select('id')\n")
  const map = await readCodeMap(root, ['src'])
  expect(map.files).toEqual(['src/a.ts'])
  expect(map.interactions.map(({ file, table }) => `${file} ${table}`)).toEqual(['src/a.ts posts'])
})

test('names a path that is not there', () => {
  expect(() => findRoot(root, ['nope'])).toThrow(UsageError)
})

test('takes paths outside of the current folder from the folder that holds them all', () => {
  put('one/a.ts')
  put('two/b.ts')
  put('here/c.ts')
  const { root: found, within } = findRoot(join(root, 'here'), ['../one', '../two/b.ts'])
  expect(found).toBe(root)
  expect(['one/a.ts', 'two/b.ts', 'here/c.ts'].filter(within)).toEqual(['one/a.ts', 'two/b.ts'])
})
