import { expect, test } from 'vitest'
import { joinByCohesion } from '../../src/overlap/join-by-cohesion.ts'
import { maskValue } from '../../src/overlap/mask-value.ts'
import { pickSchemas, readTableName } from '../../src/overlap/pick-tables.ts'
import { boundsOf, chooseShift } from '../../src/overlap/sampling.ts'

test.each([
  ['posts', { schema: null, name: 'posts' }],
  ['audit.posts', { schema: 'audit', name: 'posts' }],
  ['"Odd.Schema"."a ""b"""', { schema: 'Odd.Schema', name: 'a "b"' }],
  ['"a.b"', { schema: null, name: 'a.b' }],
])('%s is a table by that name', (text, name) => expect(readTableName(text)).toEqual(name))

test('schemas: public by itself, those of the tables, those that are named', () => {
  const existing = ['public', 'audit', 'old']
  expect(pickSchemas(existing, [], [])).toEqual(['public'])
  expect(pickSchemas(existing, [], ['audit.a', 'old.b'])).toEqual(['audit', 'old'])
  expect(pickSchemas(existing, [], ['audit.a', 'b'])).toEqual(['public', 'audit'])
  expect(pickSchemas(existing, ['old'], [])).toEqual(['old'])
  expect(() => pickSchemas(existing, ['none'], [])).toThrow('"none"')
})

test('a value keeps its shape and loses what it says', () => {
  expect(maskValue("Ann O'Neil-42@x.org")).toBe("Aaa A'Aaaa-99@a.aaa")
  expect(maskValue('睡眠 🚀 ½')).toBe('aa · ·')
  expect(maskValue('x'.repeat(50))).toBe(`${'a'.repeat(40)}…`)
})

test('facts that go over into each other stay apart, twins come together', () => {
  const near: Record<string, number> = {
    'a a2': 0.9,
    'b b2': 0.88,
    'a b': 0.6,
    'a2 b': 0.6,
    'a b2': 0.55,
    'a2 b2': 0.5,
    'c c2': 0.6,
    'c2 c3': 0.6,
    'c c3': 0.4,
    'd a': 0.3,
  }
  const likeness = (x: string, y: string) => near[`${x} ${y}`] ?? near[`${y} ${x}`] ?? 0
  const groups = joinByCohesion(['a', 'a2', 'b', 'b2', 'c', 'c2', 'c3', 'd'], likeness, 0.55)
  expect(groups.filter((group) => group.length > 1).map((group) => group.sort())).toEqual([
    ['a', 'a2'],
    ['b', 'b2'],
    ['c', 'c2', 'c3'],
  ])
})

test('how much of the keys is taken', () => {
  expect(chooseShift(1_000_000, null)).toBe(0)
  expect(chooseShift(null, null)).toBe(0)
  expect(chooseShift(1_000_000_000, null)).toBe(8)
  expect([chooseShift(100, 100), chooseShift(100, 50), chooseShift(100, 1)]).toEqual([0, 1, 7])
  expect(boundsOf(12, 1)).toEqual({ from: 12, to: 12 })
  // Nothing seen of an eighth is not nothing: z² (1 - p) / p.
  expect(boundsOf(0, 0.125)).toEqual({ from: 0, to: Math.ceil((1.96 ** 2 * 0.875) / 0.125) })
})
