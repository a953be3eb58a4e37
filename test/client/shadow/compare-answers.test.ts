import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Answer, type CompareOptions, compareAnswers, type Verdict } from '../../../src/client/compare-answers.ts'

const TEXT = 25
const FLOAT8 = 701

type Values = (string | null)[][]

const answer = (rows: Values, names = ['id', 'title'], type = TEXT): Answer => ({
  columns: names.map((name) => ({ name, type })),
  rows,
})

const plain: CompareOptions = { ignoreColumns: new Set(), compareBy: new Map(), showValues: false }

function compare(
  old: Values,
  now: Values,
  {
    order = [] as { column: string }[],
    isPart = false,
    ...options
  }: Partial<CompareOptions> & { order?: { column: string }[]; isPart?: boolean } = {},
): Verdict {
  return compareAnswers(answer(old), answer(now), { kind: 'compared', order, isPart }, { ...plain, ...options })
}

const ways = (verdict: Verdict): string[] =>
  verdict.kind === 'different' ? verdict.differences.map(({ kind, column }) => `${kind} ${column}`) : [verdict.kind]

const A = ['1', 'a']
const B = ['2', 'b']
const C = ['3', 'c']

test('rows are a set that knows how often', () => {
  expect(ways(compare([A, B], [B, A]))).toEqual(['same'])
  expect(ways(compare([A, A, B], [A, B, B]))).toEqual(['values id', 'values title'])
  expect(ways(compare([A, A], [A]))).toEqual(['rows '])
  expect(ways(compare([], []))).toEqual(['same'])
  expect(ways(compare([['1', null]], [['1', '']]))).toEqual(['values title'])
})

test('any answer is the same as itself in any order, and not as one with another row', () => {
  const row = fc.tuple(fc.string(), fc.option(fc.string()))
  fc.assert(
    fc.property(fc.array(row, { maxLength: 12 }), fc.infiniteStream(fc.nat()), row, (rows, numbers, more) => {
      const shuffled = rows
        .map((one) => ({ one, at: numbers.next().value as number }))
        .sort((a, b) => a.at - b.at)
        .map(({ one }) => one)
      expect(compare(rows, shuffled).kind).toBe('same')
      expect(compare(rows, [...shuffled, more]).kind).toBe('different')
    }),
  )
})

describe('where the statement has an order', () => {
  const order = [{ column: 'title' }]

  test('it is the order of what it orders by', () => {
    expect(ways(compare([A, B], [B, A], { order }))).toEqual(['order '])
    const [tie, other] = [
      ['2', 'a'],
      ['1', 'a'],
    ]
    expect(ways(compare([tie, other, B], [other, tie, B], { order }))).toEqual(['same'])
  })

  test('a part of the rows may end with others that are equal in it', () => {
    const [tie, other] = [
      ['3', 'b'],
      ['9', 'b'],
    ]
    expect(ways(compare([A, B, tie], [A, B, other], { order, isPart: true }))).toEqual(['same'])
    expect(ways(compare([A, B, tie], [A, B, other], { order }))).toEqual(['values id'])
    const [early, late] = [
      ['4', 'a'],
      ['5', 'c'],
    ]
    expect(ways(compare([early, A, late], [['6', 'a'], A, late], { order, isPart: true }))).toEqual(['same'])
    expect(ways(compare([A, B, tie, C], [A, B, other, C], { order, isPart: true }))).toEqual(['values id'])
    expect(ways(compare([A, B], [A, C], { order, isPart: true }))).toEqual(['values id', 'values title'])
  })

  test('a row whose values have changed is none of these', () => {
    // Keys of which none comes twice.
    expect(ways(compare([A, B], [A, ['9', 'b']], { order, isPart: true }))).toEqual(['values id'])
    expect(ways(compare([A], [['9', 'a']], { order, isPart: true }))).toEqual(['values id'])
    const wide = (old: Values, now: Values): string[] => {
      const names = ['at', 'id', 'title', 'body']
      const comparison = { kind: 'compared', order: [{ column: 'at' }], isPart: true } as const
      return ways(compareAnswers(answer(old, names), answer(now, names), comparison, plain))
    }
    expect(wide([['t', '1', 'a', 'x']], [['t', '1', 'A', 'x']])).toEqual(['values title'])
    expect(wide([['t', '1', 'a', 'x']], [['t', '2', 'b', 'x']])).toEqual(['same'])
    const first = ['t', '1', 'a', 'x']
    expect(wide([first, ['t', '2', 'b', 'x']], [first, ['t', '2', 'B', 'x']])).toEqual(['values title'])
    expect(wide([first, ['t', '2', 'b', 'y']], [first, ['t', '3', 'c', 'x']])).toEqual(['same'])
  })

  test('a part whose order is no column of the answer is left out', () => {
    expect(compare([A], [B], { order: [{ column: 'at' }], isPart: true }).kind).toBe('left out')
    const ignored = { order, isPart: true, ignoreColumns: new Set(['title']) }
    expect(compare([A], [B], ignored).kind).toBe('left out')
  })
})

test('columns are compared by name, place and type', () => {
  const comparison = { kind: 'compared', order: [], isPart: false } as const
  const against = (other: Answer): string[] => ways(compareAnswers(answer([A]), other, comparison, plain))
  expect(against(answer([A], ['id', 'titel']))).toEqual(['columns title'])
  expect(against(answer([['1']], ['id']))).toEqual(['columns '])
  expect(against(answer([A], ['id', 'title'], 1043))).toEqual(['columns id', 'columns title'])
})

test('ignored columns, and what of a value is compared', () => {
  expect(ways(compare([A], [['1', 'x']], { ignoreColumns: new Set(['title']) }))).toEqual(['same'])
  const trimmed = new Map([['title', (value: string) => value.trim()]])
  expect(ways(compare([['1', ' a ']], [A], { compareBy: trimmed }))).toEqual(['same'])
  expect(ways(compare([['1', ' a ']], [['1', 'b']], { compareBy: trimmed }))).toEqual(['values title'])
})

test('floats are compared to as many digits as a sum in another order keeps', () => {
  const floats = (value: string): Answer => answer([[value]], ['sum'], FLOAT8)
  const comparison = { kind: 'compared', order: [], isPart: false } as const
  expect(ways(compareAnswers(floats('0.30000000000000004'), floats('0.3'), comparison, plain))).toEqual(['same'])
  expect(ways(compareAnswers(floats('0.3001'), floats('0.3'), comparison, plain))).toEqual(['values sum'])
})

describe('examples', () => {
  const example = (old: string | null, now: string | null, showValues = false): string | undefined => {
    const verdict = compare([['1', old]], [['1', now]], { showValues })
    return verdict.kind === 'different' ? verdict.differences[0]?.example : undefined
  }

  test('say no value unless asked to', () => {
    expect(example('secret one', 'secret1')).toBe('10 characters, then 7 characters')
    expect(example('secret', 'Secret')).toBe('6 characters, then 6 characters: the same but for case')
    expect(example('se cret', 'secret ')).toBe('7 characters, then 7 characters: the same but for spaces')
    expect(example('1.50', '1.5')).toBe('4 characters, then 3 characters: the same number')
    expect(example(null, '')).toBe('null, then 0 characters')
    expect(example('secret', null, true)).toBe('"secret", then null')
  })
})
