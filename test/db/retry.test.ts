import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect, type Database } from '../../src/db/connect.ts'
import { withLockRetry } from '../../src/db/retry.ts'
import { transaction } from '../../src/db/transaction.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

let test_: TestDatabase
let db: Database
let ours: pg.Client
let theirs: pg.Client
beforeAll(async () => {
  test_ = await createTestDatabase()
  db = await connect(test_.url)
  ours = await db.session()
  theirs = await db.session()
  await db.query('create table public.t (id int primary key, n int not null)')
})
beforeEach(() => db.query('truncate public.t'))
afterAll(async () => {
  await db.close()
  await test_.drop()
})

const add = (client: pg.ClientBase) => client.query('insert into public.t values (1, 1)')
const count = async () => (await db.query<{ n: number }>('select count(*)::int as n from public.t')).rows[0]?.n

test('a transaction commits, or rolls back and throws', async () => {
  await expect(transaction(ours, async (client) => (await add(client)).rowCount)).resolves.toBe(1)
  await expect(transaction(ours, add)).rejects.toMatchObject({ code: '23505' })
  await expect(transaction(ours, add, { readOnly: true })).rejects.toMatchObject({ code: '25006' })
  expect(await count()).toBe(1)
})

test('a swallowed error is not a commit', async () => {
  const swallow = transaction(ours, async (client) => {
    await add(client)
    await client.query('select 1/0').catch(() => {})
  })
  await expect(swallow).rejects.toThrow('rolled back')
  expect(await count()).toBe(0)
})

test('a transaction in a transaction is refused, and both are gone', async () => {
  await expect(transaction(ours, () => transaction(ours, add))).rejects.toThrow('inside a transaction already')
  expect(await count()).toBe(0)
})

test('locks do not outlive us by long, should we fall silent', async () => {
  const show = async () => (await ours.query('show idle_in_transaction_session_timeout')).rows
  await withLockRetry(ours, { holdsUp: true }, async () =>
    expect(await show()).toEqual([{ idle_in_transaction_session_timeout: '10s' }]),
  )
  expect(await show()).toEqual([{ idle_in_transaction_session_timeout: '1min' }])
})

test('gets the lock when it is free again', async () => {
  await theirs.query('begin; lock table public.t')
  const retries: string[] = []
  const working = withLockRetry(
    ours,
    {
      lockTimeoutMs: 20,
      random: () => 0,
      onRetry: ({ attempt, sqlstate }) => {
        retries.push(sqlstate)
        if (attempt === 2) void theirs.query('rollback')
      },
    },
    add,
  )
  await working
  expect(retries.slice(0, 2)).toEqual(['55P03', '55P03'])
  expect(await count()).toBe(1)
})

test('gives up, names who blocks, and leaves nothing', async () => {
  await theirs.query(`set application_name = 'api'`)
  await theirs.query(`begin; lock table public.t; select 'password=s3cret', repeat('x', 5) as ${'y'.repeat(60)}`)
  try {
    const options = { tries: 3, lockTimeoutMs: 50, random: () => 0, observer: db.pool, what: 'install the triggers' }
    const error = await withLockRetry(ours, options, async (client) => {
      await client.query('create table public.half ()')
      await add(client)
    }).catch((reason) => reason)
    expect(error).toMatchObject({ code: 'locked', exitCode: 1 })
    expect(error.message).toMatch(/Could not install the triggers: a lock was not free for 50 ms, 3 times in a row/)
    expect(error.message).toMatch(
      /In the way:\n {2}pid \d+ \(application "api", role ".*", in a transaction for [\d.]+ s\): begin; lock/,
    )
    expect(error.message).not.toContain('s3cret')
    expect(error.hint).toContain('pg_terminate_backend')
    // Without an observer, the oldest transactions are named.
    const blind = await withLockRetry(ours, { tries: 1, lockTimeoutMs: 10 }, add).catch((reason) => reason)
    expect(blind.message).toMatch(/The oldest transactions:\n {2}pid \d+ \(application "api"/)
  } finally {
    await theirs.query('rollback')
  }
  const { rows } = await db.query(`select to_regclass('public.half') as half`)
  expect(rows).toEqual([{ half: null }])
})

test('tries again after a serialization failure, and not after other errors', async () => {
  let tries = 0
  const done = await withLockRetry(ours, { random: () => 0 }, async (client, attempt) => {
    tries = attempt
    await add(client)
    if (attempt < 3) await client.query(`do $$ begin raise sqlstate '40001'; end $$`)
    return 'done'
  })
  expect([done, tries, await count()]).toEqual(['done', 3, 1])
  await expect(withLockRetry(ours, {}, add)).rejects.toMatchObject({ code: '23505' })
})

test('an interrupt ends the wait', async () => {
  await theirs.query('begin; lock table public.t')
  const interrupt = new AbortController()
  const options = { lockTimeoutMs: 10, signal: interrupt.signal, random: () => 0.99, onRetry: () => interrupt.abort() }
  await expect(withLockRetry(ours, options, add)).rejects.toMatchObject({ exitCode: 130 })
  await theirs.query('rollback')
  expect(await count()).toBe(0)
})
