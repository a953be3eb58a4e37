import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { draftOf } from './draft-of.ts'

let database: TestDatabase

const columns = (letter: string): string => Array.from({ length: 900 }, (_, at) => `${letter}${at} int`).join(', ')

beforeAll(async () => {
  database = await createTestDatabase()
  for (const statement of [
    `create table loose (ref text, body text)`,
    `create table loose_old (ref text, body text)`,
    `create table empty (ref text primary key, body text)`,
    `create table empty_old (ref text primary key, body text)`,
    `create table wide (ref text primary key, ${columns('a')})`,
    `create table wide_old (ref text primary key, ${columns('b')})`,
    `insert into wide (ref) select 'w' || g from generate_series(1, 50) g`,
    `insert into wide_old (ref) select 'w' || g from generate_series(1, 50) g`,
    `create extension postgres_fdw`,
    `create server away foreign data wrapper postgres_fdw options (host '127.0.0.1', port '1')`,
    `create foreign table far (ref text, body text) server away`,
  ])
    await database.query(statement)
})
afterAll(async () => await database.drop())

test.each([
  ['without a key', ['loose', 'loose_old'], /loose_old has no primary key/],
  ['foreign', ['empty', 'far'], /far is a foreign table/],
  ['too wide together', ['wide', 'wide_old'], /wide, wide_old would make a table of 1,801 columns/],
])('tables that can be no source are said by name: %s', async (_, tables, hint) => {
  await expect(draftOf(database, { tables })).rejects.toMatchObject({
    code: 'design.none',
    hint: expect.stringMatching(hint),
  })
})

test('tables without rows, and what could not be read beside them', async () => {
  const { plan, problems } = await draftOf(database, { tables: ['empty', 'empty_old'] })
  expect(plan.targets.map(({ name }) => name)).toEqual(['unified_empties'])
  expect(problems.map(({ where }) => where)).toEqual(['far'])
})
