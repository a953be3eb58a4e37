import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { crossfade } from '../../src/client/pg.ts'
import { createRandom } from '../../test/scenarios/random.ts'
import { type Effect, Journal, keyOf, readJournal } from './journal.ts'
import type { FromApplication, Mode, Settings, ToApplication } from './messages.ts'
import { drawNativeWrite, drawOldWrite, LostRowError, ORDERS, type Own, runStatements, type Write } from './writes.ts'

const settings = JSON.parse(process.argv[2] ?? '') as Settings
const pool = crossfade(
  new pg.Pool({
    connectionString: settings.databaseUrl,
    max: 2,
    application_name: `chaos application ${settings.process}`,
    connectionTimeoutMillis: 20_000,
  }),
)
pool.on('error', () => undefined)
// Of a client that is checked out, too: whoever waits for an answer gets the error.
pool.on('connect', (client) => client.on('error', () => undefined))
const STALE_MS = 10_000
const journal = new Journal(settings.journalPath)
const random = createRandom(`${settings.seed} ${journal.next}`)
/** Of this process alone: orders and tags that it has inserted and not deleted, and the last title of each order. */
const orders: number[] = []
const tags: string[] = []
const acknowledged = new Map<number, string>()
recall()
let mode: Mode = settings.mode
let dieAt: 'before' | 'during' | 'after' | null = null

process.on('message', (message: ToApplication) => {
  if (message.mode !== undefined) mode = message.mode
  if (message.die !== undefined) dieAt = message.die
})
process.on('disconnect', () => process.exit(0))

let said: Mode | null = null
for (;;) {
  if (said !== mode) {
    said = mode
    send({ at: mode })
  }
  if (mode === 'paused') {
    await sleep(5)
    continue
  }
  const native = mode === 'native' || (mode === 'both' && random.chance(0.5))
  if (random.chance(0.15) && mode !== 'native') await read()
  else await write(native)
  await sleep(settings.pauseMs * (0.5 + random.next()))
}

/** Once; what fails is noted, and the next transaction is another one, as of another user. */
async function write(native: boolean): Promise<void> {
  const own: Own = {
    random,
    process: settings.process,
    processes: settings.processes,
    next: journal.next,
    orders,
    tags,
  }
  const drawn = native ? drawNativeWrite(own) : drawOldWrite(own)
  let intent: number | null = null
  let client: pg.PoolClient | null = null
  try {
    client = await pool.connect()
    await begin(client, drawn, native)
    intent = journal.intend(drawn.effects)
    if (dieAt === 'before') process.kill(process.pid, 'SIGKILL')
    const committing = client.query('commit')
    if (dieAt === 'during') process.kill(process.pid, 'SIGKILL')
    await committing
    if (dieAt === 'after') process.kill(process.pid, 'SIGKILL')
    journal.acknowledge(intent)
    note(drawn.effects)
    client.release()
  } catch (error) {
    // An answer of the server to COMMIT says that it was undone; a connection that was lost says nothing.
    if (intent !== null && isAnswer(error)) journal.undo(intent)
    else if (intent !== null) note(drawn.effects, false)
    client?.release(true)
    tell(error, native ? 'new' : 'old')
  }
}

/** A row that came by the old name, and waits in the outbox, is not there yet by the new one; it must be soon. */
async function begin(client: pg.PoolClient, drawn: Write, native: boolean): Promise<void> {
  for (const until = Date.now() + STALE_MS; ; await sleep(50)) {
    await client.query('begin')
    try {
      return await runStatements(client, drawn)
    } catch (error) {
      if (!native || !(error instanceof LostRowError) || Date.now() > until) throw error
      await client.query('rollback')
    }
  }
}

/** What was acknowledged is read, by the old name; a stale answer must not stay for longer than a moment. */
async function read(): Promise<void> {
  const order = settings.process + settings.processes * random.int(Math.floor(ORDERS / settings.processes))
  const text = 'select title from orders_web where order_id = $1'
  try {
    const known = acknowledged.get(order)
    if (known === undefined) {
      await pool.query(text, [keyOf('order', order)])
      return
    }
    for (const until = Date.now() + STALE_MS; ; await sleep(50)) {
      const { rows } = await pool.query<{ title: string }>(text, [keyOf('order', order)])
      if (rows[0]?.title === known) return
      if (Date.now() > until)
        throw new LostRowError(`order ${order}: read ${JSON.stringify(rows)}, acknowledged ${known}`)
    }
  } catch (error) {
    tell(error, 'read')
  }
}

function note(effects: readonly Effect[], isKnown = true): void {
  for (const effect of effects) {
    if (effect.do === 'set' && effect.field === 'title') {
      if (isKnown) acknowledged.set(effect.order, effect.value)
      else acknowledged.delete(effect.order)
    }
    if (effect.do === 'insert' && isKnown) {
      if (effect.what === 'order') orders.push(effect.order)
      else tags.push(effect.tag ?? '')
    }
    // Whether known or not: it isn't written to again.
    if (effect.do === 'delete') {
      if (effect.what === 'order') remove(orders, effect.order)
      else remove(tags, effect.tag ?? '')
    }
  }
}

function remove<Item>(list: Item[], item: Item): void {
  const at = list.indexOf(item)
  if (at >= 0) list.splice(at, 1)
}

/** After a kill: what the journal of this process knows. */
function recall(): void {
  const lines = readJournal(settings.journalPath)
  const acked = new Set(lines.flatMap((line) => ('acked' in line ? [line.acked] : [])))
  const undone = new Set(lines.flatMap((line) => ('undone' in line ? [line.undone] : [])))
  for (const line of lines) {
    if ('intent' in line && !undone.has(line.intent)) note(line.effects, acked.has(line.intent))
  }
}

function tell(error: unknown, side: string): void {
  const { code = '', message } = error as { code?: string; message: string }
  const lost = error instanceof LostRowError
  appendFileSync(
    settings.errorsPath,
    `${JSON.stringify({ at: Date.now(), side, code: lost ? 'lost' : code, message })}\n`,
  )
}

function isAnswer(error: unknown): boolean {
  const { code = '' } = error as { code?: string }
  return /^[0-9A-Z]{5}$/.test(code) && !/^(57P|08)/.test(code)
}

function send(message: FromApplication): void {
  process.send?.(message)
}
