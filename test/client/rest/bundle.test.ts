import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { readImports, stripComments } from '../../support/imports.ts'

const ROOT = join(import.meta.dirname, '../../..')
const LIMIT = 8_000

/** What a bundler would take for `pg-crossfade/supabase`: each compiled file, without its comments. */
const files = new Map<string, string>()

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')])
  files.set(join(ROOT, 'dist/client/supabase.js'), '')
  for (const path of files.keys()) {
    const text = readFileSync(path, 'utf8')
    files.set(path, stripComments(text))
    for (const { from } of readImports(text)) {
      const next = join(dirname(path), from)
      if (from.startsWith('.') && !files.has(next)) files.set(next, '')
    }
  }
}, 120_000)

test('it imports nothing but itself, and uses nothing that only Node has', () => {
  expect(files.size).toBeGreaterThan(5)
  for (const [path, text] of files) {
    expect(readImports(text).filter(({ from }) => !from.startsWith('.'))).toEqual([])
    // What is asked of globalThis may be missing.
    const global = /(?<!\.)\b(process|Buffer|setImmediate|require|__dirname|Deno)\b(?!\?)(?!\s*[,:}])/.exec(text)?.[0]
    expect({ path, global }).toEqual({ path, global: undefined })
  }
})

test(`it is smaller than ${LIMIT} bytes, gzipped`, () => {
  const code = [...files.values()].join('\n').replaceAll(/\n\s+/g, '\n')
  const size = gzipSync(code, { level: 9 }).length
  console.log(`pg-crossfade/supabase: ${size} bytes gzipped, not minified`)
  expect(size).toBeLessThan(LIMIT)
})
