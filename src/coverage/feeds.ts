import type { AppendTable, ColumnSpec, CrossfadeConfig, MergeTable, Via, VocabularySpec } from '../spec/config.ts'
import { parseExpression } from '../spec/expression.ts'
import { findColumnsOf } from '../spec/qualify.ts'
import type { NewTable } from './coverage.ts'

/** One new column that is computed from an old one. */
export interface Feed {
  readonly oldColumn: string
  readonly newColumn: string
  readonly how: 'same' | 'renamed' | 'cast' | 'words' | 'expression' | 'linked'
  /** As the mapping writes it. */
  readonly expression: string
  readonly words?: VocabularySpec
}

/** What becomes of one old table in one new one. */
export interface OldTable {
  readonly schema: string
  readonly name: string
  readonly newTable: string
  readonly kind: 'merge' | 'append'
  readonly feeds: readonly Feed[]
  /** The new table's key, and the unique sets that its DDL has. */
  readonly uniques: readonly (readonly string[])[]
  /** The sources of the new table in order of precedence, this one among them. */
  readonly siblings: readonly string[]
  /** By new column: the other sources that feed it, in order of precedence. */
  readonly rivals: ReadonlyMap<string, readonly string[]>
}

type Entry = string | ColumnSpec | VocabularySpec | Via | false
type Table = MergeTable | AppendTable

/** The columns of an old table as far as they are known; null where nothing is. */
export type OldColumns = (schema: string, table: string) => readonly string[] | null

/** Reads the mapping as it is written, without a database. Call `loadParser()` before; throws UsageError for what is no SQL. */
export function buildOldTables(
  config: CrossfadeConfig,
  newTables: readonly NewTable[],
  oldColumns: OldColumns,
): OldTable[] {
  const oldSchema = config.oldSchema ?? 'public'
  const has = (source: string): ((feed: Feed) => boolean) => {
    const columns = oldColumns(...splitName(source, oldSchema))
    return (feed) => feed.how !== 'same' || columns === null || columns.includes(feed.oldColumn)
  }
  return Object.entries(config.tables).flatMap(([name, table]) => {
    const shape = newTables.find((one) => one.name === name)
    const siblings = Object.keys(table.sources)
    const feeds = new Map(
      siblings.map((source) => [source, buildFeeds(name, table, source, shape?.columns ?? []).filter(has(source))]),
    )
    const key = table.kind === 'merge' ? [[table.key].flat()] : []
    return siblings.map((source): OldTable => {
      const [schema, bare] = splitName(source, oldSchema)
      return {
        schema,
        name: bare,
        newTable: name,
        kind: table.kind,
        feeds: feeds.get(source) ?? [],
        uniques: [...key, ...(shape?.uniques ?? [])],
        siblings,
        rivals: table.kind === 'merge' ? findRivals(feeds, source, table.key) : new Map(),
      }
    })
  })
}

function splitName(source: string, oldSchema: string): [string, string] {
  const at = source.indexOf('.')
  return at === -1 ? [oldSchema, source] : [source.slice(0, at), source.slice(at + 1)]
}

function buildFeeds(name: string, table: Table, source: string, columns: readonly string[]): Feed[] {
  const given = table.sources[source]?.columns ?? {}
  const named = [...new Set([...columns, ...Object.keys(given)])]
  const where = `tables.${name}.sources.${source}`
  return [
    ...buildKeyFeeds(table, source, `${where}.key`),
    ...named
      .filter((column) => table.kind === 'append' || ![table.key].flat().includes(column))
      .flatMap((column) => feedsOf(column, given[column], `${where}.columns.${column}`)),
    ...acrossSources(table, source),
  ]
}

function buildKeyFeeds(table: Table, source: string, where: string): Feed[] {
  if (table.kind !== 'merge') return []
  const columns = [table.key].flat()
  const key = table.sources[source]?.key
  if (key === undefined) return columns.flatMap((column) => feedsOf(column, undefined, where))
  if (typeof key === 'object' && 'via' in key) return columns.flatMap((column) => feedsOf(column, key, where))
  return columns.flatMap((column, i) => feedsOf(column, [key].flat()[i], where))
}

/** The old columns that a new one is computed from; without an entry the one of the same name. */
function feedsOf(newColumn: string, entry: Entry | undefined, where: string): Feed[] {
  if (entry === false) return []
  if (entry === undefined) return [{ oldColumn: newColumn, newColumn, how: 'same', expression: newColumn }]
  if (typeof entry === 'object' && 'via' in entry) {
    const from = typeof entry.on === 'string' ? entry.on : entry.on.from
    return columnsOf(from, where).map((oldColumn) => ({ oldColumn, newColumn, how: 'linked', expression: from }))
  }
  if (typeof entry === 'object' && 'values' in entry) {
    const from = entry.from ?? newColumn
    return columnsOf(from, where).map((oldColumn) => ({
      oldColumn,
      newColumn,
      how: 'words',
      expression: from,
      words: entry,
    }))
  }
  const expression = typeof entry === 'string' ? entry : entry.from
  const { column, cast, columns } = parseExpression(expression, where)
  const alone = cast === null ? (column === newColumn ? 'same' : 'renamed') : 'cast'
  return columns.map((oldColumn) => ({ oldColumn, newColumn, how: column === null ? 'expression' : alone, expression }))
}

/** Columns that are computed over all sources at once, each with its table. */
function acrossSources(table: Table, source: string): Feed[] {
  if (table.kind !== 'merge') return []
  return Object.entries(table.columns ?? {}).flatMap(([newColumn, { from }]) => {
    if (from === undefined) return []
    return findColumnsOf(from, source).map(
      (oldColumn): Feed => ({ oldColumn, newColumn, how: 'expression', expression: from }),
    )
  })
}

function columnsOf(expression: string, where: string): readonly string[] {
  return parseExpression(expression, where).columns
}

function findRivals(
  feeds: ReadonlyMap<string, readonly Feed[]>,
  source: string,
  key: string | readonly string[],
): Map<string, string[]> {
  const rivals = new Map<string, string[]>()
  for (const { newColumn } of feeds.get(source) ?? []) {
    const others = [...feeds].filter(([other, of]) => other !== source && of.some((one) => one.newColumn === newColumn))
    if (others.length > 0 && ![key].flat().includes(newColumn))
      rivals.set(
        newColumn,
        others.map(([other]) => other),
      )
  }
  return rivals
}
