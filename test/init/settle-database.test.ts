import { expect, test } from 'vitest'
import type { UrlCandidate } from '../../src/init/find-urls.ts'
import type { DatabaseInspection } from '../../src/init/inspect-database.ts'
import { settleDatabase } from '../../src/init/settle-database.ts'
import { DatabaseError } from '../../src/lib/errors.ts'
import { asked, candidate } from './candidates.ts'

const BOUNCER = candidate('DATABASE_URL', 'bouncer', 6432)
const DIRECT = candidate('DIRECT_URL', 'direct', 5432)
const SUPABASE = candidate('POSTGRES_URL', 'x.pooler.supabase.com', 6543)
const LOCAL: UrlCandidate = { ...candidate('DATABASE_URL', '127.0.0.1', 54322, 'supabase/config.toml'), isLocal: true }

/** A world in which `bouncer` is a pooler, whatever its URL looks like. */
async function settle(candidates: readonly UrlCandidate[], ...answers: string[]) {
  const tried: string[] = []
  const inspect = async (url: string): Promise<DatabaseInspection> => {
    const { host } = new URL(url)
    tried.push(host)
    if (host.startsWith('x.'))
      throw new DatabaseError('unreachable', `Can't connect to ${host}.`, { hint: 'Start it.' })
    const facts = { version: '17.2', role: 'me', database: 'd', tables: 3, missing: [] }
    return { ...facts, transactionPooler: host.startsWith('bouncer') }
  }
  const { ask, questions } = asked(...answers)
  const { signal } = new AbortController()
  const settled = await settleDatabase(candidates, {
    ...{ ask: answers.length === 0 ? null : ask, schema: 'public', inspect, signal },
  })
  return { settled, tried, questions }
}

test('a pooler that only the server knows: the next direct variable, or a warning', async () => {
  const { settled, tried } = await settle([BOUNCER, DIRECT, LOCAL])
  expect(settled).toMatchObject({ settings: { env: 'DIRECT_URL' }, warnings: [], server: { version: '17.2' } })
  expect(tried).toEqual(['bouncer:6432', 'direct:5432'])
  const alone = await settle([BOUNCER, SUPABASE, LOCAL])
  expect(alone.settled).toMatchObject({ settings: { env: 'DATABASE_URL' }, server: { transactionPooler: true } })
  expect(alone.settled?.warnings).toEqual([expect.stringMatching(/^It is a pooler in transaction mode/)])
})

test('a person may want the pooler all the same', async () => {
  const { settled, questions } = await settle([BOUNCER, DIRECT], '1', 'n')
  expect(settled?.settings).toEqual({ env: 'DATABASE_URL', file: '.env' })
  expect(questions[1]).toMatch(/^DATABASE_URL is a pooler.*Take DIRECT_URL in \.env: direct:5432/)
})

test('the session port is what is tried; what does not answer is a warning with the way out', async () => {
  const { settled, tried } = await settle([SUPABASE])
  expect(tried).toEqual(['x.pooler.supabase.com:5432'])
  expect(settled).toMatchObject({ server: null, warnings: ["Can't connect to x.pooler.supabase.com:5432. Start it."] })
})

test('untried, a pooler that was kept is told by its looks; Ctrl-C is none of its warnings', async () => {
  const stop = new AbortController()
  const how = { schema: 'public', signal: stop.signal }
  const kept = await settleDatabase([SUPABASE], { ...how, ask: asked('n').ask, inspect: null })
  expect(kept?.warnings).toEqual([expect.stringMatching(/^It is a pooler/)])
  const waiting = settleDatabase([DIRECT], { ...how, ask: null, inspect: () => new Promise(() => {}) })
  setTimeout(() => stop.abort(new DatabaseError('stopped', 'Interrupted.')), 10)
  await expect(waiting).rejects.toThrow('Interrupted.')
  expect(await settleDatabase([], { ...how, ask: null, inspect: null })).toBe(null)
})
