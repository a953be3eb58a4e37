import type { Access } from '../../access.ts'
import { itemsOf, membersOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { array, atomsOf, unknown, type Value } from '../../value.ts'
import { accessesOf, addUses, type DrizzleRun, openTable, startBuilder } from './builder.ts'
import type { Casing } from './casing.ts'
import { readFragments, readStatement } from './fragments.ts'
import { startQuery } from './queries.ts'
import { readRelational } from './relational.ts'
import { tableUnder } from './relations.ts'
import { callIfFunction } from './tables.ts'
import { allOf, type DatabaseOf, type DrizzleOf, drizzle, drizzleOf } from './values.ts'

const RUNS = new Set(['execute', 'all', 'get', 'run', 'values'])

/** `drizzle(client, { schema, casing })`, `drizzle({ client, schema })`, `drizzle(url)`. */
export function makeDatabase(run: DrizzleRun, args: readonly Value[]): DatabaseOf {
  const part = (name: string): Value | null => {
    const found = args.flatMap((arg) => membersOf(arg).members.filter(([member]) => member === name))
    return found[0]?.[1] ?? null
  }
  const given = part('casing')
  const [text] = given === null ? [] : textsOf(given).texts
  const casing: Casing = text === 'snake_case' || text === 'camelCase' ? text : null
  run.casings.add(casing)
  return {
    is: 'database',
    schema: part('schema'),
    relations: part('relations'),
    casing,
    transaction: null,
    quiet: false,
  }
}

/** What is known by its type alone: `NodePgDatabase<typeof schema>`, `PgTransaction<…>`. */
export function typedDatabase(schema: Value | null): DatabaseOf {
  return { is: 'database', schema, relations: null, casing: undefined, transaction: null, quiet: false }
}

/** `db.query`, `db.query.posts`, `db.$primary`. */
export function databaseMember(database: DatabaseOf, name: string): Value | undefined {
  if (name === 'query' || name === '_query') return drizzle({ is: 'relational', database, name: null })
  if (name === '$primary') return drizzle(database)
  if (name === '$replicas') return array([drizzle(database)], false)
  return undefined
}

export function callDatabase(
  run: DrizzleRun,
  database: DatabaseOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first] = args
  const started = startQuery(run, database, method, args, site)
  if (started !== undefined) return started
  if (method === 'with') return drizzle(database)
  if (method === '$with') return drizzle({ is: 'cte', database, selection: args[1] ?? null })
  if (method === 'transaction') return first === undefined ? undefined : runTransaction(database, first, site)
  if (method === 'batch') return runBatch(first, site)
  if (method === '$count') return countRows(run, database, args, site)
  if (method === 'refreshMaterializedView') {
    for (const table of allOf(first, 'table')) openTable(run, database, table, 'ddl', site)
    return drizzle({ is: 'prepared', accesses: [] })
  }
  if (RUNS.has(method)) {
    const accesses = first === undefined ? [] : readStatement(run, database, first, site)
    return drizzle({ is: 'prepared', accesses })
  }
  return undefined
}

function runTransaction(database: DatabaseOf, work: Value, site: Site): Value {
  const transaction = database.transaction ?? blockOf(site)
  return site.call(work, [drizzle({ ...database, transaction })])
}

function blockOf({ place: { file, line, column } }: Site): string {
  return `${file}:${line}:${column}`
}

/** `db.batch([…])` runs its queries in one transaction. */
function runBatch(queries: Value | undefined, site: Site): Value {
  const block = blockOf(site)
  for (const query of queries === undefined ? [] : itemsOf(queries).items) {
    for (const access of atomsOf(query).flatMap((atom) => accessesIn(drizzleOf(atom)))) access.transaction(block)
  }
  return unknown('it is what the queries give')
}

function accessesIn(of: DrizzleOf | undefined): readonly Access[] {
  if (of?.is === 'builder') return accessesOf(of)
  if (of?.is === 'subquery') return accessesOf(of.builder)
  return of?.is === 'prepared' ? of.accesses : []
}

/** `db.$count(posts, condition)`. */
function countRows(
  run: DrizzleRun,
  database: DatabaseOf,
  [table, condition]: readonly Value[],
  site: Site,
): Value | undefined {
  const accesses = allOf(table, 'table').flatMap((one) => {
    const access = openTable(run, database, one, 'select', site)
    const builder = { ...startBuilder('update', database, null), sources: [{ table: one, access }] }
    addUses(builder, 'filtered', [condition])
    return access ?? []
  })
  const inner = readFragments(run, database, [condition], site)
  return drizzle({ is: 'prepared', accesses: [...accesses, ...inner] })
}

/** `db.$with('active').as(query)`: names a query for `with`; the name is no table. */
export function callCommonTable(
  { database, selection }: Extract<DrizzleOf, { is: 'cte' }>,
  method: string,
  [query]: readonly Value[],
  site: Site,
): Value | undefined {
  if (method !== 'as' || query === undefined) return undefined
  const [builder] = allOf(callIfFunction(query, [drizzle(database)], site), 'builder')
  return builder === undefined ? undefined : drizzle({ is: 'subquery', builder, selection })
}

/** `db.query.posts.findMany(…)`. */
export function callRelational(
  run: DrizzleRun,
  { database, name }: Extract<DrizzleOf, { is: 'relational' }>,
  method: string,
  [config]: readonly Value[],
  site: Site,
): Value | undefined {
  if (name === null || (method !== 'findMany' && method !== 'findFirst')) return undefined
  const tables = queriedTables(database, name)
  if (tables.length === 0) {
    const reason = `the schema that the database was made with has no table "${name}" that is known`
    site.open({ table: unknown(reason), operation: 'select', transaction: database.transaction })
    return unknown(reason)
  }
  const accesses = tables.flatMap((table) => readRelational(run, database, table, config, site))
  return drizzle({ is: 'prepared', accesses })
}

function queriedTables({ schema, relations }: DatabaseOf, name: string) {
  const entry = relations === null ? [] : membersOf(relations).members.filter(([member]) => member === name)
  const related = entry.flatMap(([, value]) => allOf(value, 'table relations').map(({ table }) => table))
  return related.length > 0 ? related : tableUnder(schema, name)
}
