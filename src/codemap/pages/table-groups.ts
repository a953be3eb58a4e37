import type { InteractionMap, TableSummary } from '../interaction-map.ts'
import { compareText, tableKey } from '../queries/tables.ts'
import { joinByAverage } from '../suspects/join-by-average.ts'
import { wordsOf } from '../suspects/name-tokens.ts'

/** Tables that the same parts of the program use, or that are named alike: what fits on one page. */
export interface TableGroup {
  readonly name: string
  readonly tables: readonly TableSummary[]
}

/** More do not fit on a diagram beside the files that use them. */
const MOST_TABLES = 10
/** A page for less is not worth turning to, unless they have nothing to do with anything. */
const FEWEST_TABLES = 3
/** What two tables that belong on one page have in common at least: of files and words, on average a fifth. */
const ALIKE = 0.2

/**
 * All tables in groups of at most MOST_TABLES, those with the most accesses first. Tables that have nothing to do with
 * any other share the last pages.
 */
export function groupTables({ tables, suspects }: Pick<InteractionMap, 'tables' | 'suspects'>): TableGroup[] {
  const weights = fileWeights(tables)
  const traits = new Map(
    tables.map((table) => [table, { files: new Set(table.files), words: new Set(wordsOf(table.name)) }] as const),
  )
  const suspectOf = new Map(suspects.flatMap((group) => group.tables.map((key) => [key, group] as const)))
  const likeness = (a: TableSummary, b: TableSummary): number => {
    const suspect = suspectOf.get(keyOf(a))
    if (suspect !== undefined && suspect === suspectOf.get(keyOf(b))) return 1

    const [one, other] = [traits.get(a), traits.get(b)]
    if (!one || !other) return 0
    return cosine(one.files, other.files, (file) => weights.get(file) ?? 0) / 2 + jaccard(one.words, other.words) / 2
  }
  const close = joinByAverage(tables, likeness, ALIKE, MOST_TABLES)
  const few = close.filter((group) => group.length < FEWEST_TABLES).flat()
  const joined = [...close, ...joinByAverage(few, likeness, ALIKE / 4, MOST_TABLES)]
  const groups = joined.filter((group) => group.length >= FEWEST_TABLES)
  const placed = new Set(groups.flat())
  const rest = tables.filter((table) => !placed.has(table))
  const named = nameGroups(groups.map((group) => group.sort(compareTables)))
  const others = chunk(rest.sort(compareTables), MOST_TABLES)
  return [
    ...named.sort((a, b) => weightOf(b) - weightOf(a) || compareText(a.name, b.name)),
    ...others.map((some, index) => ({ name: otherName(index, others.length, groups.length), tables: some })),
  ]
}

export function keyOf(table: TableSummary): string {
  return tableKey(table.schema, table.name)
}

function otherName(index: number, all: number, groups: number): string {
  const name = groups === 0 ? 'All tables' : 'Other tables'
  return all === 1 ? name : `${name} ${index + 1}`
}

function weightOf({ tables }: TableGroup): number {
  return tables.reduce((sum, one) => sum + one.interactions, 0)
}

/** A file that uses every table says nothing of any two. */
function fileWeights(tables: readonly TableSummary[]): Map<string, number> {
  const count = new Map<string, number>()
  for (const { files } of tables) for (const file of files) count.set(file, (count.get(file) ?? 0) + 1)
  return new Map([...count].map(([file, some]) => [file, Math.log((tables.length + 1) / some)]))
}

/** The word that most of a group's tables have, unless another group has it; else its first tables. */
function nameGroups(groups: readonly (readonly TableSummary[])[]): TableGroup[] {
  const taken = new Set<string>()
  return groups.map((tables) => {
    const count = new Map<string, number>()
    for (const { name } of tables)
      for (const word of new Set(wordsOf(name))) count.set(word, (count.get(word) ?? 0) + 1)
    const [common] = [...count]
      .filter(([, some]) => 2 * some > tables.length)
      .sort(([a, m], [b, n]) => n - m || compareText(a, b))
    const first = tables[0]?.name ?? ''
    const word = common?.[0]
    const name = word !== undefined && !taken.has(word) ? word : `${first} and ${tables.length - 1} more`
    taken.add(name)
    return { name, tables }
  })
}

function compareTables(a: TableSummary, b: TableSummary): number {
  return b.interactions - a.interactions || compareText(keyOf(a), keyOf(b))
}

function chunk<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_none, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}

function cosine<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>, weight: (item: Item) => number): number {
  const norm = Math.sqrt(weigh(a, weight) * weigh(b, weight))
  return norm === 0
    ? 0
    : weigh(
        [...a].filter((item) => b.has(item)),
        weight,
      ) / norm
}

function jaccard<Item>(a: ReadonlySet<Item>, b: ReadonlySet<Item>): number {
  const common = [...a].filter((item) => b.has(item)).length
  return common === 0 ? 0 : common / (a.size + b.size - common)
}

function weigh<Item>(items: Iterable<Item>, weight: (item: Item) => number): number {
  let sum = 0
  for (const item of items) sum += weight(item)
  return sum
}
