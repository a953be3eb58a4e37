import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { runWorker } from '../../src/sync/worker.ts'
import { key } from '../fixtures/fixture.ts'
import { type Alternated, alternate } from '../harness/alternate.ts'
import type { Bench, Measure } from '../harness/bench.ts'
import { connectAll, endAll, run, runBlock } from '../harness/client.ts'
import { compared, type Figure, single } from '../harness/figure.ts'
import { type Migration, migrate } from '../harness/migration.ts'
import { percentile, summarize } from '../harness/statistics.ts'
import { keyOf, STATEMENTS, write } from '../harness/writing.ts'

const LAG_RATES = [20, 100, 300]

export const costs: Measure = {
  name: 'costs',
  title: 'Transaction ids and WAL of a write, the wait tail on one key, the outbox',
  how: 'Ids and bytes for one statement in a transaction of its own, without full page images. On one key: 8 clients that update the same post, of one source, or each of its own source. The outbox: from the commit of a write (of a REPEATABLE READ transaction, which is never synced at once) until its key is applied, one applier.',
  async run(bench) {
    const figures: Figure[] = []
    for (const name of ['one-source', 'two-sources', 'linked', 'appended']) {
      const rows = Math.min(bench.rows, 100_000)
      const [plain, synced] = [await bench.create(name, rows), await bench.create(name, rows)]
      const migration = await migrate(synced, bench.fixture(name), 'sync')
      // Full page images would hide everything else; how many there are is up to the checkpoints.
      await bench.setDurable(false)
      figures.push(...(await measureWrites(bench, name, rows, plain, synced)))
      await bench.setDurable(true)
      if (name === 'two-sources') {
        figures.push(...(await measureContention(bench, plain, synced)))
        await migration.assertSame()
        figures.push(...(await measureOutbox(bench, migration, synced)))
      }
      await migration.assertSame()
      await migration.close()
      await bench.drop(plain, synced)
    }
    return figures
  },
}

async function measureWrites(
  bench: Bench,
  name: string,
  rows: number,
  plain: string,
  synced: string,
): Promise<Figure[]> {
  const total = bench.options.quick ? 100 : 400
  const fixture = bench.fixture(name)
  const figures: Figure[] = []
  const [a] = await connectAll(synced, 1)
  const [b] = await connectAll(plain, 1)
  if (!a || !b) throw new Error('no connection')
  for (const statement of STATEMENTS) {
    const used: Record<'ids' | 'bytes', { a: number[]; b: number[] }> = {
      ids: { a: [], b: [] },
      bytes: { a: [], b: [] },
    }
    for (let round = 0; round < 4; round++) {
      for (const [side, client] of [
        ['a', a],
        ['b', b],
      ] as const) {
        const before = await readPosition(client)
        for (let index = 0; index < total; index++)
          await write(client, statement, fixture.old[statement], keyOf(statement, { rows, round, index, total }), round)
        const after = await readPosition(client)
        // The first round also fills caches and splits pages.
        if (round === 0) continue
        used.ids[side].push((after.ids - before.ids) / total)
        used.bytes[side].push((after.bytes - before.bytes) / total)
      }
    }
    for (const unit of ['ids', 'bytes'] as const)
      figures.push(
        compared(`${name}: ${statement}`, unit === 'ids' ? 'transaction ids' : 'bytes of WAL', paired(used[unit])),
      )
  }
  await endAll([a, b])
  return figures
}

function paired({ a, b }: { a: number[]; b: number[] }): Alternated {
  return { a: summarize(a), b: summarize(b), ratio: summarize(a.map((value, i) => value / (b[i] ?? Number.NaN))) }
}

async function readPosition(client: pg.Client): Promise<{ ids: number; bytes: number }> {
  const { rows } = await client.query<{ ids: number; bytes: number }>(
    `SELECT pg_snapshot_xmax(pg_current_snapshot())::text::float8 AS ids, (pg_current_wal_insert_lsn() - '0/0')::float8 AS bytes`,
  )
  return rows[0] ?? { ids: Number.NaN, bytes: Number.NaN }
}

async function measureContention(bench: Bench, plain: string, synced: string): Promise<Figure[]> {
  const figures: Figure[] = []
  const post = key(50_000 % Math.max(2, Math.floor(bench.rows * 0.9)))
  const texts = [
    `UPDATE drafts SET score = coalesce(score, 0) + 1 WHERE decision_id = $1`,
    `UPDATE generations SET tokens = coalesce(tokens, 0) + 1 WHERE decision_id = $1`,
  ] as const
  const [a, b] = [await connectAll(synced, 8), await connectAll(plain, 8)]
  for (const sources of [1, 2]) {
    const latencies = { a: [] as number[], b: [] as number[] }
    const block = (side: 'a' | 'b', clients: pg.Client[]) => async () => {
      const { latencies: found } = await runBlock(clients, bench.options.quick ? 400 : 1000, (client) => {
        const of = sources === 1 ? 0 : clients.indexOf(client) % 2
        return client.query({ name: `contended ${of}`, text: texts[of] ?? texts[0], values: [post] })
      })
      for (const latency of found) latencies[side].push(latency)
      return percentile(found, 0.5)
    }
    const p50 = await alternate(block('a', a), block('b', b), { rounds: bench.options.quick ? 3 : 7, warmUp: 1 })
    const of = `8 clients, one key, ${sources === 1 ? 'one source' : 'two sources'}`
    figures.push(compared(`${of}: p50`, 'ms', p50, { durable: true }))
    for (const [label, share] of [
      ['p99', 0.99],
      ['longest', 1],
    ] as const) {
      const value = { a: [percentile(latencies.a, share)], b: [percentile(latencies.b, share)] }
      figures.push(compared(`${of}: ${label}`, 'ms', paired(value), { durable: true }))
    }
  }
  await endAll(a, b)
  return figures
}

async function measureOutbox(bench: Bench, migration: Migration, url: string): Promise<Figure[]> {
  const work = await migration.work()
  const target = work.mapping.targets[0]?.name ?? ''
  const keys = bench.options.quick ? 2_000 : 20_000
  await run(
    url,
    `INSERT INTO crossfade.outbox (target, key) SELECT '${target}', ARRAY[decision_id::text] FROM public.drafts LIMIT ${keys}`,
  )
  const started = performance.now()
  await migration.drain()
  const rate = keys / ((performance.now() - started) / 1000)
  const figures = [single('one applier, two sources', 'keys/s', rate, { durable: true })]

  const stop = new AbortController()
  const worker = runWorker({ ...work, signal: stop.signal })
  for (const perSecond of LAG_RATES) {
    const lags = await measureLag(url, perSecond, bench.options.quick ? 2 : 10)
    for (const [label, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
      ['longest', 1],
    ] as const)
      figures.push(
        single(`outbox lag at ${perSecond} writes/s: ${label}`, 'ms', percentile(lags, share), { durable: true }),
      )
  }
  stop.abort()
  await worker
  return figures
}

/** Milliseconds from commit to applied, of each write. */
async function measureLag(url: string, perSecond: number, seconds: number): Promise<number[]> {
  const clients = await connectAll(url, 5)
  const [watcher, ...writers] = clients
  if (!watcher) throw new Error('no connection')
  const waiting = new Map<string, number>()
  const lags: number[] = []
  const started = performance.now()
  let [next, writing] = [0, true]
  const watching = (async () => {
    while (writing || waiting.size > 0) {
      const mine = [...waiting]
      const { rows } = await watcher.query(`SELECT id::text AS id FROM crossfade.outbox`)
      const still = new Set(rows.map((row) => row.id))
      for (const [id, at] of mine) {
        if (still.has(id)) continue
        lags.push(performance.now() - at)
        waiting.delete(id)
      }
      await sleep(2)
    }
  })()
  await Promise.all(
    writers.map(async (client) => {
      for (let n = next++; n < perSecond * seconds; n = next++) {
        const wait = started + (n * 1000) / perSecond - performance.now()
        if (wait > 0) await sleep(wait)
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
        await client.query(`UPDATE drafts SET score = score + 1 WHERE id = $1`, [1 + n])
        const { rows } = await client.query(
          `SELECT currval(pg_get_serial_sequence('crossfade.outbox', 'id'))::text AS id`,
        )
        await client.query('COMMIT')
        waiting.set(rows[0].id, performance.now())
      }
    }),
  )
  writing = false
  await watching
  await endAll(clients)
  return lags
}
