import { expect, test } from 'vitest'
import { ControlState, parseClientState } from '../../src/client/control-state.ts'

const at = (percent: number) => parseClientState(JSON.stringify({ version: 1, percent, tables: ['posts'] }))

test('an answer that was overtaken by a younger one is dropped', () => {
  const control = new ControlState()
  const [first, second] = [control.ask(), control.ask()]
  control.answer(second, at(0))
  control.answer(first, at(100))
  expect(control.current?.percent).toBe(0)
})

test('after an announcement nothing is trusted until a question that was asked later is settled', () => {
  const control = new ControlState()
  control.answer(control.ask(), at(100))
  const before = control.ask()
  control.distrust()
  expect(control.current).toBeNull()
  control.answer(before, at(100))
  expect(control.current).toBeNull()
  const later = control.ask()
  control.answer(later, at(0))
  expect(control.current?.percent).toBe(0)
})

test('when that question fails, the last answer stays', () => {
  const control = new ControlState()
  control.answer(control.ask(), at(25))
  control.distrust()
  control.fail(control.ask())
  expect(control.current?.percent).toBe(25)
  expect(control.lastKnown?.percent).toBe(25)
})

test.each([
  'null',
  '[]',
  '{}',
  '{"version": 1, "percent": "5", "tables": []}',
  '{"version": 1, "percent": 5, "tables": [1]}',
])('%s is no state', (json) => {
  expect(() => parseClientState(json)).toThrow(TypeError)
})

test('a percentage outside its range is cut to it, and the schema is public unless it says otherwise', () => {
  expect(at(170).percent).toBe(100)
  expect(at(-1).percent).toBe(0)
  expect(at(5).schema).toBe('public')
  expect(parseClientState('{"version":1,"percent":5,"tables":[],"schema":"app"}').schema).toBe('app')
})
