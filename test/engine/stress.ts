import type pg from 'pg'
import { expect } from 'vitest'
import { createRandom, type Random } from '../scenarios/random.ts'
import type { Engine } from './engine.ts'

export type Side = 'old' | 'new'

/** By hand: STRESS_SEED, STRESS_TRANSACTIONS. */
const SEED = process.env.STRESS_SEED ?? '1'
const TRANSACTIONS = Number(process.env.STRESS_TRANSACTIONS ?? 60)

/** What an application that writes natively must be ready for: try again, refused, or simply a constraint. */
const NATIVE_ERRORS = new Set(['40001', '40P01', '23505', '23503', 'CF001', 'CF002', '55P03'])
const OLD_ERRORS = new Set(['40001', '40P01', '23505'])

/**
 * Sessions that write at once, in transactions of every isolation of which some are rolled back, and an applier; with
 * `native`, every second session writes the new tables. Afterwards the outbox is empty. Fails where a write got an error
 * that nobody has to be ready for.
 */
export async function stress(
  e: Engine,
  options: {
    sessions: number
    native: boolean
    /** Also switch all tables between the modes of sync, again and again. */
    switching?: boolean
    write: (client: pg.Client, random: Random, side: Side) => Promise<void>
  },
): Promise<void> {
  const failures: string[] = []
  let working = true
  const applier = drainWhile(e, () => working)
  const switcher = options.switching ? switchWhile(e, () => working) : null
  await Promise.all(
    Array.from({ length: options.sessions }, async (_, i) => {
      const random = createRandom(`${SEED}/${options.native}/${i}`)
      const client = await e.connect()
      const side = options.native && i % 2 === 0 ? 'new' : 'old'
      const expected = side === 'new' ? NATIVE_ERRORS : OLD_ERRORS
      for (let n = 0; n < TRANSACTIONS; n++) {
        const error = await transaction(client, random, () => options.write(client, random, side))
        if (error && !expected.has(error.code)) failures.push(`${side}: ${error.code} ${error.message}`)
      }
    }),
  )
  working = false
  await Promise.all([applier, switcher])
  await e.drain()
  expect(failures).toEqual([])
}

async function transaction(
  client: pg.Client,
  random: Random,
  write: () => Promise<void>,
): Promise<{ code: string; message: string } | null> {
  const isolation = random.pick(['read committed', 'read committed', 'repeatable read', 'serializable'])
  try {
    await client.query(`begin isolation level ${isolation}`)
    for (let left = 1 + random.int(3); left > 0; left--) await write()
    if (random.chance(0.3)) await client.query('select pg_sleep(0.002)')
    await client.query(random.chance(0.85) ? 'commit' : 'rollback')
    return null
  } catch (error) {
    await client.query('rollback')
    return error as { code: string; message: string }
  }
}

async function drainWhile(e: Engine, working: () => boolean): Promise<void> {
  while (working()) if ((await e.drainOnce()) === 0) await new Promise((resolve) => setTimeout(resolve, 10))
}

async function switchWhile(e: Engine, working: () => boolean): Promise<void> {
  for (let n = 0; working(); n++) {
    await e.switchMode(n % 2 === 0 ? 'outbox' : 'inline')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
