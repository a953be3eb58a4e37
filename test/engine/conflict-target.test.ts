import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'

test('a second unique that the old data breaks is an error with a name, not a loop', async () => {
  const options = {
    oldSql: `create table m (k text primary key, email text, gone boolean default false)`,
    newSql: `create table people (k text primary key, email text, gone boolean); create unique index on people (email) where not gone`,
    tables: { people: merge({ key: 'k', sources: { m: {} } }) },
  }
  await withEngine(options, async (e) => {
    const app = await e.connect(`set statement_timeout = '3s'`)
    await app.query(`insert into m values ('a', 'x')`)
    await app.query(`insert into m values ('b', 'x')`)
    expect(await e.outbox()).toMatchObject([{ key: ['b'], sqlstate: '23505' }])
    await e.drain()
    expect(await e.journal()).toMatchObject([{ key: ['b'], sqlstate: '23505' }])
  })
})
