import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { reconcile } from '../../src/backfill/reconcile.ts'
import { runBackfill } from '../../src/backfill/run-backfill.ts'
import { drainCall } from '../../src/sqlgen/drain.ts'
import { createFixture, type Fixture } from '../support/fixture.ts'
import { DRAFTS_AND_POSTS, differences } from './two-tables.ts'

/** Everything is applied, and both sides say the same. */
async function expectInStep(f: Fixture): Promise<void> {
  expect(await f.outbox()).toEqual([])
  expect(await differences(f)).toEqual([])
}

test('waits for a writer that is still uncommitted when the backfill ends, and says whom it waits for', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(600))
  const writer = await f.db.pool.connect()
  await writer.query(`set application_name = 'slow writer'; begin`)
  await writer.query(`update draft set body = 'late' where id = 'k00123'`)
  await writer.query(`delete from draft where id = 'k00005'`)
  await writer.query(`insert into draft (id, body) values ('zzz', 'very late')`)

  const backfill = await runBackfill(f.work, f.target)
  expect(backfill.deferredKeys).toBeGreaterThan(0)
  expect(await f.query(`select count(*)::int as rows from new_schema.post where slug in ('k00005', 'k00006')`)).toEqual(
    [{ rows: 2 }],
  )
  const reconciling = reconcile(f.work, f.target)
  let ended = false
  void reconciling.finally(() => {
    ended = true
  })
  const waiting = /Waiting, \d+ s so far, for older transactions to end:\n {2}pid \d+ \(application "slow writer"/
  while (!waiting.test(f.lines.join('\n'))) await sleep(100)
  expect(ended).toBe(false)
  await writer.query('commit')
  writer.release()
  await reconciling
  expect(await f.query(`select slug, body from new_schema.post where body like '%late' order by slug`)).toEqual([
    { slug: 'k00123', body: 'late' },
    { slug: 'zzz', body: 'very late' },
  ])
  expect(await f.query(`select from new_schema.post where slug = 'k00005'`)).toEqual([])
  await expectInStep(f)
})

test('writers during the backfill: no row is lost, none comes back from the dead, and none of them fails', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(12_000))
  let going = true
  let writes = 0
  const writers = [1, 2].map(async (seed) => {
    const client = await f.db.pool.connect()
    for (let i = seed * 37; going; i = (i * 7919 + 13) % 12_000) {
      const key = `k${String(i).padStart(5, '0')}`
      await client.query(`delete from draft where id = $1`, [key])
      await client.query(`update published set likes = likes + 1 where slug = $1`, [key])
      if (i % 3 === 0)
        await client.query(`insert into draft (id, body) values ($1, 'again') on conflict do nothing`, [key])
      if (i % 5 === 0) await client.query(`delete from published where slug = $1`, [key])
      writes++
    }
    client.release()
  })
  await runBackfill(f.work, f.target)
  const reconciled = await reconcile(f.work, f.target)
  going = false
  await Promise.all(writers)
  expect(writes).toBeGreaterThan(50)
  while ((await f.outbox()).length > 0) await f.query(drainCall(f.target).text, [500])
  expect(reconciled.passes).toBeLessThan(10)
  expect(await f.query('select * from crossfade.journal')).toEqual([])
  await expectInStep(f)
})

test('what differs after the backfill is computed again', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(500))
  await runBackfill(f.work, f.target)
  await f.plant(`delete from new_schema.post where slug = 'k00011'`)
  await f.plant(`insert into new_schema.post (slug, body) values ('zombie', '?')`)
  await f.plant(`update new_schema.post set body = '?' where slug < 'k00010'`)
  expect(await reconcile(f.work, f.target)).toMatchObject({ passes: 2, compared: 500, repairedKeys: 11 })
  await expectInStep(f)
})

test('an error that stays ends it, with its name', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(100))
  await runBackfill(f.work, f.target)
  await f.query(`alter table new_schema.post rename body to other`)
  await f.query(`begin isolation level repeatable read; update draft set body = 'x' where id = 'k00001'; commit`)
  await expect(reconcile(f.work, f.target)).rejects.toMatchObject({
    code: 'outbox_stuck',
    message: expect.stringMatching(/1 keys of post can't be applied: 42703 .*body/),
  })
})

test('what cannot be made right ends it after some passes, with the keys', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(20))
  await f.query(`create function new_schema.shout() returns trigger language plpgsql as 'begin new.body := upper(new.body); return new; end';
    create trigger shout before insert or update on new_schema.post for each row execute function new_schema.shout()`)
  await runBackfill(f.work, f.target)
  await expect(reconcile(f.work, f.target)).rejects.toMatchObject({
    code: 'keeps_differing',
    message: expect.stringMatching(/post still differs .* after 10 passes:\n {2}\(k00001\) differing: body/),
  })
})
