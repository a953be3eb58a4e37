import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { createTestDatabase } from './database.ts'

test('each test database is a fresh one', async () => {
  const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()])
  onTestFinished(async () => void (await Promise.all([one.drop(), other.drop()])))
  await one.query('create table here (x int)')
  expect(await one.query("select to_regclass('here') is not null as found")).toEqual([{ found: true }])
  expect(await other.query("select to_regclass('here') is not null as found")).toEqual([{ found: false }])
})

test('drop names the connections that were left open, and takes the database away all the same', async () => {
  const database = await createTestDatabase()
  const forgotten = new pg.Client({ connectionString: database.url, application_name: 'forgotten by its test' })
  forgotten.on('error', () => {})
  await forgotten.connect()
  const unreleased = await database.pool.connect()
  await unreleased.query('select 42')

  const failure = await database.drop().catch((error: Error) => error.message)
  expect(failure).toContain('forgotten by its test')
  expect(failure).toMatch(/test pool .*select 42/)
  await expect(new pg.Client(database.url).connect()).rejects.toThrow('does not exist')
})
