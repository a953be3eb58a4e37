import type { CatalogTable } from '../catalog/types.ts'
import type { Interaction } from '../codemap/interaction.ts'
import { fitName } from '../lib/fit-name.ts'
import type { ColumnPlan, IndexPlan } from './design-plan.ts'
import { reason } from './design-plan.ts'

export interface IndexInput {
  readonly name: string
  readonly tables: readonly CatalogTable[]
  readonly columns: readonly ColumnPlan[]
  readonly primaryKey: readonly string[]
  /** Further unique keys. */
  readonly uniques: readonly (readonly string[])[]
  readonly interactions: readonly Interaction[] | null
}

const MOST_COLUMNS = 3
const MOST_INDEXES = 12

/**
 * By what code filters and orders by, the most used first; then those that the old tables have. None that another begins with,
 * and none that begins with a unique key, whose own index finds the one row. */
export function planIndexes(input: IndexInput): IndexPlan[] {
  const wanted = [...fromCode(input), ...fromTables(input)]
  const kept: { columns: readonly string[]; why: string }[] = []
  const starts = (long: readonly string[], short: readonly string[]): boolean =>
    short.every((one, at) => long[at] === one)
  for (const one of wanted) {
    if ([input.primaryKey, ...input.uniques].some((key) => starts(key, one.columns) || beginsWith(one.columns, key)))
      continue
    if (kept.some(({ columns }) => starts(columns, one.columns))) continue
    const shorter = kept.filter(({ columns }) => starts(one.columns, columns))
    const whys = [...new Set([...shorter.map(({ why }) => why), one.why])]
    for (const less of shorter) kept.splice(kept.indexOf(less), 1)
    kept.push({ columns: one.columns, why: whys.join('; ') })
  }
  return kept.slice(0, MOST_INDEXES).map(({ columns, why }) => ({
    name: fitName(`${input.name}_${columns.join('_')}_idx`),
    columns,
    remarks: [reason(why)],
  }))
}

/** In any order. */
function beginsWith(columns: readonly string[], key: readonly string[]): boolean {
  return key.every((name) => columns.slice(0, key.length).includes(name))
}

function fromCode({ tables, columns, interactions }: IndexInput): { columns: string[]; why: string }[] {
  const found = new Map<string, { columns: string[]; places: string[] }>()
  for (const one of interactions ?? []) {
    if (!tables.some((table) => table.name === one.table)) continue
    const renamed = (names: readonly string[]): string[] =>
      names.flatMap((name) => indexable(columns, one.table, name) ?? [])
    const { filtered, ordered } = one.columns
    // What is compared with one value comes before what is ranged over.
    const fixed = filtered.filter((name) => one.values?.[name] !== undefined)
    const list = [...new Set([...renamed(fixed), ...renamed(filtered), ...renamed(ordered)])].slice(0, MOST_COLUMNS)
    if (list.length < new Set([...filtered, ...ordered]).size && filtered.length === 0) continue
    const known = found.get(list.join('\0')) ?? { columns: list, places: [] }
    known.places.push(`${one.file}:${one.line}`)
    found.set(list.join('\0'), known)
  }
  return [...found.values()]
    .sort((a, b) => b.places.length - a.places.length)
    .map((one) => ({ columns: one.columns, why: `code filters or orders by it: ${tellPlaces(one.places)}` }))
}

function tellPlaces(places: readonly string[]): string {
  const [first = ''] = places
  return places.length === 1 ? first : `${first} and ${places.length - 1} more`
}

function fromTables({ tables, columns }: IndexInput): { columns: string[]; why: string }[] {
  return tables.flatMap((table) =>
    table.indexes
      .filter((index) => index.valid && index.predicate === null && index.method === 'btree')
      .flatMap((index) => {
        const list = index.columns.map((name) => (name === null ? null : indexable(columns, table.name, name)))
        const names = list.flatMap((name) => name ?? [])
        if (names.length < list.length || names.length === 0) return []
        return [{ columns: [...new Set(names)].slice(0, MOST_COLUMNS), why: `${table.name} has it as ${index.name}` }]
      }),
  )
}

/** The new column that an old one feeds, where a btree takes its type; null else. */
function indexable(columns: readonly ColumnPlan[], table: string, name: string): string | null {
  const found = columns.find(({ members }) => members.some((one) => one.table === table && one.column === name))
  const isFit = found && found.shape.equalitySchema !== null && !/^jsonb?$/.test(found.shape.baseType)
  return isFit ? found.name : null
}
