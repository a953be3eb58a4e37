import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { RefusedError } from '../../src/lib/errors.ts'
import { merge } from '../../src/spec/config.ts'
import { runWorker } from '../../src/sync/worker.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `
    create table jobs (id int primary key, title text, runs int not null default 0);
    create table notes (job int primary key, note text);
    insert into jobs select n, 'job' from generate_series(1, 50) as n;
    insert into notes select n, 'note' from generate_series(1, 50) as n;`,
  newSql: `create table work (id int primary key, title text, runs int, note text);`,
  tables: { work: merge({ key: 'id', sources: { jobs: {}, notes: { key: 'job' } } }) },
}

/** Runs `fn` on a connection of its own, again and again until the test is over. */
async function keepDoing(url: string, fn: (client: pg.Client) => Promise<unknown>): Promise<{ stop(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  let stopped = false
  const done = (async () => {
    while (!stopped) await fn(client)
  })()
  const stop = async (): Promise<void> => {
    stopped = true
    await done
    await client.end().catch(() => undefined)
  }
  onTestFinished(stop)
  return { stop }
}

test('under a storm of locks every command succeeds or gives up whole, and the application meets no error', {
  timeout: 170_000,
}, async () => {
  const { commands, query, url } = await createProject(QUEUE)
  const errors: string[] = []
  let writes = 0
  let held = 0
  // Somebody whose tool takes the whole table for a moment: VACUUM FULL, a migration, a careless ORM.
  const storm = await keepDoing(url, async (client) => {
    const table = held++ % 2 === 0 ? 'jobs' : 'notes'
    const text = `begin; lock table ${table} in access exclusive mode; select pg_sleep(0.06); commit`
    // After finish the old names are gone.
    await client.query(text).catch(() => client.query('rollback'))
    await sleep(30)
  })
  const application = await keepDoing(url, async (client) => {
    // An application with a bound of its own: what it waits for the storm alone is far below.
    await client.query(`set statement_timeout = '5s'`)
    try {
      await client.query('update jobs set runs = runs + 1 where id = 7')
      writes++
    } catch (error) {
      errors.push(String(error))
    }
    await sleep(10)
  })

  /** Tried until it succeeds; a refusal must leave the stage as it was. */
  const insist = async (fn: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      const before = await query('select stage, native_open from crossfade.migration')
      try {
        await fn()
        return
      } catch (error) {
        if (!(error instanceof RefusedError) || !['locked', 'outbox.waiting'].includes(error.code)) throw error
        expect(await query('select stage, native_open from crossfade.migration')).toEqual(before)
        await sleep(200)
      }
    }
  }

  await commands.approve('design')
  await insist(() => commands.build())
  await commands.approve('build')
  await insist(() => commands.sync())
  await insist(() => commands.rollback('design'))
  await insist(() => commands.build())
  await commands.approve('build')
  await insist(() => commands.sync())
  await commands.approve('sync')
  const stopWorker = new AbortController()
  const worker = runWorker({ ...(await commands.work()), signal: stopWorker.signal })
  await insist(() => commands.verify())
  await commands.approve('verify')
  await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  for (const percent of [1, 10, 25, 50, 100]) await insist(() => commands.reads(percent))
  await commands.approve('reads')
  await insist(() => commands.move())
  await insist(() => commands.rollback('reads'))
  await insist(() => commands.move())
  await commands.approve('move')
  await insist(() => commands.approve('finish'))
  await application.stop()
  await insist(() => commands.finish(0))
  stopWorker.abort()
  await worker
  await storm.stop()

  expect(errors).toEqual([])
  expect(held).toBeGreaterThan(10)
  expect(await query('select runs from work where id = 7')).toEqual([{ runs: writes }])
})
