import type { CatalogTable } from '../catalog/types.ts'
import type { TargetMapping } from '../spec/mapping.ts'
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
/** Of a column that no source feeds by itself: a number that is drawn, a time. */
const OWN_COLUMN = 8
/** Of a boolean. */
const FLAG = 1
/** Of an index over an expression. */
const EXPRESSION = 16
/** Of an entry of the journal, with its message and its key. */
const JOURNAL = 300

/** Of one source, in bytes on average. */
export interface SourceWidths {
  readonly ordinal: number
  /** Of the new rows so many have a row of this source; 0 to 1. */
  readonly share: number
  readonly key: readonly number[]
  /** In the order of its feeds, and of its carried columns. */
  readonly feeds: readonly number[]
  readonly carried: readonly number[]
}

/** What one way into a new table will take: `rows` of them, and `kept` out of it, in the journal. `table` is it on trial. */
export function expectSize(
  t: TargetMapping,
  table: Pick<CatalogTable, 'indexes'>,
  counts: { readonly rows: number; readonly kept: number },
  sources: readonly SourceWidths[],
): ExpectedSize {
  const key = t.key.map((_, i) => Math.max(0, ...sources.map((s) => s.key[i] ?? 0)))
  const columns = new Map(t.columns.map(({ name }) => [name, columnWidth(t, name, key, sources)]))
  const own = (name: string): number => columns.get(name) ?? OWN_COLUMN
  const row = ROW + padded([...columns.values(), ...t.ownColumns.map(() => OWN_COLUMN)])
  const indexes = sum(
    table.indexes.map((index) => entry(sum(index.columns.map((name) => (name === null ? EXPRESSION : own(name)))))),
  )
  const origin = sources.flatMap((s) => [FLAG, ...s.carried.map((width) => width * s.share)])
  const handle = t.handle.map(() => OWN_COLUMN)
  const carried = t.sources.flatMap((s) => s.carriedIndexes.map((names) => entry(EXPRESSION * names.length)))
  const unique = handle.length > 0 ? entry(sum(handle)) : 0
  const lineage = ROW + padded([...key, ...origin, ...handle]) + entry(sum(key)) + unique + sum(carried)
  return {
    rows: counts.rows * row,
    indexes: counts.rows * indexes,
    lineage: counts.rows * lineage + counts.kept * JOURNAL,
  }
}

/** Sources that share a row give it one value of theirs, so no more than the widest. */
function columnWidth(t: TargetMapping, name: string, key: readonly number[], sources: readonly SourceWidths[]): number {
  const part = t.key.findIndex((one) => one.name === name)
  if (part !== -1) return key[part] ?? 0
  const given = sources.flatMap(({ ordinal, share, feeds }) => {
    const at = t.sources.find((s) => s.ordinal === ordinal)?.feeds.findIndex((feed) => feed.column === name) ?? -1
    return at === -1 ? [] : [{ share, width: feeds[at] ?? 0 }]
  })
  if (given.length === 0) return OWN_COLUMN
  return Math.min(sum(given.map(({ share, width }) => share * width)), Math.max(...given.map(({ width }) => width)))
}

function padded(widths: readonly number[]): number {
  return aligned(sum(widths.map((width) => width + PADDING)))
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
