import { expect, test } from 'vitest'
import { createRamp, READ_SIDE, waitForPercent } from './ramp-fixture.ts'

test('a read that also names a table whose new side lags stays on the old side', async () => {
  const ramp = await createRamp()
  await ramp.database.query(`create table public.queue (id int); insert into public.queue values (1)`)
  await ramp.database.query(`create view crossfade_compat.queue as select 2 as id`)
  const pool = ramp.wrap({ random: () => 0 })
  await ramp.setPercent(100, true, ['queue'])
  await waitForPercent(pool, 100)
  expect((await pool.query(READ_SIDE)).rows).toEqual([{ side: 'new' }])
  expect((await pool.query('select id from queue')).rows).toEqual([{ id: 1 }])
  const both = 'select side from posts join queue using (id)'
  expect((await pool.query(both)).rows).toEqual([{ side: 'old' }])
})
