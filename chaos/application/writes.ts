import type pg from 'pg'
import type { Random } from '../../test/scenarios/random.ts'
import { type Effect, keyOf, refOf } from './journal.ts'

/** One transaction: what it does, and its statements. */
export interface Write {
  readonly effects: readonly Effect[]
  readonly statements: readonly Statement[]
}

interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** Rows that it must touch; a write that finds none has lost its row. */
  readonly rows?: number
}

/** What a process may write: only orders that are its own, but for the counters. */
export interface Own {
  readonly random: Random
  /** Number of this process, and how many there are. */
  readonly process: number
  readonly processes: number
  /** Never used before by this process. */
  readonly next: number
  /** Acknowledged inserts that were not deleted. */
  readonly orders: number[]
  readonly tags: string[]
}

export const ORDERS = 3000
export const PHONED = 2000
export const ACCOUNTS = 300
const HOT = 40

/** A transaction by the old names. */
export function drawOldWrite(own: Own): Write {
  const { random } = own
  const [order, value] = [drawOrder(own, ORDERS), `${own.process}-${own.next}`]
  const phoned = drawOrder(own, PHONED)
  switch (random.int(11)) {
    case 0:
      return set('title', order, value, 'update orders_web set title = $2 where order_id = $1', keyOf('order', order))
    case 1:
      return set('note', phoned, value, 'update orders_phone set note = $2 where order_ref = $1', refOf(phoned))
    case 2:
      return drawPaid(own, value)
    case 3:
      return drawName(own, value, 'update accounts set name = $2 where id = $1')
    case 4:
      return add('hits', random.int(HOT), 'update orders_web set hits = hits + 1 where order_id = $1', keyOf)
    case 5:
      return add('calls', random.int(HOT), 'update orders_phone set calls = calls + 1 where order_ref = $1', (_, n) =>
        refOf(n),
      )
    case 6:
      return both(
        set('title', phoned, value, 'update orders_web set title = $2 where order_id = $1', keyOf('order', phoned)),
        set('note', phoned, value, 'update orders_phone set note = $2 where order_ref = $1', refOf(phoned)),
      )
    case 7:
      return insertOrder(own, value)
    case 8:
      return insertTag('click', own, order, 'insert into clicks (order_ref, tag) values ($1, $2)', refOf(order))
    case 9:
      return insertTag(
        'visit',
        own,
        order,
        `insert into visits (order_id, tag, page) values ($1, $2, '/')`,
        keyOf('order', order),
      )
    default:
      return random.chance(0.5) ? deleteOrder(own) : deleteTag(own)
  }
}

/** A transaction by the new names. */
export function drawNativeWrite(own: Own): Write {
  const { random } = own
  const [order, value] = [drawOrder(own, ORDERS), `${own.process}-${own.next}`]
  const phoned = drawOrder(own, PHONED)
  switch (random.int(9)) {
    case 0:
      return set('title', order, value, 'update orders set title = $2 where order_id = $1', keyOf('order', order))
    case 1: {
      const write = set(
        'note',
        phoned,
        value,
        'update orders set note = $2, title = $2 where order_id = $1',
        keyOf('order', phoned),
      )
      return { ...write, effects: [...write.effects, { do: 'set', field: 'title', order: phoned, value }] }
    }
    case 2: {
      const paid = drawPaid(own, value)
      const [effect] = paid.effects
      const key = keyOf('order', effect?.order ?? 0)
      const column = effect?.do === 'set' ? effect.field : 'paid'
      return {
        effects: paid.effects,
        statements: [one(`update orders set ${column} = $2 where order_id = $1`, [key, value])],
      }
    }
    case 3:
      return drawName(own, value, 'update customers set name = $2 where id = $1')
    case 4:
      return add('hits', random.int(HOT), 'update orders set hits = hits + 1 where order_id = $1', keyOf)
    case 5:
      return add('calls', random.int(HOT), 'update orders set calls = calls + 1 where order_id = $1', keyOf)
    case 6: {
      const fresh = freshOrder(own)
      return {
        effects: insertedOrder(fresh, value),
        statements: [
          one('insert into orders (order_id, account_id, title, receipt, note) values ($1, $2, $3, $4, $3)', [
            ...[keyOf('order', fresh), keyOf('account', fresh % ACCOUNTS), value, `r${fresh}`],
          ]),
        ],
      }
    }
    case 7:
      return insertTag(
        'visit',
        own,
        order,
        `insert into activities (order_id, tag, kind, page) values ($1, $2, 'visit', '/')`,
        keyOf('order', order),
      )
    default: {
      const tag = own.tags[random.int(Math.max(1, own.tags.length))]
      if (tag === undefined)
        return insertTag(
          'visit',
          own,
          order,
          `insert into activities (order_id, tag, kind, page) values ($1, $2, 'visit', '/')`,
          keyOf('order', order),
        )
      return {
        effects: [{ do: 'delete', what: thingOf(tag), order: 0, tag }],
        statements: [one('delete from activities where tag = $1', [tag])],
      }
    }
  }
}

/** Runs the statements; throws where a row that must be there isn't. */
export async function runStatements(client: pg.ClientBase, write: Write): Promise<void> {
  for (const { text, values, rows } of write.statements) {
    const result = await client.query(text, [...values])
    if (rows !== undefined && result.rowCount !== rows)
      throw new LostRowError(`${text} ${JSON.stringify(values)}: ${result.rowCount} rows`)
  }
}

/** A row that was acknowledged isn't there any more. */
export class LostRowError extends Error {}

function set(
  field: 'title' | 'note' | 'paid' | 'name',
  order: number,
  value: string,
  text: string,
  key: string,
): Write {
  return { effects: [{ do: 'set', field, order, value }], statements: [one(text, [key, value])] }
}

function add(counter: 'hits' | 'calls', order: number, text: string, key: (kind: 'order', n: number) => string): Write {
  return { effects: [{ do: 'add', counter, order }], statements: [one(text, [key('order', order)])] }
}

function both(a: Write, b: Write): Write {
  return { effects: [...a.effects, ...b.effects], statements: [...a.statements, ...b.statements] }
}

function one(text: string, values: readonly unknown[]): Statement {
  return { text, values, rows: 1 }
}

function drawOrder(own: Own, below: number): number {
  return own.process + own.processes * own.random.int(Math.floor(below / own.processes))
}

function drawPaid(own: Own, value: string): Write {
  // Only every second order is paid for; two processes more than that have none of their own to write.
  const order = drawOrder(own, ORDERS)
  if (order % 2 === 1)
    return set('title', order, value, 'update orders_web set title = $2 where order_id = $1', keyOf('order', order))
  return set('paid', order, value, 'update payments set paid = $2 where receipt = $1', `r${order}`)
}

function drawName(own: Own, value: string, text: string): Write {
  const account = drawOrder(own, ACCOUNTS)
  return set('name', account, value, text, keyOf('account', account))
}

function freshOrder(own: Own): number {
  return 1_000_000 * (own.process + 1) + own.next
}

function insertedOrder(order: number, value: string): Effect[] {
  return [
    { do: 'insert', what: 'order', order },
    { do: 'set', field: 'title', order, value },
    { do: 'set', field: 'note', order, value },
  ]
}

function insertOrder(own: Own, value: string): Write {
  const order = freshOrder(own)
  const [key, account] = [keyOf('order', order), keyOf('account', order % ACCOUNTS)]
  const web = one('insert into orders_web (order_id, account_id, title, receipt) values ($1, $2, $3, $4)', [
    key,
    account,
    value,
    `r${order}`,
  ])
  const phone = one('insert into orders_phone (order_ref, note) values ($1, $2)', [refOf(order), value])
  const paid = one('insert into payments (receipt, paid) values ($1, $2)', [`r${order}`, value])
  // Whoever wrote it had no order in mind: the payment may come before what it is linked to.
  const at = own.random.int(3)
  const statements = at === 0 ? [paid, web, phone] : at === 1 ? [phone, web, paid] : [web, phone]
  const effects = insertedOrder(order, value)
  return { statements, effects: at === 2 ? effects : [...effects, { do: 'set', field: 'paid', order, value }] }
}

function insertTag(what: 'click' | 'visit', own: Own, order: number, text: string, key: string): Write {
  const tag = `${what} ${own.process}-${own.next}`
  return { effects: [{ do: 'insert', what, order, tag }], statements: [one(text, [key, tag])] }
}

function thingOf(tag: string): 'click' | 'visit' {
  return tag.startsWith('click') ? 'click' : 'visit'
}

function deleteTag(own: Own): Write {
  const tag = own.tags[own.random.int(Math.max(1, own.tags.length))]
  if (tag === undefined) return insertOrder(own, `${own.process}-${own.next}`)
  const what = thingOf(tag)
  const text = what === 'click' ? 'delete from clicks where tag = $1' : 'delete from visits where tag = $1'
  return { effects: [{ do: 'delete', what, order: 0, tag }], statements: [one(text, [tag])] }
}

function deleteOrder(own: Own): Write {
  const order = own.orders[own.random.int(Math.max(1, own.orders.length))]
  if (order === undefined) return insertOrder(own, `${own.process}-${own.next}`)
  return {
    effects: [{ do: 'delete', what: 'order', order }],
    statements: [
      { text: 'delete from payments where receipt = $1', values: [`r${order}`] },
      // One that was inserted by the new name is written in lower case.
      { text: 'delete from orders_phone where order_ref = any ($1)', values: [[refOf(order), keyOf('order', order)]] },
      one('delete from orders_web where order_id = $1', [keyOf('order', order)]),
    ],
  }
}
