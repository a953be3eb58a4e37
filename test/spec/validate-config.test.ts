import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { validateConfig } from '../../src/spec/validate-config.ts'

const GOOD = { schema: './new.sql', tables: { people: merge({ key: 'id', sources: { clients: {} } }) } }

const people = (change: object): object => ({ tables: { people: { ...GOOD.tables.people, ...change } } })
const clients = (change: object): object => people({ sources: { clients: change } })

test.each([
  [{ approvals: { finnish: 2 } }, 'approvals.finnish is not a word'],
  [{ approvals: { finish: 'two' } }, 'approvals.finish must be a number'],
  [{ approvals: { finish: 1.5 } }, 'approvals.finish must be a number of people'],
  [{ sync: { budget: 5 } }, 'sync.budget is not a word'],
  [{ finish: { quietDays: -1 } }, 'finish.quietDays must be a number'],
  [{ keep: 42 }, 'keep must be a list'],
  [{ newSchema: 7 }, 'newSchema must be the name of a schema'],
  [{ newSchema: 'public' }, 'newSchema must be another schema'],
  [people({ key: 7 }), 'tables.people.key must be'],
  [people({ columns: { city: { otherwize: '1' } } }), 'tables.people.columns.city.otherwize is not a word'],
  [people({ columns: { city: 'x' } }), 'tables.people.columns.city must be an object'],
  [clients({ key: 5 }), 'tables.people.sources.clients.key must be'],
  [clients({ latestBy: 5 }), 'tables.people.sources.clients.latestBy must be'],
  [clients({ columns: { city: 5 } }), 'tables.people.sources.clients.columns.city must be an object'],
  [clients({ columns: { city: { from: 'x', back: 5 } } }), 'columns.city.back must be an object'],
])('refuses %o', (change, message) => {
  expect(() => validateConfig({ ...GOOD, ...change }, 'crossfade.config.ts')).toThrow(message)
})

test('takes every word at its best', () => {
  const config = {
    ...GOOD,
    keep: ['orders'],
    approvals: { finish: 2 },
    sync: { budgetMs: 0 },
    finish: { quietDays: 0.5 },
  }
  expect(validateConfig(config, 'crossfade.config.ts')).toBe(config)
})
