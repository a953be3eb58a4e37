import { type Effect, keyOf, type Line, readJournal } from './application/journal.ts'
import { ACCOUNTS, ORDERS, PHONED } from './application/writes.ts'

/** What a value may be: the last acknowledged one, or one whose commit was never answered. */
interface Value {
  acked: string
  readonly maybe: Set<string>
}

type There = 'there' | 'gone' | 'maybe'

/** What must be in the database, as far as the application knows. Keys are those of the tables. */
export interface Expected {
  readonly fields: { readonly [field in 'title' | 'note' | 'paid' | 'name']: Map<string, Value> }
  readonly counters: { readonly [counter in 'hits' | 'calls']: Map<string, { least: number; most: number }> }
  readonly orders: Map<string, There>
  readonly tags: Map<string, There>
  /** Transactions that were acknowledged, and those of which nobody knows. */
  readonly acked: number
  readonly unknown: number
}

/** Reads the journals of all processes, over the rows that old.sql made. */
export function readExpected(journals: readonly string[]): Expected {
  const expected = buildStart()
  let acked = 0
  let unknown = 0
  for (const path of journals) {
    const lines = readJournal(path)
    const fates = readFates(lines)
    for (const line of lines) {
      if (!('intent' in line)) continue
      const fate = fates.get(line.intent)
      if (fate === 'undone') continue
      if (fate === 'acked') acked++
      else unknown++
      for (const effect of line.effects) apply(expected, effect, fate === 'acked')
    }
  }
  return { ...expected, acked, unknown }
}

function readFates(lines: readonly Line[]): Map<number, 'acked' | 'undone'> {
  const fates = new Map<number, 'acked' | 'undone'>()
  for (const line of lines) {
    if ('acked' in line) fates.set(line.acked, 'acked')
    if ('undone' in line) fates.set(line.undone, 'undone')
  }
  return fates
}

type Start = Omit<Expected, 'acked' | 'unknown'>

function buildStart(): Start {
  const values = (keys: readonly string[]): Map<string, Value> =>
    new Map(keys.map((key) => [key, { acked: 'start', maybe: new Set<string>() }]))
  const numbers = (below: number): number[] => Array.from({ length: below }, (_, n) => n)
  const orders = numbers(ORDERS).map((n) => keyOf('order', n))
  const phoned = orders.slice(0, PHONED)
  const zero = (keys: readonly string[]) => new Map(keys.map((key) => [key, { least: 0, most: 0 }]))
  return {
    fields: {
      title: values(orders),
      note: values(phoned),
      paid: values(orders.filter((_, n) => n % 2 === 0)),
      name: values(numbers(ACCOUNTS).map((n) => keyOf('account', n))),
    },
    counters: { hits: zero(orders), calls: zero(phoned) },
    orders: new Map(orders.map((key) => [key, 'there'])),
    tags: new Map(numbers(1000).flatMap((n) => [`click ${n}`, `visit ${n}`].map((tag) => [tag, 'there'] as const))),
  }
}

function apply(expected: Start, effect: Effect, acked: boolean): void {
  if (effect.do === 'set') {
    const key = keyOf(effect.field === 'name' ? 'account' : 'order', effect.order)
    const values = expected.fields[effect.field]
    const value = values.get(key)
    if (acked) values.set(key, { acked: effect.value, maybe: new Set() })
    else if (value) value.maybe.add(effect.value)
    else values.set(key, { acked: effect.value, maybe: new Set() })
  } else if (effect.do === 'add') {
    const counter = expected.counters[effect.counter].get(keyOf('order', effect.order))
    if (!counter) throw new Error(`order ${effect.order} has no ${effect.counter}`)
    counter.most++
    if (acked) counter.least++
  } else {
    const [map, key] =
      effect.what === 'order' ? [expected.orders, keyOf('order', effect.order)] : [expected.tags, effect.tag ?? '']
    map.set(key, acked ? (effect.do === 'insert' ? 'there' : 'gone') : 'maybe')
  }
}
