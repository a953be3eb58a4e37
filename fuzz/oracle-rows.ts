import type { NewColumn, NewTable, SpecObject } from './case.ts'
import type { Source, SourceRow } from './oracle-sources.ts'
import { quote } from './write-sql.ts'

/** Whether the new table has the row; `unknown` where the words of the mapping leave it open. */
export type There = 'no' | 'unknown' | 'yes'

export interface ExpectedRow {
  /** Empty for an append. */
  readonly key: readonly string[]
  /** Before any rule about other rows. */
  there: There
  /** What its fed columns hold, as text. */
  readonly values: ReadonlyMap<string, string | null>
}

/** All sources brought together, one row for each key; or, of an append, one for each old row. */
export function combineRows(table: NewTable, sources: readonly Source[]): ExpectedRow[] {
  if (table.kind === 'append')
    return sources.flatMap((source) =>
      source.rows.map((row) => combine(table, [source], new Map([[source, row]]), false)),
    )
  const keys = new Map<string, Map<Source, SourceRow>>()
  const raisedBeside = new Set<string>()
  for (const source of sources) {
    for (const row of source.rows) {
      if (!Array.isArray(row.key)) continue
      const key = JSON.stringify(row.key)
      const rows = keys.get(key) ?? new Map<Source, SourceRow>()
      keys.set(key, rows)
      if (!rows.has(source)) rows.set(source, row)
      // Whether a row that feeds nothing is computed is nobody's promise.
      else if ([...row.cells.values()].some((cell) => cell.wrong === 'raised')) raisedBeside.add(key)
    }
  }
  return [...keys].map(([key, rows]) => combine(table, sources, rows, raisedBeside.has(key)))
}

function combine(
  table: NewTable,
  sources: readonly Source[],
  rows: ReadonlyMap<Source, SourceRow>,
  raisedBeside: boolean,
): ExpectedRow {
  let there: There = raisedBeside ? 'unknown' : 'yes'
  const refuse = (how: There): void => {
    if (there !== 'no') there = how
  }
  for (const row of rows.values()) if ([...row.cells.values()].some((cell) => cell.wrong === 'raised')) refuse('no')
  const values = new Map<string, string | null>()
  for (const column of table.columns) {
    const rule = (table.spec.columns as SpecObject | undefined)?.[column.name] as SpecObject | undefined
    const feeding = orderOf(sources, column.name, rule)
    if (feeding.length === 0 && rule?.from === undefined) continue
    const found =
      rule?.from === undefined ? pickValue(column.name, feeding, rows, rule) : computeMerged(rule, sources, rows)
    if (found.wrong) refuse(found.wrong)
    const text = found.text ?? fallback(column, sources, feeding, rows, rule)
    const fitting = fitInto(column, text)
    if (fitting === undefined) refuse('no')
    if (fitting === null && / not null/.test(column.type)) refuse('no')
    if (fitting != null && isRefusedByCheck(table, column, fitting)) refuse('no')
    values.set(column.name, fitting ?? null)
  }
  const first = sources.flatMap((source) => rows.get(source) ?? [])[0]
  return { key: table.kind === 'append' ? [] : ((first?.key ?? []) as string[]), there, values }
}

function orderOf(sources: readonly Source[], column: string, rule: SpecObject | undefined): Source[] {
  const feeding = sources.filter((source) => source.feeds.has(column))
  const named = ((rule?.sources ?? []) as string[]).flatMap((name) => feeding.find((one) => one.name === name) ?? [])
  return [...named, ...feeding.filter((one) => !named.includes(one))]
}

interface Picked {
  readonly text: string | null
  readonly wrong: There | null
}

/** Whose value counts. */
function pickValue(
  column: string,
  feeding: readonly Source[],
  rows: ReadonlyMap<Source, SourceRow>,
  rule: SpecObject | undefined,
): Picked {
  const present = feeding.flatMap((source) => rows.get(source) ?? [])
  const pick = feeding.length === 1 ? 'first value' : ((rule?.pick as string | undefined) ?? 'first value')
  const cellOf = (row: SourceRow): Picked => {
    const { text, wrong } = row.cells.get(column) ?? { text: null, wrong: null }
    return { text, wrong: wrong === null ? null : 'no' }
  }
  const nothing = { text: null, wrong: null }
  if (pick === 'first row') return present[0] ? cellOf(present[0]) : nothing
  if (pick === 'first value') {
    for (const row of present) {
      const cell = cellOf(row)
      if (cell.text !== null || cell.wrong !== null) return cell
    }
    return nothing
  }
  const [latest] = present.toSorted((a, b) => (b.at ?? -Number.MAX_VALUE) - (a.at ?? -Number.MAX_VALUE) || 0)
  if (!latest) return nothing
  const hidden = present.some((row) => row !== latest && row.cells.get(column)?.wrong != null)
  const cell = cellOf(latest)
  return { ...cell, wrong: cell.wrong ?? (hidden ? 'unknown' : null) }
}

/** `greatest(coalesce(o.a, 0), …)`, or their sum. */
function computeMerged(rule: SpecObject, sources: readonly Source[], rows: ReadonlyMap<Source, SourceRow>): Picked {
  const text = rule.from as string
  const numbers = sources.flatMap((source) => {
    const row = rows.get(source)
    const old = [...(row?.own.keys() ?? [])].find((name) =>
      text.includes(`coalesce(${quote(source.name)}.${quote(name)}, 0)`),
    )
    return old === undefined ? [] : [Number(row?.own.get(old) ?? 0)]
  })
  // A source without a row gives null, and coalesce makes 0 of it.
  const absent = text.split('coalesce(').length - 1 > numbers.length
  const all = absent ? [...numbers, 0] : numbers
  return {
    text: String(text.startsWith('greatest') ? Math.max(...all) : all.reduce((sum, n) => sum + n, 0)),
    wrong: null,
  }
}

/** What a column holds in which no source has a value. */
function fallback(
  column: NewColumn,
  sources: readonly Source[],
  feeding: readonly Source[],
  rows: ReadonlyMap<Source, SourceRow>,
  rule: SpecObject | undefined,
): string | null {
  if (typeof rule?.otherwise === 'string') return rule.otherwise.slice(1, -1)
  const [, constant] = / not null default '(.*)'$/.exec(column.type) ?? []
  const mapped = feeding.length === sources.length || feeding.some((source) => rows.has(source))
  return constant === undefined || mapped ? null : constant
}

/** The value as its column shows it; undefined where it would lose something. */
function fitInto(column: NewColumn, text: string | null): string | null | undefined {
  if (text === null) return null
  const [, length] = /^varchar\((\d+)\)/.exec(column.type) ?? []
  if (length !== undefined) return [...text].length <= Number(length) ? text : undefined
  const [, precision, scale] = /^numeric\((\d+), (\d+)\)/.exec(column.type) ?? []
  if (precision === undefined || text === 'NaN') return text
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? []
  const digits = fraction.replace(/0+$/, '')
  const room = Number(precision) - Number(scale)
  if (digits.length > Number(scale) || whole.replace(/^0+/, '').length > room) return undefined
  return `${sign}${whole}.${digits.padEnd(Number(scale), '0')}`
}

function isRefusedByCheck(table: NewTable, column: NewColumn, text: string): boolean {
  return table.constraints.includes(`check (${quote(column.name)} >= 0)`) && Number(text) < 0
}
