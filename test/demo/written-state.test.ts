import { expect, test } from 'vitest'
import type { QueueTable, WriteEntry } from '../../src/demo/application/activity.ts'
import { plainKey } from '../../src/demo/application/activity.ts'
import { buildStatistics } from '../../src/demo/application/statistics.ts'
import { countDoublePosts } from '../../src/demo/measure/double-posts.ts'
import { buildWrittenState } from '../../src/demo/measure/written-state.ts'

const FIRST = 'content_metadata'
const SECOND = 'content_generation_metadata_comprehensive'

function update(at: number, table: QueueTable, content: string): WriteEntry {
  return {
    at,
    version: table === 'content_queue' ? 'native' : 'old',
    kind: 'update',
    table,
    key: 'k',
    set: { content },
  }
}

test('the last write wins, in the order of time and not of arrival', () => {
  const state = buildWrittenState([update(2, FIRST, 'late'), update(1, FIRST, 'early')]).get('k')
  expect(state?.values[FIRST].get('content')).toBe('late')
  expect(state?.values[SECOND].has('content')).toBe(false)
})

test('a write by the new name reaches both old rows, one by an old name only its own', () => {
  const state = buildWrittenState([update(1, 'content_queue', 'both'), update(2, SECOND, 'mine')]).get('k')
  expect(state?.values[FIRST].get('content')).toBe('both')
  expect(state?.values[SECOND].get('content')).toBe('mine')
})

test('a post counts twice however its key is spelled', () => {
  const keys = ['A0-1', 'a01', 'b']
  expect(countDoublePosts(keys.map((key) => ({ at: 1, key: plainKey(key) })))).toBe(1)
})

test('a conflict is no failure, and a window takes only what ended in it', () => {
  const statements = [
    { at: 1, ms: 900, outcome: 'ok' as const },
    { at: 10, ms: 3, outcome: 'conflict' as const, sqlstate: '40001' },
    { at: 11, ms: 5, outcome: 'failed' as const, sqlstate: '23505', message: 'duplicate key' },
    { at: 12, ms: 4, outcome: 'ok' as const, side: 'public' },
  ]
  expect(buildStatistics({ statements, writes: [], posts: [] }, { from: 10, to: 20 })).toMatchObject({
    ...{ statements: 3, failed: 1, conflicts: 1, errors: ['23505: duplicate key'], slowestMs: 5 },
    bySide: new Map([['public', 1]]),
  })
})
