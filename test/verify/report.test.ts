import { expect, test } from 'vitest'
import { buildVerifyReport } from '../../src/verify/report.ts'
import type { VerifyResult } from '../../src/verify/result.ts'

const META = { at: '2026-01-02T03:04:05Z', database: 'app', serverVersion: 180004 }

const CLEAN: VerifyResult = {
  target: 'queue',
  counts: {
    sources: [
      { source: 'meta', oldRows: 1200, merged: 700, own: 450, leftOut: 20, journaled: 30, waiting: 0, lost: 0 },
    ],
    newRows: 1150,
  },
  samples: { checked: 100, differing: 0 },
  recent: { column: 'created_at', checked: 24, differing: 0 },
  full: { rows: 1180, missing: 0, extra: 0, differing: 0, waiting: 1, journaled: 30, seconds: 1.2 },
  examples: [],
  repaired: 0,
  clean: true,
}

test('shows where every old row went, and that the sum is right', () => {
  const report = buildVerifyReport([CLEAN], META)
  expect(report).toContain('Database `app`, PostgreSQL 18.4, 2026-01-02T03:04:05Z.')
  expect(report).toContain('no difference was found')
  expect(report).toContain('- `meta`: 700 + 450 + 20 + 30 = 1,200, which is all of its rows.')
  expect(report).toContain('| every row (2 s) | 1,180 | 0 |')
  expect(report).toContain('The tolerance is zero')
  expect(report).not.toContain('--repair')
})

test('names what differs, and how to repair it', () => {
  const report = buildVerifyReport(
    [
      {
        ...CLEAN,
        counts: { sources: CLEAN.counts.sources.map((s) => ({ ...s, own: 448, lost: 2 })), newRows: 1148 },
        full: { ...CLEAN.full, missing: 2, differing: 1 },
        examples: [
          {
            key: ['a|b'],
            verdict: 'differing',
            columns: ['content'],
            old: { content: 'x | y\n<b>' },
            new: { content: null },
            reason: null,
          },
          { key: ['c`d'], verdict: 'missing', columns: [], old: null, new: null, reason: '22P02: no integer' },
        ],
        clean: false,
      },
    ],
    META,
  )
  expect(report).toContain('do **not** hold')
  expect(report).toContain('700 + 448 + 20 + 30 = 1,198, but it has 1,200 rows: **2 are nowhere**.')
  expect(report).toContain('### The first row that differs: `a\\|b`')
  expect(report).toContain('| `content` | x \\| y &lt;b> | null |')
  expect(report).toContain("It can't be computed from its old rows: 22P02: no integer")
  expect(report).toContain('crossfade verify --repair')
})
