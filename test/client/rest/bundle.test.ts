import { beforeAll, expect, test } from 'vitest'
import { type Bundle, readBundle } from '../../support/bundle.ts'

const LIMIT = 8_000

let bundle: Bundle

beforeAll(() => {
  bundle = readBundle('client/supabase.js')
}, 120_000)

test('it imports nothing but itself, and uses nothing that only Node has', () => {
  expect(bundle.files.size).toBeGreaterThan(5)
  expect(bundle.foreign).toEqual([])
  for (const [path, text] of bundle.files) {
    // What is asked of globalThis may be missing.
    const global = /(?<!\.)\b(process|Buffer|setImmediate|require|__dirname|Deno)\b(?!\?)(?!\s*[,:}])/.exec(text)?.[0]
    expect({ path, global }).toEqual({ path, global: undefined })
  }
})

test(`it is smaller than ${LIMIT} bytes, gzipped`, () => {
  console.log(`pg-crossfade/supabase: ${bundle.size} bytes gzipped, not minified`)
  expect(bundle.size).toBeLessThan(LIMIT)
})
