import { expect, test } from 'vitest'
import { retryDelays } from '../../src/lib/backoff.ts'

test('doubles up to the maximum, and draws from the upper half', () => {
  const backoff = { baseMs: 10, maxMs: 50 }
  expect(retryDelays(5, backoff, () => 0)).toEqual([5, 10, 20, 25])
  expect(retryDelays(5, backoff, () => 0.999999)).toEqual([10, 20, 40, 50])
})

test('one try has no wait', () => {
  expect(retryDelays(1, { baseMs: 10, maxMs: 50 })).toEqual([])
  expect(retryDelays(0, { baseMs: 10, maxMs: 50 })).toEqual([])
})
