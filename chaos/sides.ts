import type pg from 'pg'
import type { Expected } from './expected.ts'

/** One side of the database, each value by its key. */
export interface Side {
  readonly fields: { readonly [field in 'title' | 'note' | 'paid' | 'name']: ReadonlyMap<string, string> }
  readonly counters: { readonly [counter in 'hits' | 'calls']: ReadonlyMap<string, string> }
  readonly orders: ReadonlySet<string>
  readonly tags: ReadonlySet<string>
  /** Side effects of the trigger: how often it has fired for each order. */
  readonly logged: ReadonlyMap<string, string>
}

type Row = { key: string; value: string | null; counter: string | null }

const LOGGED = /* sql */ `select order_id as key, count(*) as value, null as counter from hits_log group by 1`

/** By the old names, in `schema`. */
export async function readOldSide(client: pg.ClientBase, schema = 'public'): Promise<Side> {
  const read = readerOf(client, [schema, 'public'])
  const web = await read(/* sql */ `select order_id as key, title as value, hits as counter from orders_web`)
  const phone = await read(/* sql */ `select order_ref::uuid as key, note as value, calls as counter from orders_phone`)
  const paid = await read(
    /* sql */ `select w.order_id as key, p.paid as value, null as counter from payments p left join orders_web w using (receipt)`,
  )
  const names = await read(/* sql */ `select id as key, name as value, null as counter from accounts`)
  const tags = await read(
    /* sql */ `select tag as key, null as value, null as counter from clicks union all select tag, null, null from visits`,
  )
  return buildSide(web, phone, paid, names, tags, await read(LOGGED))
}

/** By the new names, in `schema`. */
export async function readNewSide(client: pg.ClientBase, schema: string): Promise<Side> {
  const read = readerOf(client, [schema, 'public'])
  const web = await read(/* sql */ `select order_id as key, title as value, hits as counter from orders`)
  const phone = await read(/* sql */ `select order_id as key, note as value, nullif(calls, 0) as counter from orders`)
  const paid = await read(/* sql */ `select order_id as key, paid as value, null as counter from orders`)
  const names = await read(/* sql */ `select id as key, name as value, null as counter from customers`)
  const tags = await read(/* sql */ `select tag as key, null as value, null as counter from activities`)
  return buildSide(web, phone, paid, names, tags, await read(LOGGED))
}

function readerOf(client: pg.ClientBase, schemas: readonly string[]): (text: string) => Promise<Row[]> {
  return async (text) => {
    await client.query(/* sql */ `select set_config('search_path', $1, false)`, [schemas.join(', ')])
    return (await client.query<Row>(text)).rows
  }
}

function buildSide(web: Row[], phone: Row[], paid: Row[], names: Row[], tags: Row[], logged: Row[]): Side {
  const values = (rows: Row[]) =>
    new Map(rows.flatMap(({ key, value }) => (value === null ? [] : [[key, value] as const])))
  // No calls are as good as no row: not every order was made by phone.
  const counters = (rows: Row[]) =>
    new Map(rows.flatMap(({ key, counter }) => (counter === null || counter === '0' ? [] : [[key, counter] as const])))
  return {
    fields: { title: values(web), note: values(phone), paid: values(paid), name: values(names) },
    counters: { hits: counters(web), calls: counters(phone) },
    orders: new Set(web.map((row) => row.key)),
    tags: new Set(tags.map((row) => row.key)),
    logged: values(logged),
  }
}

/** What the application was told is there, and isn't; each as a sentence. */
export function findLost(expected: Expected, side: Side): string[] {
  const found: string[] = []
  for (const [field, values] of Object.entries(expected.fields)) {
    const actual = side.fields[field as 'title']
    for (const [key, { acked, maybe }] of values) {
      if (field !== 'name' && expected.orders.get(key) !== 'there') continue
      const value = actual.get(key)
      if (value === acked || (value !== undefined && maybe.has(value))) continue
      found.push(`${field} of ${key} is ${value}, acknowledged ${acked}, perhaps ${[...maybe].join(', ')}`)
    }
  }
  for (const [counter, bounds] of Object.entries(expected.counters)) {
    for (const [key, { least, most }] of bounds) {
      const value = Number(side.counters[counter as 'hits'].get(key) ?? 0)
      if (value < least || value > most) found.push(`${counter} of ${key} is ${value}, not from ${least} to ${most}`)
    }
  }
  found.push(...findStrangers('order', expected.orders, side.orders), ...findStrangers('tag', expected.tags, side.tags))
  for (const key of new Set([...side.counters.hits.keys(), ...side.logged.keys()])) {
    const [hits, logged] = [side.counters.hits.get(key) ?? '0', side.logged.get(key) ?? '0']
    if (hits !== logged) found.push(`the trigger has fired ${logged} times for ${hits} hits of ${key}`)
  }
  return found
}

function findStrangers(what: string, expected: ReadonlyMap<string, string>, actual: ReadonlySet<string>): string[] {
  return [
    ...[...expected].flatMap(([key, there]) =>
      there === 'there' && !actual.has(key) ? [`${what} ${key} is lost`] : [],
    ),
    ...[...actual].flatMap((key) =>
      !expected.has(key) || expected.get(key) === 'gone' ? [`${what} ${key} is there, and must not be`] : [],
    ),
  ]
}

/** Where the two sides differ, by a comparison that shares nothing with the tool's. */
export function findDifferences(old: Side, fresh: Side): string[] {
  const found: string[] = []
  const maps = (side: Side): [string, ReadonlyMap<string, string>][] => [
    ...Object.entries(side.fields),
    ...Object.entries(side.counters),
  ]
  const others = new Map(maps(fresh))
  for (const [name, values] of maps(old)) {
    const other = others.get(name) ?? new Map<string, string>()
    for (const key of new Set([...values.keys(), ...other.keys()])) {
      if (values.get(key) !== other.get(key))
        found.push(`${name} of ${key}: old ${values.get(key)}, new ${other.get(key)}`)
    }
  }
  for (const name of ['orders', 'tags'] as const) {
    for (const key of new Set([...old[name], ...fresh[name]])) {
      if (old[name].has(key) !== fresh[name].has(key))
        found.push(`${name}: ${key} is only on the ${old[name].has(key) ? 'old' : 'new'} side`)
    }
  }
  return found
}
