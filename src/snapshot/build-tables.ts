import type { CatalogColumn, CatalogIndex, CatalogTable, CatalogTrigger } from '../catalog/types.ts'
import type { SnapshotReading } from './read-snapshot.ts'
import type {
  QualifiedName,
  SnapshotColumn,
  SnapshotDependent,
  SnapshotIndex,
  SnapshotRows,
  SnapshotSize,
  SnapshotTable,
  SnapshotTrigger,
  SnapshotUse,
} from './schema-snapshot.ts'

/** Everything that is asked about a table while the document is made, each found at once. */
interface Lookups {
  readonly byOid: ReadonlyMap<number, CatalogTable>
  /** Bytes of each table; of each index, by table and name. */
  readonly tableBytes: ReadonlyMap<number, number>
  readonly indexBytes: ReadonlyMap<string, number>
  readonly indexUse: ReadonlyMap<string, { readonly scans: number; readonly lastScan: string | null }>
  readonly columnComments: ReadonlyMap<string, string>
  readonly use: ReadonlyMap<string, SnapshotReading['measures']['statistics'][number]>
  readonly dependents: ReadonlyMap<string, SnapshotDependent[]>
  readonly closed: ReadonlySet<string>
}

/** The tables of a snapshot, by schema and name. */
export function buildTables(reading: SnapshotReading): SnapshotTable[] {
  const lookups = buildLookups(reading)
  return reading.catalog.tables.map((table) => buildTable(table, reading, lookups))
}

function buildTable(table: CatalogTable, reading: SnapshotReading, lookups: Lookups): SnapshotTable {
  const { oid, schema, name, kind, owner, persistence, comment, policies, grants, publications, isPartition } = table
  const key = keyOf(schema, name)
  return {
    ...{ schema, name, kind, owner, persistence, comment },
    readable: !lookups.closed.has(key) && !reading.scope.closedSchemas.includes(schema),
    columns: table.columns.map((column) => buildColumn(column, lookups.columnComments.get(keyOf(oid, column.name)))),
    primaryKey: table.constraints.find((one) => one.kind === 'primary key')?.columns ?? null,
    constraints: table.constraints.map(({ name, kind, columns, definition, validated, references }) => {
      return { name, kind, columns, definition, validated, references }
    }),
    indexes: table.indexes.map((index) => buildIndex(index, oid, lookups)),
    triggers: table.triggers.map(buildTrigger),
    rowSecurity: table.rowSecurity ? (table.forceRowSecurity ? 'forced' : 'on') : 'off',
    ...{ policies, grants, publications, isPartition },
    children: namesOf(table.children, lookups),
    query: table.viewQuery,
    readsFrom: namesOf(table.readsFrom, lookups),
    rows: buildRows(table, reading, lookups),
    size: buildSize(table, lookups),
    use: buildUse(lookups.use.get(key)),
    dependents: lookups.dependents.get(key) ?? [],
  }
}

function buildColumn(column: CatalogColumn, comment: string | undefined): SnapshotColumn {
  const { name, type, generated, identity, collation, sequence } = column
  const nullable = !column.notNull
  return {
    name,
    type,
    nullable,
    default: column.default,
    generated,
    identity,
    collation,
    sequence,
    comment: comment ?? null,
  }
}

function buildIndex(index: CatalogIndex, oid: number, { indexBytes, indexUse }: Lookups): SnapshotIndex {
  const { name, definition, unique, primary, valid } = index
  const use = indexUse.get(keyOf(oid, name))
  const bytes = indexBytes.get(keyOf(oid, name)) ?? null
  return { name, definition, unique, primary, valid, bytes, scans: use?.scans ?? null, lastScan: use?.lastScan ?? null }
}

const ENABLED = { O: 'yes', D: 'no', R: 'for replicas', A: 'always' } as const

function buildTrigger(trigger: CatalogTrigger): SnapshotTrigger {
  const { name, definition, enabled, functionSchema, functionName } = trigger
  return { name, definition, enabled: ENABLED[enabled], function: { schema: functionSchema, name: functionName } }
}

function buildRows(table: CatalogTable, { counts }: SnapshotReading, { use }: Lookups): SnapshotRows {
  const count = counts.get(table.oid)
  // The server keeps no number of its own for the whole of a partitioned table, unless somebody analyzes it by name.
  const summed = table.kind === 'partitioned table' ? use.get(keyOf(table.schema, table.name))?.rows : undefined
  const estimated = summed === undefined ? table.estimatedRows : summed
  return {
    estimated: table.kind === 'view' ? null : estimated,
    exact: count?.rows ?? null,
    notCounted: count?.reason ?? null,
  }
}

function buildSize(table: CatalogTable, lookups: Lookups): SnapshotSize {
  const { byOid, tableBytes, indexBytes } = lookups
  const parts = table.kind === 'partitioned table' ? table.children.flatMap((oid) => byOid.get(oid) ?? []) : [table]
  const onDisk = parts.filter((part) => tableBytes.has(part.oid))
  if (onDisk.length === 0) return { table: null, indexes: null }
  const indexes = onDisk.flatMap((part) =>
    part.indexes.map((index) => indexBytes.get(keyOf(part.oid, index.name)) ?? 0),
  )
  return {
    table: onDisk.reduce((sum, part) => sum + (tableBytes.get(part.oid) ?? 0), 0),
    indexes: indexes.reduce((sum, one) => sum + one, 0),
  }
}

function buildUse(row: SnapshotReading['measures']['statistics'][number] | undefined): SnapshotUse | null {
  if (row === undefined) return null
  const { sequentialScans, indexScans, inserts, updates, deletes, lastScan, lastVacuum, lastAnalyze } = row
  return { sequentialScans, indexScans, inserts, updates, deletes, lastScan, lastVacuum, lastAnalyze }
}

function namesOf(oids: readonly number[], { byOid }: Lookups): QualifiedName[] {
  return oids
    .flatMap((oid) => byOid.get(oid) ?? [])
    .map(({ schema, name }) => ({ schema, name }))
    .sort((a, b) => (keyOf(a.schema, a.name) < keyOf(b.schema, b.name) ? -1 : 1))
}

function buildLookups({ catalog, measures, dependents, scope }: SnapshotReading): Lookups {
  const grouped = new Map<string, SnapshotDependent[]>()
  for (const { kind, schema, name, table, certain, on } of dependents) {
    // Told as the table's own.
    if (kind === 'publication') continue
    const key = keyOf(on.schema, on.name)
    grouped.set(key, [...(grouped.get(key) ?? []), { kind, schema, name, table, certain }])
  }
  return {
    byOid: new Map(catalog.tables.map((table) => [table.oid, table])),
    tableBytes: new Map(measures.sizes.flatMap((row) => (row.index === null ? [[row.relation, row.bytes]] : []))),
    indexBytes: new Map(
      measures.sizes.flatMap((row) => (row.index === null ? [] : [[keyOf(row.relation, row.index), row.bytes]])),
    ),
    indexUse: new Map(measures.indexUse.map((row) => [keyOf(row.relation, row.index), row])),
    columnComments: new Map(measures.columnComments.map((row) => [keyOf(row.relation, row.column), row.comment])),
    use: new Map(measures.statistics.map((row) => [keyOf(row.schema, row.name), row])),
    dependents: grouped,
    closed: new Set(scope.closedTables.map(({ schema, name }) => keyOf(schema, name))),
  }
}

function keyOf(of: string | number, name: string): string {
  return JSON.stringify([of, name])
}
