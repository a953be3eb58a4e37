import type { Catalog, CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import type { CrossfadeConfig } from './config.ts'
import { findBase, findTable } from './find-tables.ts'
import type { NewForeignKey } from './foreign-keys.ts'
import type { NeededIndex, Relation } from './mapping.ts'

/** What the resolution of one new table knows, and the lists that it adds to. */
export interface ResolveContext {
  readonly config: CrossfadeConfig
  readonly catalog: Catalog
  readonly foreignKeys: readonly NewForeignKey[]
  readonly oldSchema: string
  readonly newSchema: string
  readonly notes: string[]
  readonly views: Relation[]
  readonly indexes: NeededIndex[]
}

export interface FoundSource {
  readonly name: string
  readonly source: CatalogTable
  readonly base: CatalogTable
}

/** The old tables that a new one names, without views of what is a source itself. */
export function findSources(names: readonly string[], where: string, context: ResolveContext): FoundSource[] {
  if (names.length === 0)
    throw new UsageError('mapping.sources', `${where}: no sources`, {
      hint: 'Name at least one old table that feeds it.',
    })
  const tables = names.map((name) => findTable(context.catalog, context.oldSchema, name, `${where}.sources`))
  return tables.flatMap((source, i) => {
    const base = findBase(source, context.catalog, `${where}.sources.${names[i]}`)
    if (source !== base) context.views.push({ schema: source.schema, name: source.name })
    if (source !== base && tables.includes(base)) {
      context.notes.push(
        `${source.schema}.${source.name} is a view over ${base.schema}.${base.name}, which is a source itself: the same rows, so there is nothing to merge.`,
      )
      return []
    }
    return [{ source, base, name: names[i] ?? '' }]
  })
}

export function assertColumnsExist(target: CatalogTable, names: readonly string[], where: string): void {
  const missing = names.find((name) => !target.columns.some((column) => column.name === name))
  if (missing === undefined) return
  throw new UsageError('mapping.column', `${where}.${missing}: the new table ${target.name} has no such column`, {
    hint: `Its columns are: ${target.columns.map((column) => column.name).join(', ')}.`,
  })
}

/** Columns that nothing feeds: they belong to the new side. Throws UsageError for one that would be null and must not. */
export function listOwnColumns(
  target: CatalogTable,
  fed: readonly CatalogColumn[],
  handle: readonly string[],
  where: string,
): string[] {
  const own = target.columns.filter(
    (column) => !fed.includes(column) && !handle.includes(column.name) && column.generated === null,
  )
  const empty = own.find((column) => column.notNull && column.default === null && column.identity === null)
  if (empty !== undefined) {
    throw new UsageError('mapping.column', `${where}: column ${empty.name} may not be null, and nothing feeds it`, {
      hint: 'Map it in a source, or give it a default in the new schema; otherwise no old row would ever fit.',
    })
  }
  return own.map((column) => column.name)
}
