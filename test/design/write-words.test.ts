import { expect, test } from 'vitest'
import { keepWords, writeSettings, writeWhere } from '../../src/design/write-words.ts'
import { merge } from '../../src/spec/config.ts'

const MAPPING = { oldSchema: 'app', schema: './new.sql', tables: { a: merge({ key: 'id', sources: {} }) }, keep: ['b'] }

test('the mapping is the draft’s own, and sync says nothing of tables that are no longer in it', () => {
  const sync = { workers: 3, tables: { a: { mode: 'outbox' }, b: { mode: 'outbox' } } } as const
  expect(keepWords({ ...MAPPING, sync, trusted: ['owner'] }, ['b'])).toEqual({
    trusted: ['owner'],
    sync: { workers: 3, tables: { b: { mode: 'outbox' } } },
  })
  expect(keepWords({ ...MAPPING, sync }, ['c'])).toEqual({ sync: { workers: 3 } })
  expect(keepWords(MAPPING, ['c'])).toEqual({})
})

test('words are written as people write them, whatever is in them', () => {
  expect(writeWhere({ code: ["it's", 'a\nb', '"x"'] }).at(-1)).toBe(`  code: ["it's", 'a\\nb', '"x"'],`)
  expect(writeSettings({ approvals: { finish: 2 }, sync: { throttle: { activeSessions: false } } })).toEqual([
    '  approvals: { finish: 2 },',
    '  sync: { throttle: { activeSessions: false } },',
  ])
})
