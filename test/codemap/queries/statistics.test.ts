import { expect, test } from 'vitest'
import type { TableStatistics } from '../../../src/codemap/interaction-map.ts'
import { buildActivity, tellStatistics } from '../../../src/codemap/queries/statistics.ts'

const QUIET: TableStatistics = {
  ...{
    schema: 'public',
    name: 'quiet',
    rows: 7,
    sequentialScans: 30,
    indexScans: 0,
    inserts: 0,
    updates: 0,
    deletes: 0,
  },
  ...{ lastScan: null, lastVacuum: null, lastAnalyze: null, since: null },
}

test('a nightly dump is no use, and neither is looking up a row to change it', () => {
  const activity = buildActivity([
    QUIET,
    { ...QUIET, name: 'changed', sequentialScans: 31, indexScans: 40, updates: 30, deletes: 11 },
    { ...QUIET, schema: 'audit', name: 'read', indexScans: 12 },
  ])
  expect(activity.get('quiet')).toMatchObject({ scans: 0, writes: 0, quiet: true, busy: false })
  expect(activity.get('changed')).toMatchObject({ scans: 0, writes: 41, quiet: false, busy: true })
  expect(activity.get('audit.read')).toMatchObject({ scans: 12, writes: 0, quiet: false, busy: false })
})

test('tells what is known and what is not', () => {
  const [known, unknown] = [
    buildActivity([{ ...QUIET, lastVacuum: '2026-10-02T03:04:05Z', lastAnalyze: '2026-10-03T00:00:00Z', rows: 1 }]),
    buildActivity([{ ...QUIET, rows: null }]),
  ]
  const tell = (all: typeof known) => [...all.values()].map(tellStatistics)
  expect(tell(known)).toEqual([
    'The database since its statistics began: 0 scans, 0 rows written; about 1 row, last vacuum 2026-10-02, last analyze 2026-10-03.',
  ])
  expect(tell(unknown)).toEqual([
    'The database since its statistics began: 0 scans, 0 rows written; never analyzed, never vacuumed.',
  ])
})
