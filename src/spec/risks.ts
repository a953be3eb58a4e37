import type { Catalog, CatalogTable } from '../catalog/types.ts'
import type { BackColumn, Mapping, Relation, SourceMapping, TargetMapping } from './mapping.ts'

/** Old deletes that reach further from finish on: what goes in `oldTables` takes rows of `child` with it. */
export interface Cascade {
  readonly parent: Relation
  readonly child: Relation
  /** The foreign key in the child. */
  readonly columns: readonly string[]
  /** Old tables whose rows become the parent's. */
  readonly oldTables: readonly Relation[]
  /** Old tables whose rows become the child's. */
  readonly oldChildren: readonly Relation[]
}

/**
 * Deletes that will cascade after finish and did not before, table by table. With a catalog those are left out that
 * cascade today already, by a foreign key between the old tables.
 */
export function listCascades(m: Mapping, catalog: Catalog | null = null): Cascade[] {
  const found = m.targets.flatMap((parent) =>
    parent.children
      .filter((child) => child.cascades)
      .flatMap((child): Cascade[] => {
        const below = m.targets.find((t) => t.name === child.name)
        const oldTables = basesOf(parent)
        const oldChildren = (below ? basesOf(below) : []).filter(
          (old) => !oldTables.every((above) => cascadesToday(catalog, above, old)),
        )
        if (oldChildren.length === 0) return []
        return [{ parent: parent.relation, child: child.relation, columns: child.columns, oldTables, oldChildren }]
      }),
  )
  // An append has a unit for each source: people count tables.
  const byKey = new Map<string, Cascade>()
  for (const cascade of found) {
    const key = JSON.stringify([cascade.parent, cascade.child, cascade.columns])
    const other = byKey.get(key)
    byKey.set(key, {
      ...cascade,
      oldTables: unite(other?.oldTables ?? [], cascade.oldTables),
      oldChildren: unite(other?.oldChildren ?? [], cascade.oldChildren),
    })
  }
  return [...byKey.values()]
}

/** A rule of an old table that a native write, right by the new schema, could break. */
export interface NativeRisk {
  /** The unit. */
  readonly name: string
  readonly source: Relation
  readonly kind: 'not null' | 'check' | 'unique'
  /** Old columns. */
  readonly columns: readonly string[]
  /** The constraint or index; null for NOT NULL. */
  readonly constraint: string | null
  /** In words for a person. */
  readonly why: string
}

/** Old NOT NULLs, checks and uniques that a native write could break; it is then refused with the old side's SQLSTATE. */
export function listNativeRisks(m: Mapping, catalog: Catalog): NativeRisk[] {
  return m.targets.flatMap((t) =>
    t.sources
      .filter((s) => !s.stub)
      .flatMap((s) => {
        const table = tableOf(catalog, s.base)
        if (!table) return []
        return [...notNulls(t, s, table, catalog), ...checks(t, s, table, catalog), ...uniques(t, s, table, catalog)]
      }),
  )
}

function notNulls(t: TargetMapping, s: SourceMapping, table: CatalogTable, catalog: Catalog): NativeRisk[] {
  return table.columns.flatMap((column): NativeRisk[] => {
    if (!column.notNull || column.generated !== null || column.identity !== null) return []
    const risk = { name: t.name, source: s.base, kind: 'not null' as const, columns: [column.name], constraint: null }
    const back = s.back.find((b) => b.name === column.name)
    if (!back) {
      if (column.default !== null || !t.reverse.includes(s.ordinal)) return []
      return [{ ...risk, why: 'a native insert has no value for it, and it has no default' }]
    }
    if (back.feeds.length === 0 || !mayBeNull(t, back, catalog)) return []
    return [{ ...risk, why: `a native write may leave ${back.feeds.join(', ')} empty` }]
  })
}

/** The column that it is computed from is never null in the new schema, so the old one isn't either. */
function mayBeNull(t: TargetMapping, back: BackColumn, catalog: Catalog): boolean {
  const table = tableOf(catalog, t.relation)
  return back.feeds.some((name) => !table?.columns.find((column) => column.name === name)?.notNull)
}

function checks(t: TargetMapping, s: SourceMapping, table: CatalogTable, catalog: Catalog): NativeRisk[] {
  const same = new Set(tableOf(catalog, t.relation)?.constraints.map((c) => c.definition))
  return table.constraints
    .filter((c) => c.kind === 'check' && c.columns.some((name) => isWritten(s, name)) && !same.has(c.definition))
    .map((c) => ({
      name: t.name,
      source: s.base,
      kind: 'check',
      columns: c.columns,
      constraint: c.name,
      why: `the new schema may take what ${c.definition} refuses`,
    }))
}

function uniques(t: TargetMapping, s: SourceMapping, table: CatalogTable, catalog: Catalog): NativeRisk[] {
  return table.indexes
    .filter((index) => index.unique && index.columns.some((name) => name !== null && isWritten(s, name)))
    .filter((index) => !isHeld(t, s, index.columns, catalog))
    .map((index) => ({
      name: t.name,
      source: s.base,
      kind: 'unique',
      columns: index.columns.flatMap((name) => name ?? []),
      constraint: index.name,
      why: 'the new schema may take equal values that this index refuses',
    }))
}

/** The new table keeps the columns that these feed unique itself. */
function isHeld(t: TargetMapping, s: SourceMapping, columns: readonly (string | null)[], catalog: Catalog): boolean {
  const names = columns.map((old) => s.feeds.find((feed) => feed.uses.length === 1 && feed.uses[0] === old)?.column)
  const table = tableOf(catalog, t.relation)
  return (
    table?.indexes.some(
      (index) =>
        index.unique &&
        index.predicate === null &&
        index.columns.every((name) => name !== null && names.includes(name)),
    ) ?? false
  )
}

/** A native write can change it: it isn't a part of the key. */
function isWritten(s: SourceMapping, name: string): boolean {
  return s.back.some((b) => b.name === name && b.feeds.length > 0)
}

function basesOf(t: TargetMapping): Relation[] {
  return t.sources.filter((s) => !s.stub).map((s) => s.base)
}

function unite(a: readonly Relation[], b: readonly Relation[]): Relation[] {
  return [...new Map([...a, ...b].map((r) => [JSON.stringify([r.schema, r.name]), r])).values()]
}

function cascadesToday(catalog: Catalog | null, parent: Relation, child: Relation): boolean {
  const table = catalog === null ? undefined : tableOf(catalog, child)
  return (
    table?.constraints.some(
      (c) =>
        c.references?.schema === parent.schema &&
        c.references.table === parent.name &&
        /\bON DELETE CASCADE\b/.test(c.definition),
    ) ?? false
  )
}

function tableOf(catalog: Catalog, relation: Relation): CatalogTable | undefined {
  return catalog.tables.find((t) => t.schema === relation.schema && t.name === relation.name)
}
