import type pg from 'pg'
import type { Failure, Model, NewTable, SpecObject } from './case.ts'
import { combineRows, type ExpectedRow, type There } from './oracle-rows.ts'
import { kindOf, plainKey, readSource, type Source, withPlainTexts } from './oracle-sources.ts'
import { quote, quoteAlways } from './write-sql.ts'

/** How much was judged. */
export interface Judged {
  rows: number
  unknown: number
}

interface Expected {
  readonly rows: readonly ExpectedRow[]
  /** Rows that it may have beside them: made for children, or under keys that Crossfade makes. */
  readonly others: 'none' | 'some'
}

/**
 * What each new table should hold, computed from the old rows by the words of the mapping and nothing of Crossfade's own:
 * both sides can be equal and the projection wrong. To be asked when all is quiet.
 */
export async function checkByOracle(client: pg.Client, model: Model, judged: Judged): Promise<Failure[]> {
  const failures: Failure[] = []
  await withPlainTexts(client, async () => {
    const sources = new Map<NewTable, Source[]>()
    for (const table of model.new) {
      const specs = Object.entries(table.spec.sources as { [name: string]: SpecObject })
      const read: Source[] = []
      for (const [name, spec] of specs) read.push(await readSource(client, model, table, name, spec))
      sources.set(table, read)
    }
    const known = new Map<NewTable, Expected>()
    const expected = (table: NewTable): Expected => {
      const made = known.get(table) ?? expectRows(model, table, sources, expected)
      known.set(table, made)
      return made
    }
    for (const table of model.new) {
      const found = compare(table, expected(table), await readNewRows(client, table), judged)
      if (found.length > 0) failures.push({ kind: 'oracle', detail: `${table.name}:\n${found.slice(0, 8).join('\n')}` })
    }
  })
  return failures
}

function expectRows(
  model: Model,
  table: NewTable,
  sources: ReadonlyMap<NewTable, readonly Source[]>,
  expected: (table: NewTable) => Expected,
): Expected {
  const own = sources.get(table) ?? []
  const rows = combineRows(table, own)
  const others = own.some((source) => source.rows.some((row) => row.key === 'generated')) || hasStubs(model, table)
  for (const rule of uniquesOf(table)) settleUnique(table, rule, rows, others)
  for (const { column, parent } of parentsOf(model, table)) settleParent(table, column, parent, rows, expected)
  return { rows, others: others ? 'some' : 'none' }
}

/** Some child makes rows of it. */
function hasStubs(model: Model, table: NewTable): boolean {
  return model.new.some(
    (child) =>
      parentsOf(model, child).some(({ parent }) => parent === table) &&
      Object.values(child.spec.sources as SpecObject).some((source) => (source as SpecObject).parent === 'stub'),
  )
}

/** Columns that must be unique beside the key. */
function uniquesOf(table: NewTable): string[] {
  return table.columns
    .filter((c) => table.constraints.includes(`unique (${quote(c.name)})`))
    .flatMap(({ name }) => (table.key.length === 1 && table.key[0] === name ? [] : [name]))
}

/** Of rows with one value one stays, whatever else is wrong with any of them. */
function settleUnique(table: NewTable, column: string, rows: readonly ExpectedRow[], others: boolean): void {
  const spec = ((table.spec.unique as SpecObject | undefined)?.[column] ?? {}) as SpecObject
  const [, direction, quoted = ''] = /^(latest|earliest) by (.*)$/s.exec((spec.pick as string | undefined) ?? '') ?? []
  const by = table.columns.find((c) => quoteAlways(c.name) === quoted)?.name ?? ''
  const byValue = new Map<string, ExpectedRow[]>()
  for (const row of rows) {
    const value = row.values.get(column) ?? null
    if (value !== null) byValue.set(value, [...(byValue.get(value) ?? []), row])
  }
  for (const group of byValue.values()) {
    const [winner] = group.toSorted(
      (a, b) =>
        rankOf(a.values.get(by) ?? null, b.values.get(by) ?? null, direction) || compareKeys(table, a.key, b.key),
    )
    for (const row of group)
      if (row !== winner) row.there = 'no'
      else if (others && row.there === 'yes') row.there = 'unknown'
  }
}

/** Of timestamps as PostgreSQL writes them. */
function rankOf(a: string | null, b: string | null, direction: string | undefined): number {
  if (direction === undefined || a === b) return 0
  if (a === null || b === null) return a === null ? 1 : -1
  return (a < b ? -1 : 1) * (direction === 'latest' ? -1 : 1)
}

function compareKeys(table: NewTable, a: readonly string[], b: readonly string[]): number {
  for (const [i, column] of table.key.entries()) {
    const [left = '', right = ''] = [a[i], b[i]]
    const isNumber = /^(integer|numeric)$/.test(kindOf(table, column))
    const order = isNumber ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0
    if (order !== 0) return order
  }
  return 0
}

function parentsOf(model: Model, table: NewTable): { column: string; parent: NewTable }[] {
  return table.columns.flatMap((column) => {
    if (column.values !== 'parent') return []
    const constraint = table.constraints.find((text) => text.startsWith(`foreign key (${quote(column.name)}) `))
    const parent = model.new.find((one) => constraint?.includes(` references ${quote(one.name)} (`))
    return parent ? [{ column: column.name, parent }] : []
  })
}

const ORDER: readonly There[] = ['no', 'unknown', 'yes']

/** A row is there with its parent, but one that is its own. */
function settleParent(
  table: NewTable,
  column: string,
  parent: NewTable,
  rows: readonly ExpectedRow[],
  expected: (table: NewTable) => Expected,
): void {
  const isSelf = parent === table
  const above = isSelf ? { rows, others: 'none' } : expected(parent)
  const normal = (value: string): string =>
    kindOf(parent, parent.key[0] ?? '') === 'numeric' ? trimScale(value) : value
  const wished = new Map(rows.map((row) => [row, row.there]))
  const settle = (): void => {
    for (let changed = true; changed; ) {
      changed = false
      const there = new Map(above.rows.map((row) => [row.key[0], row.there]))
      for (const row of rows) {
        const value = row.values.get(column) ?? null
        if (value === null) continue
        const own = wished.get(row) ?? 'no'
        const itself = isSelf && normal(value) === row.key[0]
        const up: There = itself ? 'yes' : (there.get(normal(value)) ?? 'no')
        const known: There = up === 'no' && above.others === 'some' ? 'unknown' : up
        const now = ORDER[Math.min(ORDER.indexOf(own), ORDER.indexOf(known))] ?? 'no'
        if (now === row.there) continue
        row.there = now
        changed = true
      }
    }
  }
  settle()
  if (!isSelf) return
  // From the top down: rows that wait for each other come only if they were there before they did.
  const most = new Map(rows.map((row) => [row, row.there]))
  for (const row of rows) if ((row.values.get(column) ?? null) !== null) row.there = 'no'
  settle()
  for (const row of rows) if (row.there !== most.get(row)) row.there = 'unknown'
}

function trimScale(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

interface NewRow {
  readonly key: readonly string[]
  readonly values: { readonly [column: string]: string | null }
}

async function readNewRows(client: pg.Client, table: NewTable): Promise<NewRow[]> {
  const keys = table.key.map((name) => plainKey(quote(name), kindOf(table, name)))
  const values = table.columns.flatMap(({ name }) => [client.escapeLiteral(name), `${quote(name)}::text`])
  const place = await client.query<{ name: string }>(
    `select coalesce(to_regclass('new_schema.' || $1), to_regclass('public.' || $1))::text as name`,
    [quoteAlways(table.name)],
  )
  const { rows } = await client.query<NewRow>(
    `select array[${keys.map((key) => `(${key})::text`).join(', ')}]::text[] as key, json_build_object(${values.join(', ')}) as values from ${place.rows[0]?.name}`,
  )
  return rows
}

function compare(table: NewTable, expected: Expected, actual: readonly NewRow[], judged: Judged): string[] {
  // What no source of an appended row feeds is the new side's own.
  const columns = table.columns.filter(({ name }) => expected.rows.every((row) => row.values.has(name)))
  const show = (key: readonly string[], value: (name: string) => string | null | undefined): string =>
    JSON.stringify([key, Object.fromEntries(columns.map(({ name }) => [name, value(name) ?? null]))])
  const left = new Map<string, number>()
  for (const row of actual) {
    const shape = show(row.key, (name) => row.values[name])
    left.set(shape, (left.get(shape) ?? 0) + 1)
  }
  const shapes = expected.rows.map((row) => [row.there, show(row.key, (name) => row.values.get(name))] as const)
  const take = (shape: string): boolean => {
    const count = left.get(shape) ?? 0
    left.set(shape, count - 1)
    return count > 0
  }
  const wrong = shapes.flatMap(([there, shape]) =>
    there === 'yes' && !take(shape) ? [`should be there: ${shape}`] : [],
  )
  const unknown = shapes.filter(([there]) => there === 'unknown')
  for (const [, shape] of unknown) take(shape)
  judged.rows += shapes.length - unknown.length
  judged.unknown += unknown.length
  if (expected.others === 'some') return wrong
  for (const [shape, count] of left) if (count > 0) wrong.push(`should not be there: ${shape}`)
  return wrong
}
