import { expect, test } from 'vitest'
import { readBundle } from '../../support/bundle.ts'

test('it brings no dependency with it, and is small', () => {
  const { files, foreign, size } = readBundle('client/postgres.js')
  expect(files.size).toBeGreaterThan(5)
  expect(foreign).toEqual([])
  console.log(`pg-crossfade/postgres: ${size} bytes gzipped, not minified`)
  expect(size).toBeLessThan(12_000)
}, 120_000)
