import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import type { Catalog, CatalogTable } from '../catalog/types.ts'
import { type Candidate, nameOf } from './candidate.ts'

interface Access {
  readonly oid: number
  readonly may: boolean
  readonly usage: boolean
  readonly hidden: boolean
}

/** $1 oid[] */
const ACCESS = /* sql */ `
select c.oid, pg_catalog.has_table_privilege(c.oid, 'SELECT') as may,
       pg_catalog.has_schema_privilege(c.relnamespace, 'USAGE') as usage,
       pg_catalog.row_security_active(c.oid) as hidden
from pg_catalog.pg_class c
where c.oid = any ($1::oid[])`

interface StatisticsRow {
  readonly oid: number
  readonly column: string
  readonly width: number
  readonly distinct: number
}

/** $1 oid[]. Of a table with children the figures over all of them count. */
const STATISTICS = /* sql */ `
select distinct on (c.oid, s.attname)
       c.oid, s.attname::text as column, s.avg_width as width, s.n_distinct::float8 as distinct
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname
where c.oid = any ($1::oid[])
order by c.oid, s.attname, s.inherited desc`

/**
 * Tables and views of these schemas that could hold facts, with what the server knows of their columns: not the parts of
 * partitioned tables, and no temporary tables.
 */
export async function readCandidates(
  client: pg.ClientBase,
  schemas: readonly string[],
): Promise<{ catalog: Catalog; candidates: Candidate[] }> {
  const catalog = await readCatalog(client, schemas)
  const tables = catalog.tables.filter((table) => !table.isPartition && table.persistence !== 'temporary')
  const oids = tables.map((table) => table.oid)
  const access = (await client.query<Access>(ACCESS, [oids])).rows
  const statistics = (await client.query<StatisticsRow>(STATISTICS, [oids])).rows
  const byOid = new Map(catalog.tables.map((table) => [table.oid, table]))
  const widths = new Map(statistics.map((row) => [`${row.oid} ${row.column}`, row]))
  const candidates = tables.map((table): Candidate => {
    const columns = table.columns.map((column) => {
      const known = widths.get(`${table.oid} ${column.name}`)
      return { ...column, width: known?.width ?? null, distinct: known?.distinct ?? null }
    })
    const unreadable = whyUnreadable(access.find((one) => one.oid === table.oid))
    return { name: nameOf(table), table, columns, rows: countRows(table, byOid), unreadable }
  })
  return { catalog, candidates }
}

function whyUnreadable(access: Access | undefined): string | null {
  if (access === undefined) return 'it was dropped meanwhile'
  if (!access.usage) return 'the role may not use its schema'
  if (!access.may) return 'the role may not read it'
  return access.hidden ? 'its row security hides rows from the role' : null
}

function countRows(table: CatalogTable, byOid: ReadonlyMap<number, CatalogTable>): number | null {
  if (table.kind === 'view') return null
  const parts = table.children
    .flatMap((oid) => byOid.get(oid) ?? [])
    .filter((part) => part.kind !== 'partitioned table')
  const own = table.kind === 'partitioned table' ? [] : [table.estimatedRows]
  const counts = [...own, ...parts.map((part) => part.estimatedRows)]
  return counts.reduce<number | null>((sum, one) => (sum === null || one === null ? null : sum + one), 0)
}

/** The schemas that there are, but for those of the server. */
export async function readSchemas(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(/* sql */ `
    select nspname::text as name from pg_catalog.pg_namespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' order by 1`)
  return rows.map((row) => row.name)
}
