import type pg from 'pg'
import type { Model, NewTable, OldTable, SpecObject, SpecValue } from './case.ts'
import { quote } from './write-sql.ts'

/** What one old row gives to one new column. */
export interface Cell {
  readonly text: string | null
  /** The mapping can't tell a value from it (`fault`), or its expression fails (`raised`). */
  readonly wrong: 'fault' | 'raised' | null
}

/** An old row as the mapping's author would read it. */
export interface SourceRow {
  /** Null: it has none. */
  readonly key: readonly string[] | 'generated' | null
  readonly cells: ReadonlyMap<string, Cell>
  /** Seconds; what `latest by` looks at. */
  readonly at: number | null
  /** Old values by their own names. */
  readonly own: ReadonlyMap<string, string | null>
}

export interface Source {
  readonly name: string
  readonly spec: SpecObject
  /** Those that the filter lets pass; the one that feeds a key before the others that have it. */
  readonly rows: readonly SourceRow[]
  /** New columns that it feeds. */
  readonly feeds: ReadonlySet<string>
}

/** Asks for the value of any expression over one row, whatever comes of it. */
const TRY = `create function pg_temp.fuzz_try(place oid, row_at tid, expression text) returns text language plpgsql as $$
  declare found text;
  begin
    execute format('select (%s)::text from only %s where ctid = %L', expression, place::regclass, row_at) into found;
    return 'v' || found;
  exception when others then return '!' || sqlstate;
  end $$`

/** In a transaction that is rolled back: the text of a value doesn't depend on who asks. */
export async function withPlainTexts<T>(client: pg.Client, fn: () => Promise<T>): Promise<T> {
  await client.query(`begin`)
  try {
    await client.query(`set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; ${TRY}`)
    return await fn()
  } finally {
    await client.query('rollback')
  }
}

/** The values of expressions for each row of an old table, in the order of these terms. Failed ones are undefined. */
async function readTable(
  client: pg.Client,
  table: string,
  expressions: readonly string[],
  order: readonly string[],
): Promise<(string | null | undefined)[][]> {
  const texts = expressions.map((text) => `pg_temp.fuzz_try(t.tableoid, t.ctid, ${client.escapeLiteral(text)})`)
  const { rows } = await client.query<{ found: (string | null)[] }>(
    `select array[${texts.join(', ')}]::text[] as found from ${quote(table)} as t order by ${order.join(', ')}`,
  )
  return rows.map(({ found }) =>
    found.map((text) => (text === null ? null : text.startsWith('v') ? text.slice(1) : undefined)),
  )
}

/** Of equal keys the same text. */
export function plainKey(expression: string, kind: string): string {
  return kind === 'numeric' ? `trim_scale(${expression})` : expression
}

/** Text that is no such value gives null, where blanks around it don't count. */
function safeCast(expression: string, kind: string): string {
  const inner = /^(.*)::(uuid|integer|numeric)$/s.exec(expression)?.[1]
  const typed = inner === undefined ? `(${expression})::${kind}` : `btrim((${inner})::text)::${kind}`
  return typed
}

export function kindOf(table: NewTable, column: string): string {
  const type = table.columns.find((c) => c.name === column)?.type ?? 'text'
  return type.replace(/ not null.*/, '').replace(/\(.*/, '')
}

/** The rows of one source of a new table, by its word in the mapping alone. */
export async function readSource(
  client: pg.Client,
  model: Model,
  table: NewTable,
  name: string,
  spec: SpecObject,
): Promise<Source> {
  const old = model.old.find((one) => one.name === name)
  if (!old) throw new Error(`no old table ${name}`)
  const words = (spec.columns ?? {}) as SpecObject
  const expressions: string[] = []
  const ask = (text: string): number => expressions.push(text) - 1
  const passes = ask(spec.where === undefined ? 'true' : `(${spec.where as string}) is true`)
  const time = old.columns.find((c) => c.role === 'time')
  const at = ask(time ? `extract(epoch from ${quote(time.name)})` : 'null')
  const key = await planKey(client, table, old, spec, ask)
  const plans = new Map<string, (found: Found) => Cell | 'omit'>()
  for (const column of table.columns) {
    if (table.key.includes(column.name)) continue
    const plan = await planCell(client, table, old, column.name, words[column.name], ask)
    if (plan) plans.set(column.name, plan)
  }
  const own = old.columns.map((c) => [c.name, ask(quote(c.name))] as const)
  const latest = typeof spec.latestBy === 'string' ? [`${quote(spec.latestBy)} desc nulls last`] : []
  const found = await readTable(client, name, expressions, [...latest, ...old.primary.map(quote)])
  const rows = found.flatMap((values): SourceRow[] => {
    if (values[passes] !== 'true') return []
    const cells = new Map<string, Cell>()
    for (const [column, plan] of plans) {
      const cell = plan(values)
      if (cell === 'omit') return []
      cells.set(column, cell)
    }
    const seconds = values[at] ?? null
    return [
      {
        key: key(values),
        cells,
        at: seconds === null ? null : Number(seconds),
        own: new Map(own.map(([column, i]) => [column, values[i] ?? null])),
      },
    ]
  })
  return { name, spec, rows, feeds: new Set(plans.keys()) }
}

type Found = readonly (string | null | undefined)[]
type Ask = (expression: string) => number

/** How the key of a row is told. */
async function planKey(
  client: pg.Client,
  table: NewTable,
  old: OldTable,
  spec: SpecObject,
  ask: Ask,
): Promise<(found: Found) => SourceRow['key']> {
  const given = spec.key
  if (given !== undefined && typeof given === 'object' && !Array.isArray(given)) {
    const kinds = table.key.map((name) => kindOf(table, name))
    const { find, from } = await planLink(client, given as SpecObject, kinds, plainKey)
    const link = ask(from)
    const otherwise = (given as SpecObject).otherwise === 'generate' ? ('generated' as const) : null
    return (found) => find(found[link] ?? null) ?? otherwise
  }
  const parts = given === undefined ? table.key.map(quote) : ((Array.isArray(given) ? given : [given]) as string[])
  const places = parts.map((part, i) => {
    const kind = kindOf(table, table.key[i] ?? '')
    return ask(plainKey(safeCast(part, kind), kind))
  })
  if (old.columns.length === 0 || table.kind === 'append') return () => null
  return (found) => {
    const key = places.map((place) => found[place] ?? null)
    return key.every((part) => part !== null) ? key : null
  }
}

/** The row of the other table: the first that has this value and gives all that is taken. */
async function planLink(
  client: pg.Client,
  via: SpecObject,
  kinds: readonly string[],
  wish: (expression: string, kind: string) => string,
): Promise<{ from: string; find: (link: string | null) => string[] | null }> {
  const on = via.on as string | { from: string; to: string }
  const [from, to] = typeof on === 'string' ? [on, on] : [on.from, on.to]
  const takes = (Array.isArray(via.take) ? via.take : [via.take]) as string[]
  const [, direction, by] = /^(latest|earliest) by (.*)$/s.exec((via.pick as string) ?? '') ?? []
  const { rows: identity } = await client.query<{ name: string }>(
    `select quote_ident(a.attname) as name from pg_index as i, unnest(i.indkey) with ordinality as k (at, place)
       join pg_attribute as a on a.attnum = k.at
      where i.indrelid = $1::regclass and a.attrelid = i.indrelid and i.indisprimary order by k.place`,
    [quote(via.via as string)],
  )
  const picked = by === undefined ? [] : [`${by} ${direction === 'latest' ? 'desc' : 'asc'} nulls last`]
  const rows = await readTable(
    client,
    via.via as string,
    [to, ...takes.map((take, i) => wish(safeCast(take, kinds[i] ?? 'text'), kinds[i] ?? 'text'))],
    [...picked, ...identity.map(({ name }) => name)],
  )
  return {
    from,
    find(link) {
      if (link === null) return null
      const first = rows.find(([value, ...taken]) => value === link && taken.every((part) => part != null))
      return first ? (first.slice(1) as string[]) : null
    },
  }
}

/** What the source says of one new column; undefined where it doesn't feed it. */
async function planCell(
  client: pg.Client,
  table: NewTable,
  old: OldTable,
  name: string,
  word: SpecValue | undefined,
  ask: Ask,
): Promise<((found: Found) => Cell | 'omit') | undefined> {
  const rule = (table.spec.columns as SpecObject | undefined)?.[name] as SpecObject | undefined
  const column = table.columns.find((c) => c.name === name)
  if (word === false || rule?.from !== undefined || /serial|identity|uuid primary/.test(column?.type ?? ''))
    return undefined
  const kind = kindOf(table, name)
  if (word === undefined) {
    if (!old.columns.some((c) => c.name === name)) return undefined
    return planExpression(quote(name), kind, ask)
  }
  if (typeof word === 'string') return planExpression(word, kind, ask)
  const spec = word as SpecObject
  if (spec.via !== undefined) {
    const { find, from } = await planLink(client, spec, [kind], (value) => value)
    const link = ask(from)
    return (found) => {
      const [value = null] = find(found[link] ?? null) ?? []
      if (value === null && spec.otherwise === 'omit') return 'omit'
      return { text: value, wrong: value === null && spec.otherwise !== 'null' ? 'fault' : null }
    }
  }
  if (spec.values === undefined) return planExpression(spec.from as string, kind, ask)
  const values = spec.values as { [word: string]: string }
  const at = ask((spec.from as string | undefined) ?? quote(name))
  return (found) => {
    const given = found[at] ?? null
    if (given === null) return { text: null, wrong: null }
    const known = Object.hasOwn(values, given) ? values[given] : undefined
    if (known !== undefined) return { text: known, wrong: null }
    const { unknown } = spec
    if (unknown === 'keep') return { text: given, wrong: null }
    if (unknown === undefined || unknown === 'journal') return { text: null, wrong: 'fault' }
    return { text: (unknown as { as: string | null }).as, wrong: null }
  }
}

function planExpression(expression: string, kind: string, ask: Ask): (found: Found) => Cell {
  // A text that is no uuid is told without an error.
  const safe = kind === 'uuid' && /::uuid$/.test(expression)
  const at = ask(safe ? safeCast(expression, 'uuid') : `(${expression})::${kind}`)
  return (found) => {
    const text = found[at]
    if (text !== undefined) return { text, wrong: null }
    return { text: null, wrong: safe ? 'fault' : 'raised' }
  }
}
