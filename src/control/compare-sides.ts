import type pg from 'pg'
import { errorCode, isDataError } from '../db/sqlstates.ts'
import { assertNotInterrupted } from './interruption.ts'
import { type Key, type KeyRange, nextChunkSize, type RangeEnds, readBound } from './key-ranges.ts'

/** The generated SQL of one table (`compareQueries`). */
export interface SideQueries {
  nextBound(range: RangeEnds): string
  compareRange(range: RangeEnds, skipUnsettled: boolean): string
  compareKeys(skipUnsettled: boolean): string
}

/** A row that is missing in the new table, should not be there, or holds something else than its old rows say. */
export interface Difference {
  readonly key: Key
  readonly verdict: 'missing' | 'extra' | 'differing'
  /** Those that differ; `lineage` where only what it came from does. */
  readonly columns: readonly string[] | null
  /** The error, where the row can't be computed from its old rows at all. */
  readonly reason?: string
}

export interface Comparison {
  /** Keys that have a row on either side, or should. */
  readonly compared: number
  /** Of these: a difference that the outbox knows of. */
  readonly waiting: number
  /** Of these: no new row, and the journal says why. */
  readonly journaled: number
  readonly differences: readonly Difference[]
}

export interface WalkOptions {
  readonly signal: AbortSignal
  /** For messages: `The verification of posts`. */
  readonly what: string
  readonly onRange: (found: Comparison, client: pg.ClientBase) => Promise<void>
}

/** Long enough that a range's own cost doesn't count, and far too short for its snapshot to hold back vacuum. */
const RANGE_LIMITS = { targetMs: 300, min: 100, max: 20_000 }
const FIRST_SIZE = 2_000

/**
 * Compares both sides of every key, range by range, each in a snapshot of its own, over as many connections as are given;
 * one that has something else to do yet comes later. What `onRange` gets is a first look: what it finds should be looked at again before it counts.
 */
export async function walkSides(
  clients: readonly (pg.ClientBase | Promise<pg.ClientBase>)[],
  queries: SideQueries,
  options: WalkOptions,
): Promise<void> {
  let after: Key | null = null
  let size = FIRST_SIZE
  let ended = false
  let turn: Promise<unknown> = Promise.resolve()
  // Once a row raised, others will: every first try without skipping would be for nothing.
  let skipFirst = false

  async function takeRange(client: pg.ClientBase): Promise<KeyRange | null> {
    if (ended) return null
    const upTo = await readBound(client, queries.nextBound, after, null, size)
    ended ||= upTo === null
    if (upTo === null) return null
    const range = { after, upTo }
    after = upTo
    return range
  }

  async function work(client: pg.ClientBase): Promise<void> {
    for (;;) {
      assertNotInterrupted(options.signal, options.what)
      const mine = turn.then(() => takeRange(client))
      turn = mine.catch(() => undefined)
      const range = await mine
      if (range === null) return
      const [limit, started] = [size, performance.now()]
      const found = await compareRange(client, queries, range, limit, skipFirst)
      skipFirst ||= found.raised
      size = nextChunkSize(limit, performance.now() - started, RANGE_LIMITS)
      await options.onRange(found, client)
    }
  }

  const results = await Promise.allSettled(
    clients.map(async (client) => {
      try {
        await work(await client)
      } finally {
        ended = true
      }
    }),
  )
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

/** Compares single keys, as `walkSides` does ranges. */
export async function compareKeys(
  client: pg.ClientBase,
  queries: SideQueries,
  keys: readonly Key[],
): Promise<Comparison> {
  if (keys.length === 0) return sum([])
  const width = keys[0]?.length ?? 0
  const columns = Array.from({ length: width }, (_, i) => keys.map((key) => key[i]))
  const { found, error } = await compareTwice(client, (skip) => queries.compareKeys(skip), columns, false)
  if (found) return found
  if (keys.length === 1) return sum([failing(keys[0] ?? [], error)])
  const half = Math.ceil(keys.length / 2)
  return sum([
    await compareKeys(client, queries, keys.slice(0, half)),
    await compareKeys(client, queries, keys.slice(half)),
  ])
}

/** A range of about `size` keys; where one can't be computed it is halved until that one is found. */
async function compareRange(
  client: pg.ClientBase,
  queries: SideQueries,
  range: KeyRange,
  size: number,
  skipFirst: boolean,
): Promise<Comparison & { readonly raised: boolean }> {
  const ends = { after: range.after !== null, upTo: true }
  const values = [...(range.after ?? []), ...range.upTo]
  const { found, error } = await compareTwice(client, (skip) => queries.compareRange(ends, skip), values, skipFirst)
  if (found) return { ...found, raised: error !== null }
  if (size === 1) return { ...sum([failing(range.upTo, error)]), raised: true }
  const half = Math.ceil(size / 2)
  const parts: Comparison[] = []
  for (let after = range.after; ; ) {
    const upTo = await readBound(client, queries.nextBound, after, range.upTo, half)
    if (upTo === null) return { ...sum(parts), raised: true }
    parts.push(await compareRange(client, queries, { after, upTo }, half, true))
    after = upTo
  }
}

/** Once as it is, and where a row's own data makes that fail, once without the keys that are known not to be settled. */
async function compareTwice(
  client: pg.ClientBase,
  text: (skipUnsettled: boolean) => string,
  values: readonly unknown[],
  skipFirst: boolean,
): Promise<{ found: Comparison | null; error: unknown }> {
  let error: unknown = null
  for (const skip of skipFirst ? [true] : [false, true]) {
    try {
      const { rows } = await client.query<Comparison>(text(skip), [...values])
      return { found: rows[0] ?? sum([]), error }
    } catch (caught) {
      if (!isDataError(caught)) throw caught
      error = caught
    }
  }
  return { found: null, error }
}

function failing(key: Key, error: unknown): Comparison {
  const message = error instanceof Error ? error.message : String(error)
  const reason = `${errorCode(error)}: ${message}`
  return {
    compared: 1,
    waiting: 0,
    journaled: 0,
    differences: [{ key, verdict: 'differing', columns: null, reason }],
  }
}

function sum(parts: readonly Comparison[]): Comparison {
  const total = (count: (part: Comparison) => number): number => parts.reduce((n, part) => n + count(part), 0)
  return {
    compared: total((part) => part.compared),
    waiting: total((part) => part.waiting),
    journaled: total((part) => part.journaled),
    differences: parts.flatMap((part) => part.differences),
  }
}
