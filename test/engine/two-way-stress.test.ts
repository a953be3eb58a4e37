import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { expect, test } from 'vitest'
import { type Engine, type EngineOptions, withEngine } from './engine.ts'
import { QUEUE } from './queue.ts'

/**
 * Writers and claimers on both sides at once, and an applier. By hand: STRESS_SEED, STRESS_STATEMENTS, STRESS_KEYS,
 * and STRESS_REPORT=1 for the figures.
 */
const SEED = Number(process.env.STRESS_SEED ?? 1)
const STATEMENTS = Number(process.env.STRESS_STATEMENTS ?? 250)
const KEYS = Number(process.env.STRESS_KEYS ?? 200)
const SESSIONS = 8
const BUDGET_MS = 100

const OPTIONS = {
  ...QUEUE,
  open: true,
  sync: { budgetMs: BUDGET_MS },
  oldSql: `${QUEUE.oldSql} create table claims (k text);`,
}

type Side = 'old' | 'new'

interface Tally {
  readonly failures: string[]
  conflicts: number
  duplicates: number
  readonly oldMs: number[]
}

const MODES = ['inline', 'outbox', 'switching'] as const

test.each(MODES)(
  'writers on both sides at once leave no difference (%s)',
  async (mode) => {
    await withEngine(inMode(mode), async (e) => {
      await e.db.query(
        `insert into plans (k, title, score) select 'key ' || i, 't', 0 from generate_series(1, $1) i where i % 10 > 1`,
        [KEYS],
      )
      await e.db.query(
        `insert into drafts (k, body) select 'key ' || i, 'b' from generate_series(1, $1) i where i % 10 < 7`,
        [KEYS],
      )
      const tally: Tally = { failures: [], conflicts: 0, duplicates: 0, oldMs: [] }
      const random = seeded(SEED)
      let working = true
      const applier = drainWhile(e, () => working)
      const switcher = mode === 'switching' ? switchWhile(e, () => working) : null
      await Promise.all(
        Array.from({ length: SESSIONS }, async (_, i) => {
          const client = await e.connect()
          for (let n = 0; n < STATEMENTS; n++)
            await step(client, i % 2 === 0 ? 'old' : 'new', `${i}/${n}`, random, tally)
        }),
      )
      working = false
      await Promise.all([applier, switcher])
      await e.drain()
      if (process.env.STRESS_REPORT) report(tally)
      expect(tally.failures).toEqual([])
      expect(await e.differences()).toEqual([])
      expect(await countedConflicts(e)).toBe(tally.conflicts)
    })
  },
  600_000,
)

test.each(MODES)(
  'each queued row is claimed once, whoever of either side wants it (%s)',
  async (mode) => {
    await withEngine(inMode(mode), async (e) => {
      for (const table of ['plans', 'drafts'])
        await e.db.query(`insert into ${table} (k) select 'key ' || i from generate_series(1, $1) i`, [KEYS])
      const tally: Tally = { failures: [], conflicts: 0, duplicates: 0, oldMs: [] }
      const random = seeded(SEED)
      let claiming = 6
      await e.drain()
      const applier = drainWhile(e, () => claiming > 0)
      const switcher = mode === 'switching' ? switchWhile(e, () => claiming > 0) : null
      const claimers = Array.from({ length: claiming }, async (_, i) => {
        const client = await e.connect()
        const side = i % 2 === 0 ? 'old' : 'new'
        for (let idle = 0; idle < 5; ) idle = (await claim(client, side, tally)) ? 0 : idle + 1
        claiming--
      })
      const editors = ['old', 'new'].map(async (side) => {
        const client = await e.connect()
        for (let n = 0; claiming > 0; n++) await edit(client, side as Side, `edit ${n}`, random, tally)
      })
      await Promise.all([...claimers, ...editors, applier, switcher])
      await e.drain()
      if (process.env.STRESS_REPORT) report(tally)
      expect(tally.failures).toEqual([])
      expect(await e.differences()).toEqual([])
      expect(await e.db.query('select count(*)::int as claims, count(distinct k)::int as keys from claims')).toEqual([
        { claims: KEYS, keys: KEYS },
      ])
      expect(await e.db.query(`select from plans where state <> 'posting'`)).toEqual([])
    })
  },
  600_000,
)

function inMode(mode: (typeof MODES)[number]): EngineOptions {
  return { ...OPTIONS, sync: { budgetMs: BUDGET_MS, mode: mode === 'outbox' ? 'outbox' : 'inline' } }
}

async function switchWhile(e: Engine, working: () => boolean): Promise<void> {
  for (let n = 0; working(); n++) {
    await e.switchMode(n % 2 === 0 ? 'outbox' : 'inline')
    await sleep(50)
  }
}

async function countedConflicts(e: Engine): Promise<number> {
  const [row] = await e.db.query(
    'select case when is_called then last_value else 0 end::int as n from crossfade.conflicts',
  )
  return row?.n
}

async function drainWhile(e: Engine, working: () => boolean): Promise<void> {
  const client = await e.connect()
  while (working()) {
    const { rows } = await client.query('select crossfade.drain_queue(50) as done')
    if (Number(rows[0].done) === 0) await client.query('select pg_sleep(0.01)')
  }
}

async function step(client: pg.Client, side: Side, id: string, random: () => number, tally: Tally): Promise<void> {
  const key = `key ${1 + Math.floor(random() * KEYS)}`
  const kind = random()
  const table = side === 'new' ? 'new_schema.queue' : random() < 0.5 ? 'plans' : 'drafts'
  const own = table === 'drafts' ? 'body' : 'score'
  const value = own === 'score' ? Math.floor(random() * 1000) : id
  await timed(client, side, tally, async () => {
    if (kind < 0.3) await client.query(`update ${table} set ${own} = $2 where k = $1`, [key, value])
    else if (kind < 0.45) await client.query(`update ${table} set title = $2, state = 'queued' where k = $1`, [key, id])
    else if (kind < 0.65)
      await client.query(
        `insert into ${table} (k, ${own}) values ($1, $2) on conflict (k) do update set ${own} = excluded.${own}`,
        [key, value],
      )
    else if (kind < 0.8) await client.query(`delete from ${table} where k = $1`, [key])
    else {
      await client.query('begin')
      await client.query(`update ${table} set ${own} = $2 where k = $1`, [key, value])
      await client.query(`update ${table} set title = $2 where k = $1`, [key, id])
      await client.query(random() < 0.8 ? 'commit' : 'rollback')
    }
  })
}

async function edit(client: pg.Client, side: Side, id: string, random: () => number, tally: Tally): Promise<void> {
  const key = `key ${1 + Math.floor(random() * KEYS)}`
  const table = side === 'new' ? 'new_schema.queue' : random() < 0.5 ? 'plans' : 'drafts'
  await timed(client, side, tally, () => client.query(`update ${table} set title = $2 where k = $1`, [key, id]))
}

/** Takes one queued row and notes it; false where there was none, or another was quicker. */
async function claim(client: pg.Client, side: Side, tally: Tally): Promise<boolean> {
  const table = side === 'new' ? 'new_schema.queue' : 'plans'
  let claimed = true
  const conflicts = tally.conflicts
  await timed(client, side, tally, async () => {
    await client.query('begin')
    const { rows } = await client.query(
      `update ${table} set state = 'posting' where k = (select k from ${table} where state = 'queued' order by k limit 1 for update skip locked) returning k`,
    )
    for (const row of rows) await client.query(`insert into claims values ($1)`, [row.k])
    await client.query('commit')
    claimed = rows.length > 0
  })
  return claimed || tally.conflicts > conflicts
}

async function timed(client: pg.Client, side: Side, tally: Tally, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now()
  try {
    await work()
  } catch (error) {
    await client.query('rollback')
    const { code, message } = error as pg.DatabaseError
    if (side === 'new' && code === '40001') tally.conflicts++
    // The other side inserted the same key a moment before: a key given twice, with or without Crossfade.
    else if (side === 'new' && code === '23505') tally.duplicates++
    else tally.failures.push(`${side} ${code} ${message}`)
  }
  if (side === 'old') tally.oldMs.push(performance.now() - started)
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function report(tally: Tally): void {
  const sorted = tally.oldMs.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1)
  console.log(
    `old statements ${sorted.length}, 40001 ${tally.conflicts}, 23505 ${tally.duplicates}, old side ms: p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)}`,
  )
}
