import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { reconcile } from '../../src/backfill/reconcile.ts'
import { runBackfill } from '../../src/backfill/run-backfill.ts'
import { applyPause, applyResume } from '../../src/control/pause.ts'
import { Throttle } from '../../src/control/throttle.ts'
import { readStop } from '../../src/control/throttle-look.ts'
import type { Work } from '../../src/control/work.ts'
import type { ThrottleSettings } from '../../src/spec/sync-settings.ts'
import { runWorker } from '../../src/sync/worker.ts'
import { DRAFTS_AND_POSTS } from '../backfill/two-tables.ts'
import { createFixture, type Fixture } from '../support/fixture.ts'

const UNWATCHED: ThrottleSettings = {
  latencyFactor: null,
  latencyFloorMs: 0,
  replicationLagMs: null,
  replicationLagMb: null,
  activeSessions: null,
}

function workWith(f: Fixture, throttle: Partial<ThrottleSettings>): Work {
  return { ...f.work, throttle: { ...UNWATCHED, ...throttle } }
}

async function readThrottles(f: Fixture): Promise<{ what: string; pace: number; reason: string | null }[]> {
  return await f.query('select what, pace, reason from crossfade.throttle order by what')
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; !(await holds()); await sleep(20))
    if (Date.now() > end) throw new Error(`it never came to ${holds}`)
}

async function standsStill(f: Fixture, why: RegExp): Promise<void> {
  await until(async () => (await readThrottles(f)).some((row) => row.pace === 0 && why.test(row.reason ?? '')))
}

test('a backfill that a person has paused stands still, says so, and goes on when he resumes', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(2_000))
  await applyPause(f.client, 'Ada', 'sale today')
  const running = runBackfill(workWith(f, {}), f.target)
  await standsStill(f, /paused by Ada \(sale today\); crossfade resume/)
  expect(f.lines.filter((line) => line.includes('stands still'))).toHaveLength(1)
  await f.query(`update crossfade.migration set stage = 'sync', mapping = $1`, [JSON.stringify(f.mapping)])
  const [row] = await f.query('select crossfade.status() as status')
  expect(row?.status).toMatchObject({
    paused: { person: 'Ada', reason: 'sale today' },
    throttles: [{ what: 'backfill of post', pace: 0 }],
  })
  expect(await f.query('select from new_schema.post')).toEqual([])
  expect(await applyResume(f.client, 'Ada')).toBe(true)
  expect(await running).toMatchObject({ rows: 2_000 })
  expect(await readThrottles(f)).toEqual([])
  expect(await applyResume(f.client, 'Ada')).toBe(false)
})

test('so does a reconciliation, and Ctrl-C ends it', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(100))
  await runBackfill(workWith(f, {}), f.target)
  await f.plant('delete from new_schema.post')
  await applyPause(f.client, null, null)
  const running = reconcile(workWith(f, {}), f.target)
  const ended = expect(running).rejects.toMatchObject({ exitCode: 130 })
  await standsStill(f, /paused by somebody; crossfade resume/)
  f.stop.abort()
  await ended
})

test('so does a worker, with its heartbeat', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(0))
  const running = runWorker(workWith(f, {}))
  const written = async (): Promise<boolean> => (await f.query('select from new_schema.post')).length > 0
  await applyPause(f.client, 'Ada', null)
  await standsStill(f, /Ada/)
  const beat = (await f.query('select beat_at from crossfade.worker'))[0]?.beat_at
  await f.query(
    `insert into crossfade.outbox (target, key) values ('post', array['${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}'])`,
  )
  await until(async () => (await f.query('select beat_at from crossfade.worker'))[0]?.beat_at > beat)
  expect(await f.outbox()).toHaveLength(1)
  expect(await written()).toBe(false)
  await applyResume(f.client, 'Ada')
  await until(async () => (await f.query('select from crossfade.outbox where settled is null')).length === 0)
  f.stop.abort()
  await running
})

test('more sessions at work than the limit: it stands still until they are done', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(500))
  const sleeper = new pg.Client({ connectionString: f.db.url })
  await sleeper.connect()
  onTestFinished(() => sleeper.end())
  await sleeper.query('begin; select pg_advisory_lock(7)')
  const waiting = f.db.pool.query('select pg_advisory_lock(7), pg_advisory_unlock(7)')
  const running = runBackfill(workWith(f, { activeSessions: 0 }), f.target)
  await standsStill(f, /sessions? (is|are) at work; the limit is 0/)
  expect(await f.query('select from new_schema.post')).toEqual([])
  await sleeper.query('select pg_advisory_unlock(7)')
  await waiting
  f.stop.abort()
  await running.catch(() => undefined)
})

test("what is watched and can't be seen makes it stand still, and says how to allow it", async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(0))
  const role = `plain_${f.db.name}`
  await f.query(
    `create role ${role}; grant usage on schema crossfade to ${role}; grant select on crossfade.pause to ${role}`,
  )
  const plain = new pg.Client({ connectionString: f.db.url })
  await plain.connect()
  onTestFinished(async () => {
    await plain.query(`reset role`)
    await plain.query(`drop owned by ${role}; drop role ${role}`)
    await plain.end()
  })
  await plain.query(`set role ${role}`)
  expect(await readStop(plain, { ...UNWATCHED, activeSessions: 1000 })).toBe(
    `whether other sessions are at work can't be seen; grant it: GRANT pg_monitor TO ${role}; or don't have it watched: sync: { throttle: { activeSessions: false } }, and start again`,
  )
  expect(await readStop(plain, UNWATCHED)).toBe(null)
  await f.query(`grant pg_monitor to ${role}`)
  expect(await readStop(plain, { ...UNWATCHED, activeSessions: 1000, replicationLagMs: 1, replicationLagMb: 1 })).toBe(
    null,
  )
})

test('where a small commit takes long, it works less of the time, and comes back to full speed', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(0))
  const { db, log, signal } = f.work
  const settings = { ...UNWATCHED, latencyFactor: 2, latencyFloorMs: 30 }
  const throttle = await Throttle.open(db, { what: 'test', slowest: 0.25, settings, log, signal })
  onTestFinished(() => throttle.close())
  const other = new pg.Client({ connectionString: f.db.url })
  await other.connect()
  onTestFinished(() => other.end())
  const slowDown = async (): Promise<void> => {
    await other.query('begin; select from crossfade.throttle for update')
    setTimeout(() => void other.query('commit'), 120)
  }
  const paceIs = async (wanted: (pace: number) => boolean, meanwhile: () => Promise<void>): Promise<string | null> => {
    for (;;) {
      await meanwhile()
      await throttle.turn(0)
      const [row] = await readThrottles(f)
      if (row && wanted(row.pace)) return row.reason
      await sleep(60)
    }
  }
  expect(await paceIs((pace) => pace < 1, slowDown)).toMatch(
    /a small commit takes \d+\.\d ms, .* at rest, and the limit is/,
  )
  await paceIs((pace) => pace <= 0.25, slowDown)
  expect(
    await paceIs(
      (pace) => pace === 1,
      async () => undefined,
    ),
  ).toBe(null)
}, 60_000)
