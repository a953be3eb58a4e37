import { expect, inject, onTestFinished, test } from 'vitest'
import { WireProxy } from '../../chaos/wire-proxy.ts'
import { connect, type Database } from '../../src/db/connect.ts'
import { isConnectionLost } from '../../src/db/sqlstates.ts'
import { listenBetween } from '../support/network.ts'

const QUICK = { lookEveryMs: 50, askAfterMs: 200, answersWithinMs: 300, closesWithinMs: 200 }

async function connectThroughProxy(): Promise<{ db: Database; proxy: WireProxy }> {
  const url = new URL(inject('serverUrl'))
  const port = Number(url.port)
  const proxy = new WireProxy(() => port)
  url.port = String(await proxy.listen())
  const db = await connect(url.href, { pulse: QUICK })
  onTestFinished(async () => {
    await db.close()
    await proxy.close()
  })
  return { db, proxy }
}

test('a network that swallows everything and closes nothing is noticed, on a session and on the pool', async () => {
  const { db, proxy } = await connectThroughProxy()
  const session = await db.session()
  await db.query('select 1')
  proxy.hang()
  const failed = await Promise.allSettled([session.query('select 1'), db.pool.query('select 1')])
  for (const one of failed) {
    expect(one.status).toBe('rejected')
    expect(isConnectionLost((one as PromiseRejectedResult).reason)).toBe(true)
  }
})

test('a connection that hangs while others are made well is noticed too', async () => {
  const { db, proxy } = await connectThroughProxy()
  const session = await db.session()
  proxy.hang()
  const waiting = session.query('select 1').catch((error: unknown) => error)
  await new Promise((resolve) => setTimeout(resolve, 100))
  // The old connections stay as they are.
  proxy.heal()
  expect(isConnectionLost(await waiting)).toBe(true)
  expect((await db.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('a statement that takes long on a server that is well is left alone', async () => {
  const { db } = await connectThroughProxy()
  const session = await db.session()
  await session.query('select pg_sleep(2)')
  expect((await session.query('select 1 as one')).rows).toEqual([{ one: 1 }])
})

test('many short statements over a slow network are no silence, whenever we look', async () => {
  const url = new URL(inject('serverUrl'))
  url.port = String(await listenBetween(Number(url.port), { delayMs: 30 }))
  const db = await connect(url.href, { pulse: QUICK })
  onTestFinished(() => db.close())
  const session = await db.session()
  // Nearly always one is on its way, and its backend idle.
  for (const until = Date.now() + 3_000; Date.now() < until; ) await session.query('select 1')
})

test('a statement that takes long behind a pooler, which announces a number of its own, is left alone', async () => {
  const url = new URL(inject('serverUrl'))
  url.port = String(await listenBetween(Number(url.port), { delayMs: 0, announces: 4711 }))
  const db = await connect(url.href, { pulse: QUICK })
  onTestFinished(() => db.close())
  const session = await db.session()
  expect((session as unknown as { processID: number }).processID).toBe(4711)
  await Promise.all([session.query('select pg_sleep(2)'), db.query('select pg_sleep(2)')])
})

test('nobody waits for a goodbye that nobody hears', async () => {
  const { db, proxy } = await connectThroughProxy()
  await db.session()
  await db.query('select 1')
  proxy.hang()
  await db.close()
})
