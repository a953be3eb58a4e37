import { expect, onTestFinished, test, vi } from 'vitest'
import { Measures } from '../../../src/client/measures.ts'
import { type ReadReport, ReadReports, type Told } from '../../../src/client/read-reports.ts'

interface Reported {
  readonly reports: ReadReport[]
  readonly refused: string[]
  answer: Told | Error
  counts: Record<string, number>
  read(): void
  readonly all: ReadReports
}

function createReports(): Reported {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const measures = new Measures()
  const form = { fingerprint: 'f', statement: 's', tables: ['posts'] }
  const told: Reported = {
    ...{ reports: [], refused: [], answer: 'told', counts: {} },
    read() {
      measures.note({ ...form, side: 'old', shadow: false, ms: 1, failed: false })
      told.all.notice()
    },
    all: new ReadReports({
      ...{ measures, mismatches: null },
      counts: () => told.counts,
      async send(report) {
        told.reports.push(report)
        if (told.answer instanceof Error) throw told.answer
        return told.answer
      },
      onNoRight: () => void told.refused.push('no right'),
    }),
  }
  return told
}

const countOf = ({ measures: [measure] }: ReadReport): unknown => (measure as { count: number } | undefined)?.count

test('about every ten seconds, and only what is new', async () => {
  const told = createReports()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told.reports).toEqual([])
  for (let i = 0; i < 3; i += 1) told.read()
  told.counts = { same: 2 }
  await vi.advanceTimersByTimeAsync(7_900)
  expect(told.reports).toEqual([])
  await vi.advanceTimersByTimeAsync(4_200)
  expect(told.reports).toMatchObject([{ counts: { same: 2 } }])
  expect(told.reports.map(countOf)).toEqual([3])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(told.reports).toHaveLength(1)
  told.read()
  told.counts = { same: 3, shed: 0 }
  await told.all.flush()
  expect(told.reports[1]).toMatchObject({ counts: { same: 1 } })
  expect(told.reports.map(countOf)).toEqual([3, 1])
})

test('what could not be told is told with what comes; what is refused is gone', async () => {
  const told = createReports()
  for (const answer of ['later', new Error('no client of the pool'), 'refused', 'told'] as const) {
    told.answer = answer
    told.read()
    await told.all.flush()
  }
  expect(told.reports.map(countOf)).toEqual([1, 2, 3, 1])
  told.answer = 'later'
  told.read()
  await told.all.flush()
  told.answer = 'told'
  // By itself, without another read.
  await vi.advanceTimersByTimeAsync(12_100)
  expect(told.reports.map(countOf)).toEqual([1, 2, 3, 1, 1, 1])
})

test('without the right it is asked about every five minutes, and nothing is lost', async () => {
  const told = createReports()
  told.answer = 'no right'
  for (let minute = 0; minute < 12; minute += 1) {
    told.read()
    await vi.advanceTimersByTimeAsync(60_000)
  }
  expect(told.reports.length).toBeGreaterThanOrEqual(2)
  expect(told.reports.length).toBeLessThanOrEqual(4)
  told.answer = 'told'
  await vi.advanceTimersByTimeAsync(300_000)
  told.read()
  await told.all.flush()
  expect(countOf(told.reports.at(-1) as ReadReport)).toBe(13)
})

test('nothing is told of a pool that has ended', async () => {
  const told = createReports()
  told.read()
  told.all.close()
  await vi.advanceTimersByTimeAsync(60_000)
  await told.all.flush()
  expect(told.reports).toEqual([])
})
