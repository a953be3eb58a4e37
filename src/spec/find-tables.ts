import type { Catalog, CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import type { SourceColumn } from './mapping.ts'

/** The old table or view of this name. Throws UsageError with names that look like it. */
export function findTable(catalog: Catalog, oldSchema: string, name: string, where: string): CatalogTable {
  const table = catalog.tables.find((t) => t.schema === oldSchema && t.name === name)
  if (table) return table
  const similar = catalog.tables.filter(
    (t) => t.schema === oldSchema && t.name.toLowerCase().includes(name.toLowerCase().slice(0, 4)),
  )
  throw new UsageError('mapping.table', `${where}: there is no table ${oldSchema}.${name}`, {
    hint:
      similar.length > 0
        ? `Is it one of: ${similar.map((t) => t.name).join(', ')}?`
        : `Check the name and "oldSchema" (${oldSchema}).`,
  })
}

/** The new table of this name. Throws UsageError when the DDL creates none, or one with a column of a reserved name. */
export function findNewTable(catalog: Catalog, newSchema: string, name: string): CatalogTable {
  const where = `tables.${name}`
  const target = catalog.tables.find((table) => table.schema === newSchema && table.name === name)
  if (target?.kind !== 'table' && target?.kind !== 'partitioned table') {
    throw new UsageError('mapping.target', `${where}: the new schema's DDL creates no table ${JSON.stringify(name)}`, {
      hint: `It creates: ${
        catalog.tables
          .filter((table) => table.schema === newSchema)
          .map((table) => table.name)
          .join(', ') || 'nothing'
      }.`,
    })
  }
  const reserved = target.columns.find((column) => column.name.startsWith('crossfade_'))
  if (reserved)
    throw new UsageError(
      'mapping.target',
      `${where}: column ${reserved.name} begins with crossfade_, which is reserved`,
      { hint: 'Give it another name.' },
    )
  return target
}

/** The table whose rows a source shows: itself, or what a view reads. Throws UsageError for what triggers can't follow. */
export function findBase(source: CatalogTable, catalog: Catalog, where: string): CatalogTable {
  if (source.kind === 'table' || source.kind === 'partitioned table') return source
  const [only, more] = source.readsFrom
  const base = catalog.tables.find((table) => table.oid === only)
  if (source.kind !== 'view' || !source.updatable || !base || more !== undefined || base.kind === 'view') {
    throw new UsageError(
      'mapping.view',
      `${where}: ${source.schema}.${source.name} is a ${source.kind} that can't be followed`,
      {
        hint: 'Name the tables that it reads. Of views, only those that PostgreSQL itself can update, over one table, can be a source.',
      },
    )
  }
  return base
}

/** The columns that tell one old row from another: the primary key, else a unique index over columns that are never null. */
export function findIdentity(source: CatalogTable, base: CatalogTable, where: string): CatalogColumn[] {
  const notNull = (name: string | null): boolean =>
    base.columns.some((column) => column.name === name && column.notNull)
  const candidates = base.indexes
    .filter((index) => index.unique && index.valid && index.predicate === null && index.columns.every(notNull))
    .sort(
      (a, b) =>
        Number(b.primary) - Number(a.primary) || a.columns.length - b.columns.length || (a.name < b.name ? -1 : 1),
    )
  const [best] = candidates
  const columns = best?.columns.map((name) => source.columns.find((column) => column.name === name))
  if (!columns?.every((column) => column !== undefined)) {
    throw new UsageError(
      'mapping.identity',
      `${where}: ${source.schema}.${source.name} has no primary key and no unique index over columns that are never null`,
      {
        hint: 'Crossfade must tell its rows apart. Add a primary key first, for example an identity column.',
      },
    )
  }
  return columns
}

export function asColumn(column: CatalogColumn): SourceColumn {
  return { name: column.name, type: column.type }
}
