import { expect, onTestFinished, test } from 'vitest'
import { installControl } from '../../src/control/install.ts'
import { createTestDatabase } from '../support/database.ts'

test('while a key waits longer than the bound, clients are told to read old', async () => {
  const db = await createTestDatabase()
  onTestFinished(() => db.drop())
  const client = await db.pool.connect()
  await installControl(client)
  client.release()
  await db.query(`update crossfade.migration set stage = 'reads', read_percent = 50`)
  const percent = async (): Promise<unknown> =>
    (await db.query(`select crossfade.client_state()->'percent' as p`))[0]?.p
  expect(await percent()).toBe(50)
  await db.query(`insert into crossfade.outbox (target, key) values ('t', '{1}')`)
  expect(await percent()).toBe(50)
  await db.query(`update crossfade.outbox set enqueued_at = now() - interval '2 seconds'`)
  expect(await percent()).toBe(0)
  // One that only waits for its second look is not stale.
  await db.query(`update crossfade.outbox set settled = '5', not_before = now()`)
  expect(await percent()).toBe(50)
})
