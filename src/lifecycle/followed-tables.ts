import type { CatalogTable } from '../catalog/types.ts'
import type { Mapping } from '../spec/mapping.ts'
import { tablesUnder } from '../sqlgen/links.ts'
import { display } from '../sqlgen/names.ts'

/** What sync hangs triggers on: the base tables of all sources, and tables through which keys are found. */
export function followedTables(mapping: Mapping, tables: readonly CatalogTable[]): CatalogTable[] {
  const names = new Set(mapping.targets.flatMap(tablesUnder).map(display))
  return tables.filter((table) => names.has(`${table.schema}.${table.name}`))
}

/** Base tables of all sources, each once: these go to the archive. */
export function sourceTables(mapping: Mapping, tables: readonly CatalogTable[]): CatalogTable[] {
  const names = new Set(mapping.targets.flatMap((t) => t.sources.map((s) => `${s.base.schema}.${s.base.name}`)))
  return tables.filter((table) => names.has(`${table.schema}.${table.name}`))
}
