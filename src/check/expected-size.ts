import type { CatalogTable } from '../catalog/types.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { ownKey } from '../sqlgen/projection.ts'
import type { Found } from './finding.ts'

/** Bytes. */
export interface ExpectedSize {
  readonly rows: number
  readonly indexes: number
  readonly lineage: number
}

/** Headers and line pointers of a row, and of an index entry. */
const ROW = 28
const ENTRY = 16
/** What a value wastes on average, since the next one begins at a boundary of its own. */
const PADDING = 2
/** Of the pages of an index; the backfill comes in the order of the key, other columns in any. */
const FILL = 0.85
/** Of a column that the new table fills by itself: a number that is drawn, a time. */
const OWN_COLUMN = 8
/** Of an index over an expression. */
const EXPRESSION = 16
/** Of an entry of the journal, with its message and its key. */
const JOURNAL = 300

/**
 * What one way into a new table will take: `rows` of them, `widths` of `projectedColumns` on average, in their order, and
 * `kept` out of it, in the journal. `table` is the new table as it is on trial.
 */
export function expectSize(
  t: TargetMapping,
  table: Pick<CatalogTable, 'indexes'>,
  counts: { readonly rows: number; readonly kept: number },
  widths: readonly number[],
): ExpectedSize {
  const before = ownKey(t).length
  const padded = (from: number, to?: number): number => sum(widths.slice(from, to).map((width) => width + PADDING))
  const columns = new Map(t.columns.map((column, i) => [column.name, widths[before + i] ?? 0]))
  const own = (name: string): number => columns.get(name) ?? OWN_COLUMN
  const key = t.kind === 'append' ? sum(widths.slice(0, before)) : sum(t.key.map(({ name }) => own(name)))
  const end = before + t.columns.length
  const handle = OWN_COLUMN * t.handle.length
  const row = ROW + aligned(padded(before, end) + OWN_COLUMN * t.ownColumns.length)
  const indexes = sum(
    table.indexes.map((index) => entry(sum(index.columns.map((name) => (name === null ? EXPRESSION : own(name)))))),
  )
  const carried = sum(t.sources.flatMap((s) => s.carriedIndexes.map((names) => entry(EXPRESSION * names.length))))
  const lineage = ROW + aligned(key + padded(end) + handle) + entry(key) + (handle > 0 ? entry(handle) : 0) + carried
  return {
    rows: counts.rows * row,
    indexes: counts.rows * indexes,
    lineage: counts.rows * lineage + counts.kept * JOURNAL,
  }
}

/** The same where its rows could not be looked at in time: as much as its old tables take. */
export function expectSizeBy(
  old: { readonly rows: number; readonly indexes: number },
  counts: { readonly rows: number; readonly kept: number },
): ExpectedSize {
  const lineage = ROW + EXPRESSION + OWN_COLUMN + entry(EXPRESSION)
  return { ...old, lineage: counts.rows * lineage + counts.kept * JOURNAL }
}

/** Of an index that build makes over an old table. */
export function expectIndex(rows: number, parts: number): number {
  return rows * entry(parts * EXPRESSION)
}

export function addSizes(sizes: readonly ExpectedSize[]): ExpectedSize {
  const all = (part: keyof ExpectedSize): number => sum(sizes.map((one) => one[part]))
  return { rows: all('rows'), indexes: all('indexes'), lineage: all('lineage') }
}

function entry(width: number): number {
  return (ENTRY + aligned(width)) / FILL
}

function aligned(width: number): number {
  return Math.ceil(width / 8) * 8
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}

/** Bytes of WAL for each byte of the new tables; 1.45 to 1.5 were measured (docs/check.md). */
const WAL_RATIO = 1.5
/** Of the database as it is: so much more is worth a look at the disk. */
const LARGE_SHARE = 1 / 3
/** Less is nothing to anybody; the smallest plans of the hosters have 500 MB. */
const SMALL = 50_000_000

/** Both are ways into new tables: those of which nothing could be told, and those of which nothing but old sizes. */
export function tellSpace(
  expected: ExpectedSize,
  database: number,
  about: { readonly unmeasured: readonly string[]; readonly bySources: readonly string[] },
): Found {
  const { unmeasured, bySources } = about
  const total = expected.rows + expected.indexes + expected.lineage
  const large = total > database * LARGE_SHARE && total > SMALL
  const parts = `${formatBytes(expected.rows)} of rows, ${formatBytes(expected.indexes)} of indexes, ${formatBytes(expected.lineage)} of lineage and journal`
  const coarse =
    bySources.length === 0
      ? ''
      : `; for ${bySources.join(', ')} that is the size of the old tables, since no sample of the rows could be looked at in time`
  const without = unmeasured.length === 0 ? '' : `; without ${unmeasured.join(', ')}, of which nothing could be told`
  return {
    ...{ id: ['space'], severity: large ? 'decide' : 'note', where: 'the disk' },
    what: `the new tables will take about ${formatBytes(total)} beside the old ones (${parts}), where the database has ${formatBytes(database)} now; the backfill writes about ${formatBytes(total * WAL_RATIO)} of WAL${coarse}${without}`,
    advice:
      'PostgreSQL does not tell how much is free: see that there is room for both, until finish and the end of the old tables. WAL stays as long as a standby, a replication slot or the archive needs it.',
  }
}

/** `1.2 GB`, with two digits that count. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  const rounded = bytes < 1 ? 0 : Number(bytes.toPrecision(2))
  const unit = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, rounded)) / 3)))
  return `${Number((rounded / 1000 ** unit).toPrecision(2))} ${units[unit]}`
}
