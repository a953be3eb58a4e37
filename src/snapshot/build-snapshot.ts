import { fingerprintInventory } from '../catalog/inventory/compare-inventories.ts'
import type { Inventory } from '../catalog/inventory/inventory.ts'
import type { CatalogTable } from '../catalog/types.ts'
import { CrossfadeError } from '../lib/errors.ts'
import { buildFindings } from './build-findings.ts'
import { buildTables } from './build-tables.ts'
import { hideSecrets } from './hide-secrets.ts'
import type { SnapshotReading } from './read-snapshot.ts'
import type {
  SchemaSnapshot,
  SnapshotNeeds,
  SnapshotObject,
  SnapshotSummary,
  SnapshotTable,
} from './schema-snapshot.ts'

/** Kinds that are told with their table. */
const PARTS = new Set(['column', 'constraint', 'index', 'trigger', 'policy'])
const RELATIONS = new Set(['table', 'partitioned table', 'view', 'materialized view', 'foreign table'])

/** The document of what was read. Pure; the same reading gives the same document. */
export function buildSnapshot(
  reading: SnapshotReading,
  options: { readonly showValues?: boolean } = {},
): SchemaSnapshot {
  const { server, scope, inventory } = reading
  const { tablespaces: _, takenAt, ...rest } = server
  const tables = buildTables(reading)
  return {
    version: 1,
    takenAt,
    fingerprint: fingerprintInventory(inventory),
    server: rest,
    summary: summarize(tables, inventory),
    schemas: inventory
      .filter((object) => object.kind === 'schema')
      .map(({ schema, facts }) => ({
        name: schema ?? '',
        owner: String(facts.owner ?? ''),
        comment: typeof facts.comment === 'string' ? facts.comment : null,
        tables: tables.filter((table) => table.schema === schema && isTable(table)).length,
      })),
    leftOut: scope.leftOut,
    findings: buildFindings(reading),
    needs: buildNeeds(reading),
    tables: options.showValues ? tables : hideDeep(tables),
    objects: listObjects(inventory, reading.catalog.tables),
  }
}

function isTable(table: Pick<CatalogTable, 'kind'>): boolean {
  return table.kind === 'table' || table.kind === 'partitioned table' || table.kind === 'foreign table'
}

function listObjects(inventory: Inventory, tables: readonly CatalogTable[]): SnapshotObject[] {
  const told = new Set(tables.map(({ schema, name }) => `${schema}.${name}`))
  const relations = new Set(inventory.filter(({ kind }) => RELATIONS.has(kind)).map(({ name }) => name))
  return inventory.filter(({ kind, of }) => {
    if (kind === 'schema' || RELATIONS.has(kind)) return false
    // Of a composite type or a domain they are told with no table.
    return !PARTS.has(kind) || (of !== null && !relations.has(of) && !told.has(of))
  })
}

function summarize(tables: readonly SnapshotTable[], inventory: Inventory): SnapshotSummary {
  const count = (...kinds: string[]) => inventory.filter((object) => kinds.includes(object.kind)).length
  const sum = (numbers: (number | null)[]) => numbers.reduce<number>((all, one) => all + (one ?? 0), 0)
  // Of a partitioned table its partitions are counted.
  const leaves = tables.filter((table) => table.kind === 'table' || table.kind === 'materialized view')
  return {
    tables: tables.filter(isTable).length,
    views: tables.length - tables.filter(isTable).length,
    columns: sum(tables.filter(isTable).map((table) => table.columns.length)),
    indexes: count('index'),
    foreignKeys: sum(tables.map((table) => table.constraints.filter((one) => one.kind === 'foreign key').length)),
    triggers: count('trigger'),
    policies: count('policy'),
    functions: count('function', 'procedure', 'window function', 'aggregate'),
    rows: sum(leaves.map((table) => table.rows.exact ?? table.rows.estimated)),
    bytes: sum(leaves.flatMap((table) => [table.size.table, table.size.indexes])),
  }
}

function buildNeeds({ dump, inventory, server, needs }: SnapshotReading): SnapshotNeeds {
  return {
    roles: dump instanceof CrossfadeError ? [] : dump.roles,
    extensions: inventory
      .filter((object) => object.kind === 'extension')
      .map((object) => `${object.name} ${String(object.facts.version)}`),
    tablespaces: server.tablespaces,
    objects: needs,
  }
}

function hideDeep<Value>(value: Value): Value {
  if (typeof value === 'string') return (value.length < 12 ? value : hideSecrets(value)) as Value
  if (Array.isArray(value)) return value.map(hideDeep) as Value
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hideDeep(one)])) as Value
}
