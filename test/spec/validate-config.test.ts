import { expect, test } from 'vitest'
import { append, merge } from '../../src/spec/config.ts'
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
  [{ trusted: 'app' }, 'trusted must be a list of roles'],
  [{ newSchema: 7 }, 'newSchema must be the name of a schema'],
  [{ newSchema: 'public' }, 'newSchema must be another schema'],
  [{ code: 'src' }, 'code must be a list of folders'],
  [{ database: 'postgres://a:secret@b/c' }, 'database must be an object'],
  [{ database: { url: 'x' } }, 'database.url is not a word'],
  [{ database: { env: 'postgres://a:secret@b/c' } }, 'database.env must be the name of a variable'],
  [{ database: { env: '' } }, 'database.env must be the name of a variable'],
  [{ database: { file: 5 } }, 'database.file must be the path'],
  [{ migrations: 'supabase/migrations' }, 'migrations must be an object'],
  [{ migrations: { tool: 'supabase', folder: 'a', out: 'b' } }, 'migrations.out is not a word'],
  [{ migrations: { folder: 'a' } }, 'migrations.tool must be one of supabase, drizzle, prisma'],
  [{ migrations: { tool: 'knex', folder: 'a' } }, "migrations.tool must be 'supabase', 'drizzle' or 'prisma'"],
  [{ migrations: { tool: 'prisma' } }, 'migrations.folder must be the path of a folder'],
  [people({ key: 7 }), 'tables.people.key must be'],
  [people({ columns: { city: { otherwize: '1' } } }), 'tables.people.columns.city.otherwize is not a word'],
  [people({ columns: { city: 'x' } }), 'tables.people.columns.city must be an object'],
  [clients({ key: 5 }), 'tables.people.sources.clients.key must be'],
  [clients({ latestBy: 5 }), 'tables.people.sources.clients.latestBy must be'],
  [clients({ columns: { city: 5 } }), 'tables.people.sources.clients.columns.city must be an object'],
  [clients({ columns: { city: { from: 'x', back: 5 } } }), 'columns.city.back must be an object'],
  [{ finish: { also: 5 } }, 'finish.also must be the path'],
  [{ finish: { ignore: 'f' } }, 'finish.ignore must be a list'],
  [people({ kind: 'split' }), 'tables.people must be a rule'],
  [people({ onDelete: 'nothing' }), "tables.people.onDelete must be 'refuse' or 'cascade'"],
  [people({ unique: { mail: 'x' } }), 'tables.people.unique.mail must be an object'],
  [people({ unique: { mail: { pick: 'newest' } } }), "tables.people.unique.mail.pick must be 'latest by'"],
  [people({ unique: { mail: { otherwise: 'drop' } } }), "unique.mail.otherwise must be 'journal' or 'omit'"],
  [people({ columns: { city: { pick: 'any' } } }), 'tables.people.columns.city.pick must be'],
  [people({ columns: { city: { pick: 'earliest by at' } } }), 'tables.people.columns.city.pick must be'],
  [people({ columns: { city: { back: { a: {} } } } }), 'tables.people.columns.city.back must be beside a "from"'],
  [people({ columns: { city: { from: 'a.b', back: { a: { b: 1 } } } } }), 'columns.city.back.a.b must be'],
  [people({ columns: { city: { sources: 'a' } } }), 'columns.city.sources must be a list'],
  [people({ kind: 'append' }), 'tables.people.key is not a word'],
  [{ tables: { log: append({ sources: { clients: { key: 'id' } as object } }) } }, 'clients.key is not a word'],
  [
    { tables: { log: append({ sources: { clients: { latestBy: 'id' } as object } }) } },
    'clients.latestBy is not a word',
  ],
  [clients({ key: { via: 5 } }), 'clients.key.via must be the name of an old table'],
  [clients({ key: { via: 'v' } }), 'clients.key.on must be an object'],
  [clients({ key: { via: 'v', on: { from: 'a' } } }), 'clients.key.on.to must be'],
  [clients({ key: { via: 'v', on: 'a' } }), 'clients.key.take must be'],
  [clients({ key: { via: 'v', on: 'a', take: 'b', pick: 'c' } }), 'clients.key.pick must be'],
  [clients({ key: { via: 'v', on: 'a', take: 'b', otherwise: 'null' } }), 'clients.key.otherwise must be'],
  [clients({ key: { via: 'v', on: 'a', take: { via: 'w', on: 'b' } } }), 'clients.key.take.take must be'],
  [
    clients({ key: { via: 'v', on: 'a', take: { via: 'w', on: 'b', take: 'c', otherwise: 'omit' } } }),
    'clients.key.take.otherwise is not a word',
  ],
  [clients({ columns: { city: { values: {} } } }), 'columns.city.values must be words'],
  [clients({ columns: { city: { values: { a: 1 } } } }), 'columns.city.values.a must be a word'],
  [clients({ columns: { city: { values: { a: 'b' }, unknown: 'drop' } } }), 'columns.city.unknown must be'],
  [clients({ columns: { city: { values: { a: 'b' }, unknown: { as: 5 } } } }), 'columns.city.unknown must be'],
  [clients({ columns: { city: { values: { a: 'b' }, back: 'x' } } }), 'columns.city.back is not a word'],
  [clients({ parent: 'wait' }), 'clients.parent must be'],
  [clients({ parent: { owner: 'wait' } }), 'clients.parent.owner must be an object'],
  [clients({ parent: { stub: { name: 5 } } }), 'clients.parent.stub.name must be'],
  [clients({ parent: { owner: { stub: { name: 5 } } } }), 'clients.parent.owner.stub.name must be'],
])('refuses %o', (change, message) => {
  expect(() => validateConfig({ ...GOOD, ...change }, 'crossfade.config.ts')).toThrow(message)
})

test('takes every word at its best', () => {
  const config = {
    ...GOOD,
    database: { env: 'DIRECT_URL', file: '.env' },
    code: ['src', 'apps/web'],
    migrations: { tool: 'drizzle', folder: './drizzle' },
    keep: ['orders'],
    approvals: { finish: 2 },
    sync: { budgetMs: 0 },
    finish: { quietDays: 0.5, also: './finish.sql', ignore: ['public.f()'] },
    tables: {
      people: merge({
        key: ['a', 'b'],
        onDelete: 'cascade',
        unique: { 'mail, city': { pick: 'latest by "At"', otherwise: 'omit' } },
        columns: {
          city: { pick: 'first row', sources: ['clients'], otherwise: "'x'" },
          mail: { from: 'lower(clients.mail)', back: { clients: { mail: 'mail' } } },
        },
        sources: {
          clients: {
            key: {
              via: 'v',
              on: { from: 'a', to: 'b' },
              take: ['c', 'd'],
              pick: 'earliest by e',
              otherwise: 'generate',
            },
            columns: {
              city: { values: { a: 'b' }, unknown: { as: null } },
              name: { via: 'v', on: 'a', take: { via: 'w', on: 'b', take: 'c' }, otherwise: 'null' },
            },
            parent: { owner: { stub: { name: "'x'" } }, house: 'journal' },
          },
        },
      }),
      log: append({ sources: { lines: { where: 'a > 1', parent: 'stub' } }, reverse: ['lines'], onDelete: 'refuse' }),
    },
  }
  expect(validateConfig(config, 'crossfade.config.ts')).toBe(config)
})
