import pg from 'pg'
import { errorCode, SQLSTATE } from '../db/sqlstates.ts'
import { transaction } from '../db/transaction.ts'
import { type ColumnRow, columnsQuery } from './columns.sql.ts'
import { isConstantDefault } from './constant-default.ts'
import { type ConstraintRow, constraintsQuery } from './constraints.sql.ts'
import { type EqualityRow, equalityQuery } from './equality.sql.ts'
import { type GrantRow, grantsQuery } from './grants.sql.ts'
import { type IndexRow, indexesQuery } from './indexes.sql.ts'
import { type PolicyRow, policiesQuery } from './policies.sql.ts'
import { type RelationRow, relationsQuery, type ViewQueryRow, viewQueriesQuery } from './relations.sql.ts'
import { withSearchPath } from './search-path.ts'
import { type TriggerRow, triggersQuery } from './triggers.sql.ts'
import type { Catalog, CatalogColumn, CatalogTable } from './types.ts'

/**
 * Every table and view of these schemas, at one moment; a schema that doesn't exist has none. Outside a transaction
 * it opens one, so that the queries agree with each other; inside, it sees what the transaction sees, and leaves
 * search_path as it was. Takes no locks but ACCESS SHARE on the system catalog.
 */
export async function readCatalog(client: pg.ClientBase, schemas: readonly string[]): Promise<Catalog> {
  const status = client.getTransactionStatus()
  if (status === 'T' || status === 'E') return await readInTransaction(client, schemas)
  for (let left = TRIES - 1; ; left--) {
    try {
      return await transaction(client, (inside) => readInTransaction(inside, schemas), {
        isolation: 'repeatable read',
        readOnly: true,
      })
    } catch (error) {
      if (left === 0 || !MEANWHILE.has(errorCode(error) ?? '')) throw error
    }
  }
}

const TRIES = 5

/** The server looks names up in the catalog as it is now, whatever the snapshot has: what has gone meanwhile is an error. */
const MEANWHILE: ReadonlySet<string> = new Set([SQLSTATE.internalError, SQLSTATE.undefinedTable])

async function readInTransaction(client: pg.ClientBase, schemas: readonly string[]): Promise<Catalog> {
  return await withSearchPath(client, 'pg_catalog', async () => {
    const serverVersion = await readServerVersion(client)
    const relations = await readRows<RelationRow>(client, relationsQuery, [schemas])
    const oids = relations.map((relation) => relation.oid)
    const columns = groupByRelation(await readColumns(client, oids))
    const constraints = groupByRelation(await readRows<ConstraintRow>(client, constraintsQuery, [oids]))
    const indexes = groupByRelation(await readRows<IndexRow>(client, indexesQuery, [oids]))
    const triggers = groupByRelation(await readRows<TriggerRow>(client, triggersQuery, [oids]))
    const policies = groupByRelation(await readRows<PolicyRow>(client, policiesQuery, [oids]))
    const grants = groupByRelation(await readRows<GrantRow>(client, grantsQuery, [oids]))
    const viewQueries = await readViewQueries(client, relations)

    const tables = relations.map(
      (relation): CatalogTable => ({
        ...relation,
        columns: columns.get(relation.oid) ?? [],
        constraints: constraints.get(relation.oid) ?? [],
        indexes: indexes.get(relation.oid) ?? [],
        triggers: triggers.get(relation.oid) ?? [],
        policies: policies.get(relation.oid) ?? [],
        grants: grants.get(relation.oid) ?? [],
        viewQuery: viewQueries.get(relation.oid) ?? null,
      }),
    )
    return { serverVersion, tables }
  })
}

async function readServerVersion(client: pg.ClientBase): Promise<number> {
  const [row] = await readRows<{ version: number }>(
    client,
    /* sql */ `select pg_catalog.current_setting('server_version_num')::int as version`,
    [],
  )
  return row?.version ?? 0
}

type OfRelation<Value> = Value & { readonly relation: number }

async function readColumns(client: pg.ClientBase, oids: readonly number[]): Promise<OfRelation<CatalogColumn>[]> {
  const rows = await readRows<ColumnRow>(client, columnsQuery, [oids])
  const types = [...new Set(rows.map((row) => row.typeOid))]
  const equalities = await readRows<EqualityRow>(client, equalityQuery, [types])
  const equalityOf = new Map(equalities.map((row) => [row.type, row.schema]))
  const isConstant = rememberConstants()
  return await Promise.all(
    rows.map(async ({ domainDefault, ...column }) => ({
      ...column,
      equalitySchema: equalityOf.get(column.typeOid) ?? null,
      defaultIsConstant:
        column.generated === null &&
        column.identity === null &&
        (await isConstant(column.default ?? domainDefault, column)),
    })),
  )
}

/** Of thousands of columns most have one of a few defaults, and each is parsed. */
function rememberConstants(): typeof isConstantDefault {
  const known = new Map<string, Promise<boolean>>()
  return (expression, column) => {
    const key = JSON.stringify([expression, column.type, column.baseType, column.typeCategory])
    const answer = known.get(key) ?? isConstantDefault(expression, column)
    known.set(key, answer)
    return answer
  }
}

/** A view prints its tables with a schema unless the search path finds them, so each schema has a turn of its own. */
async function readViewQueries(
  client: pg.ClientBase,
  relations: readonly RelationRow[],
): Promise<ReadonlyMap<number, string>> {
  const views = relations.filter((relation) => relation.kind === 'view' || relation.kind === 'materialized view')
  const queries = new Map<number, string>()
  for (const schema of new Set(views.map((view) => view.schema))) {
    const oids = views.filter((view) => view.schema === schema).map((view) => view.oid)
    const rows = await withSearchPath(client, pg.escapeIdentifier(schema), () =>
      readRows<ViewQueryRow>(client, viewQueriesQuery, [schema, oids]),
    )
    for (const row of rows) queries.set(row.oid, row.query)
  }
  return queries
}

async function readRows<Row extends object>(
  client: pg.ClientBase,
  query: string,
  values: readonly unknown[],
): Promise<Row[]> {
  const { rows } = await client.query<Row>(query, [...values])
  return rows
}

function groupByRelation<Row extends { readonly relation: number }>(
  rows: readonly Row[],
): ReadonlyMap<number, Omit<Row, 'relation'>[]> {
  const groups = new Map<number, Omit<Row, 'relation'>[]>()
  for (const { relation, ...row } of rows) {
    const group = groups.get(relation)
    if (group === undefined) groups.set(relation, [row])
    else group.push(row)
  }
  return groups
}
