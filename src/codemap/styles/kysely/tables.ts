import type { Access } from '../../access.ts'
import type { Casing } from '../../builders/casing.ts'
import { createHomes, type Homes } from '../../builders/homes.ts'
import { addSource, makeQuery, type Query, querySource, use } from '../../builders/query.ts'
import { settleQueries } from '../../builders/settle-queries.ts'
import { renameTexts, type TableName, tableNames, tableSource } from '../../builders/table-name.ts'
import type { Operation } from '../../interaction.ts'
import { itemsOf, membersOf } from '../../read-value.ts'
import { buildSqlCatalog, type Definition } from '../../sql/catalog.ts'
import type { Site } from '../../style.ts'
import { atomsOf, type Value } from '../../value.ts'
import { refTerms } from './terms.ts'
import { type ClientOf, kysely, kyselyOf } from './values.ts'

/** What one run remembers. */
export interface KyselyRun {
  readonly homes: Homes
  /** Types of databases, to tell which table has a column. */
  readonly types: Set<Value>
  readonly queries: Set<Query>
  readonly byAccess: Map<Access, Query>
}

export function createRun(): KyselyRun {
  return { homes: createHomes(), types: new Set(), queries: new Set(), byAccess: new Map() }
}

/** The query whose first table this is. */
export function queryOf(run: KyselyRun, access: Access | null, parent: Query | null): Query {
  const known = access && run.byAccess.get(access)
  if (known) return known
  const made = makeQuery(parent)
  run.queries.add(made)
  if (access) run.byAccess.set(access, made)
  return made
}

export function openTable(run: KyselyRun, client: ClientOf, name: TableName, operation: Operation, site: Site): Access {
  const casing = casingFor(run, client, site.place.file)
  const schema = name.schema ?? client.schema
  return site.open({
    table: () => renameTexts(name.table, casing),
    schema: schema && renameTexts(schema, (one) => one),
    operation,
    key: name.names.join(),
    columnName: casing,
    transaction: client.transaction,
    finish: (access) => {
      if (!homeOf(run, client, site.place.file).postgres) access.drop()
    },
  })
}

/** Asked for each name when the whole program has been walked. */
function casingFor(run: KyselyRun, client: ClientOf, file: string): Casing {
  return (name) => {
    const casing = client.casing === undefined ? homeOf(run, client, file).casing : client.casing
    return casing ? casing(name) : name
  }
}

export function homeOf(run: KyselyRun, client: ClientOf, file: string) {
  return client.home ?? run.homes.find(file, typeKey(client.types))
}

/** The names of all tables: what tells one database's type from another. */
export function typeKey(types: Value | null): string {
  return types
    ? membersOf(types)
        .members.map(([name]) => name)
        .sort()
        .join()
    : ''
}

/**
 * Adds what `from`, `join` or `using` names: tables, queries with an alias, SQL. `inside` is the query in which such
 * callbacks may name tables (of lateral joins).
 */
export function addSources(
  run: KyselyRun,
  client: ClientOf,
  query: Query,
  value: Value,
  inside: Query | null,
  site: Site,
): void {
  for (const item of itemsOf(value).items.flatMap(atomsOf)) {
    if (item.kind === 'array') addSources(run, client, query, item, inside, site)
    else if (item.kind === 'function') {
      const given = kysely({ is: 'expressions', client, query: inside })
      addSources(run, client, query, site.call(item, [given]), inside, site)
    } else if (item.kind === 'library') addLibrarySource(run, client, query, item, site)
    else for (const name of tableNames(item)) addTable(run, client, query, name, site)
  }
}

function addTable(run: KyselyRun, client: ClientOf, query: Query, name: TableName, site: Site): void {
  const named = name.table.kind === 'text' && !name.schema ? client.named.get(name.table.text) : undefined
  if (named) {
    addSource(query, querySource(name.names, named.query, named.columns))
    return
  }
  const access = openTable(run, client, name, 'select', site)
  addSource(query, tableSource(name, access))
}

function addLibrarySource(run: KyselyRun, client: ClientOf, query: Query, item: Value, site: Site): void {
  const of = item.kind === 'library' ? kyselyOf(item) : undefined
  if (of?.is === 'table') for (const name of tableNames(of.name)) addTable(run, client, query, name, site)
  if (of?.is !== 'aliased') return
  const alias = atomsOf(of.alias).flatMap((atom) => (atom.kind === 'text' ? [atom.text] : []))
  if (of.of.is === 'table') {
    for (const name of tableNames(of.of.name)) addTable(run, client, query, { ...name, names: alias }, site)
    return
  }
  const inner = of.of.is === 'builder' ? of.of.query : null
  addSource(query, querySource(alias, inner))
  const about = { is: 'expressions', client, query: null } as const
  if (!inner) use(query, 'read', refTerms(kysely(of.of), about, site))
}

/** When a walk is over: which columns belong to which tables. */
export function settle(run: KyselyRun): void {
  settleQueries(run.queries, buildSqlCatalog([...run.types].flatMap(definitionsOf)))
  run.queries.clear()
  run.byAccess.clear()
}

/** `interface Database { posts: { id: string; … } }` says which columns each table has. */
function definitionsOf(types: Value): Definition[] {
  return membersOf(types).members.flatMap(([path, table]): Definition[] => {
    const columns = membersOf(table).members.map(([name]) => name)
    const [name = '', schema = null] = path.split('.').reverse()
    return columns.length === 0
      ? []
      : [{ kind: 'table', schema, name, table: { isView: false, columns, complete: true } }]
  })
}
