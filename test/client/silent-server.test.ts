import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { WireProxy } from '../../chaos/wire-proxy.ts'
import { createRamp, waitForPercent } from './ramp-fixture.ts'

const LISTENING = /* sql */ `
  select from pg_stat_activity
   where application_name = 'crossfade listener' and datname = current_database()
     and state = 'idle' and query like '%client_state%'`

test('a pool whose connections hang follows the state again when others can be made', { timeout: 60_000 }, async () => {
  const { wrap, setPercent, database } = await createRamp()
  const url = new URL(database.url)
  const port = Number(url.port)
  const proxy = new WireProxy(() => port)
  url.port = String(await proxy.listen())
  const pool = wrap({}, { connectionString: url.href, max: 30 })
  await setPercent(100)
  await waitForPercent(pool, 100)
  // One that isn't there yet would be made again, and ask.
  await expect.poll(async () => (await database.query(LISTENING)).length, { timeout: 10_000 }).toBe(1)

  // The next question of the follower goes out, and nothing ever comes back.
  proxy.hang()
  for (let use = 0; use < 5; use++) {
    void pool.query('select 1').catch(() => undefined)
    await sleep(500)
  }
  await setPercent(0)
  proxy.heal()
  // What the application itself waits for is its own to give up.
  while (pool.crossfade.stats().percent !== 0) {
    void pool.query('select 1').catch(() => undefined)
    await sleep(500)
  }
  expect(pool.crossfade.stats().percent).toBe(0)
  await proxy.close()
})
