import type { Catalog, CatalogTable } from '../catalog/types.ts'
import { type Candidate, nameOf } from './candidate.ts'

/**
 * For each candidate the others whose rows it shows again: the tables under a view, through views of views, and those
 * that inherit from it. Merging the two would merge a table with itself.
 */
export function findShown(catalog: Catalog, candidates: readonly Candidate[]): Map<string, string[]> {
  const byOid = new Map(catalog.tables.map((table) => [table.oid, table]))
  const names = new Map(candidates.map((one) => [one.table.oid, one.name]))
  return new Map(
    candidates.map((one) => {
      const reached = reach(one.table, byOid)
      const shown = reached.flatMap((table) => names.get(table.oid) ?? [])
      return [one.name, shown.length > 0 || reached.length === 0 ? shown : reached.map(nameOf)]
    }),
  )
}

function reach(from: CatalogTable, byOid: ReadonlyMap<number, CatalogTable>): CatalogTable[] {
  const seen = new Set<number>([from.oid])
  const found: CatalogTable[] = []
  const next = (table: CatalogTable) => [...table.readsFrom, ...table.children]
  for (let open = next(from); open.length > 0; ) {
    const oid = open.shift() ?? 0
    const table = byOid.get(oid)
    if (table === undefined || seen.has(oid)) continue
    seen.add(oid)
    if (!table.isPartition) found.push(table)
    open = [...open, ...next(table)]
  }
  return found
}
