import { type Comparison, NOT_SHOWN, type OrderKey } from './comparable.ts'

export interface AnswerColumn {
  readonly name: string
  /** What decides how a driver reads the value: the type's number in PostgreSQL, 0 where there is none. */
  readonly type: number
}

/** Values as the server writes them. */
export interface Answer {
  readonly columns: readonly AnswerColumn[]
  readonly rows: readonly Row[]
}

type Row = readonly (string | null)[]

export interface CompareOptions {
  readonly ignoreColumns: ReadonlySet<string>
  /** By column: what of a value is compared, for differences that are known and wanted. */
  readonly compareBy: ReadonlyMap<string, (value: string) => string | null>
  /** Examples hold values; else what kind of difference it is, and lengths. */
  readonly showValues: boolean
}

/** One way in which two answers differ. */
export interface Difference {
  readonly kind: 'columns' | 'rows' | 'values' | 'order' | 'error'
  /** Empty where it is about whole rows; of an error its SQLSTATE. */
  readonly column: string
  readonly example: string
}

export type Verdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'left out'; readonly reason: string }
  | { readonly kind: 'different'; readonly differences: readonly Difference[] }

const FLOATS: ReadonlyMap<number, number> = new Map([
  [700, 5],
  [701, 12],
])
const PAIRED_ROWS = 50
const LONGEST_VALUE = 80

/** The old answer against the new one: the same rows as often, and in the statement's order where it has one. */
export function compareAnswers(
  old: Answer,
  now: Answer,
  { order, isPart }: Extract<Comparison, { kind: 'compared' }>,
  options: CompareOptions,
): Verdict {
  const columns = compareColumns(old.columns, now.columns)
  if (columns.length > 0) return { kind: 'different', differences: columns }
  const read = old.columns.map((column) => readerOf(column, options))
  const places = read.flatMap((reader, at) => (reader === null ? [] : [at]))
  const compared = (row: Row): Row => places.map((at) => read[at]?.(row[at] ?? null) ?? null)
  const before = old.rows.map(compared)
  const after = now.rows.map(compared)

  const shown = places.map((at) => old.columns[at] as AnswerColumn)
  const keys = findKeys(order, shown, places)
  if (isPart && keys.length === 0) return { kind: 'left out', reason: NOT_SHOWN }
  const [onlyOld, onlyNew] = subtract(before, after)
  const keyOf = (row: Row | undefined): string => JSON.stringify(keys.map((at) => row?.[at]))
  const ordered = before.length === after.length && before.every((row, i) => keyOf(row) === keyOf(after[i]))
  if (onlyOld.length + onlyNew.length === 0) {
    return ordered || keys.length === 0 ? { kind: 'same' } : { kind: 'different', differences: [ORDER] }
  }
  if (isPart && ordered && mayTie(before.map(keyOf), after.map(keyOf), shown.length - keys.length)) {
    // Of rows that are equal in what they are ordered by, either side may give others at the ends.
    const ends = new Set([keyOf(before[0]), keyOf(before.at(-1))])
    const atEnds = [...onlyOld, ...onlyNew].every((row) => ends.has(keyOf(row)))
    if (atEnds && areOtherRows(onlyOld, onlyNew, keys)) return { kind: 'same' }
  }
  const counts = { old: before.length, new: after.length }
  return { kind: 'different', differences: describeRows(onlyOld, onlyNew, shown, counts, options) }
}

/** Keys of which none comes twice are likely to be unique. Of one row nothing is known, but by what else is in it. */
function mayTie(before: readonly string[], after: readonly string[], others: number): boolean {
  if (before.length === 1) return others > 1
  return [before, after].some((keys) => new Set(keys).size < keys.length)
}

/** Rows that have less than half of their other columns in common: not one row of which a value has changed. */
function areOtherRows(onlyOld: readonly Row[], onlyNew: readonly Row[], keys: readonly number[]): boolean {
  return onlyOld.every((row) => {
    const others = row.flatMap((_, at) => (keys.includes(at) ? [] : [at]))
    return onlyNew.every((other) => others.filter((at) => row[at] === other[at]).length * 2 < others.length)
  })
}

const ORDER: Difference = { kind: 'order', column: '', example: 'the same rows in another order' }

function compareColumns(old: readonly AnswerColumn[], now: readonly AnswerColumn[]): Difference[] {
  const differ = (column: string, example: string): Difference => ({ kind: 'columns', column, example })
  if (old.length !== now.length) return [differ('', `${old.length} columns, then ${now.length}`)]
  return old.flatMap(({ name, type }, i) => {
    const other = now[i] as AnswerColumn
    if (other.name !== name) return [differ(name, `another name: ${other.name}`)]
    return other.type === type ? [] : [differ(name, `another type: ${type}, then ${other.type}`)]
  })
}

/** What of a column's values is compared; null for nothing. */
function readerOf(
  { name, type }: AnswerColumn,
  options: CompareOptions,
): ((value: string | null) => string | null) | null {
  if (options.ignoreColumns.has(name)) return null
  const by = options.compareBy.get(name)
  if (by !== undefined) return (value) => (value === null ? null : by(value))
  const digits = FLOATS.get(type)
  // Sums of floats depend on the order in which rows come.
  if (digits !== undefined) return (value) => (value === null ? null : Number(value).toPrecision(digits))
  return (value) => value
}

/** Leading keys only: behind one that isn't found the order of the others says nothing. */
function findKeys(order: readonly OrderKey[], shown: readonly AnswerColumn[], places: readonly number[]): number[] {
  const keys: number[] = []
  for (const key of order) {
    const named = (name: string): number[] => shown.flatMap((column, at) => (column.name === name ? [at] : []))
    const found = 'position' in key ? [places.indexOf(key.position - 1)] : named(key.column)
    const [at] = found
    if (found.length !== 1 || at === undefined || at < 0) break
    keys.push(at)
  }
  return keys
}

/** Rows that only one of them has, each as often as it has more of it. */
function subtract(before: readonly Row[], after: readonly Row[]): [onlyOld: Row[], onlyNew: Row[]] {
  const counts = new Map<string, number>()
  for (const row of before) counts.set(JSON.stringify(row), (counts.get(JSON.stringify(row)) ?? 0) + 1)
  const onlyNew = after.filter((row) => !take(counts, row))
  const onlyOld = before.filter((row) => take(counts, row))
  return [onlyOld, onlyNew]
}

function take(counts: Map<string, number>, row: Row): boolean {
  const text = JSON.stringify(row)
  const count = counts.get(text) ?? 0
  if (count > 0) counts.set(text, count - 1)
  return count > 0
}

/** Rows that have become others are paired by what they still have in common; what has no partner is a row too many. */
function describeRows(
  onlyOld: readonly Row[],
  onlyNew: readonly Row[],
  shown: readonly AnswerColumn[],
  counts: { old: number; new: number },
  options: CompareOptions,
): Difference[] {
  const needed = onlyOld.length === onlyNew.length ? 0 : Math.ceil(shown.length / 2)
  const free = onlyNew.slice(0, PAIRED_ROWS)
  const found = new Map<string, Difference>()
  let paired = 0
  for (const row of onlyOld.slice(0, PAIRED_ROWS)) {
    const common = free.map((other) => other.filter((value, at) => value === row[at]).length)
    const most = Math.max(-1, ...common)
    if (most < needed) continue
    const [other] = free.splice(common.indexOf(most), 1)
    paired += 1
    for (const [at, { name }] of shown.entries()) {
      const [was, is] = [row[at] ?? null, other?.[at] ?? null]
      if (was === is || found.has(name)) continue
      found.set(name, { kind: 'values', column: name, example: describePair(was, is, options.showValues) })
    }
  }
  const alone = [onlyOld, onlyNew].map((rows) => Math.min(rows.length, PAIRED_ROWS) - paired) as [number, number]
  if (alone[0] + alone[1] > 0) {
    const example = `${counts.old} rows, then ${counts.new}; only in the old answer ${alone[0]}, only in the new one ${alone[1]}`
    found.set('', { kind: 'rows', column: '', example })
  }
  return [...found.values()]
}

function describePair(old: string | null, now: string | null, showValues: boolean): string {
  const words = [old, now].map((value) => {
    if (value === null) return 'null'
    return showValues ? JSON.stringify(value.slice(0, LONGEST_VALUE)) : `${value.length} characters`
  })
  return `${words[0]}, then ${words[1]}${describeLikeness(old, now)}`
}

/** Says nothing of the values. */
function describeLikeness(old: string | null, now: string | null): string {
  if (old === null || now === null) return ''
  const without = (pattern: RegExp): boolean => old.replace(pattern, '') === now.replace(pattern, '')
  if (without(/\s+/g)) return ': the same but for spaces'
  if (old.toLowerCase() === now.toLowerCase()) return ': the same but for case'
  if (old !== '' && now !== '' && Number(old) === Number(now)) return ': the same number'
  return ''
}
