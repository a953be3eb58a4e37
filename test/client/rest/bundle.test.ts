import { beforeAll, expect, test } from 'vitest'
import { type Bundle, readBundle } from '../../support/bundle.ts'

const LIMIT = 8_000

const ENTRIES = ['client/supabase.js', 'client/supabase-shadow.js']
let bundles: Bundle[]

beforeAll(() => {
  bundles = ENTRIES.map((entry) => readBundle(entry))
}, 120_000)

test('they import nothing but themselves, and use nothing that only Node has', () => {
  for (const { files, foreign } of bundles) {
    expect(files.size).toBeGreaterThan(5)
    expect(foreign).toEqual([])
    for (const [path, text] of files) {
      // What is asked of globalThis may be missing.
      const global = /(?<!\.)\b(process|Buffer|setImmediate|require|__dirname|Deno)\b(?!\?)(?!\s*[,:}])/.exec(text)?.[0]
      expect({ path, global }).toEqual({ path, global: undefined })
    }
  }
})

test(`supabase is smaller than ${LIMIT} bytes, gzipped`, () => {
  const size = bundles[0]?.size ?? Number.NaN
  console.log(`pg-crossfade/supabase: ${size} bytes gzipped, not minified`)
  expect(size).toBeLessThan(LIMIT)
})
