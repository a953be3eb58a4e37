import type { ImportedFrom } from '../../style.ts'
import type { Value } from '../../value.ts'
import { typedDatabase } from './database.ts'
import { drizzle } from './values.ts'

/** Where tables are defined: `drizzle-orm/pg-core`, and the same of the other databases that Drizzle speaks with. */
const CORE = /^drizzle-orm\/(pg|mysql|sqlite|singlestore|gel|mssql|cockroach)-core(\/|$)/

/** Types of databases and transactions, of all drivers. */
const DATABASE_TYPE = /(Database|Transaction)$/

/** Names of the core modules that are no column types. */
const OF_CORE =
  /^((pg|mysql|sqlite|singlestore|gel|mssql|cockroach)(Table|TableCreator|Schema|View|MaterializedView|Enum|Policy|Role|Sequence)|alias|customType|union|unionAll|intersect|intersectAll|except|exceptAll|index|uniqueIndex|unique|primaryKey|foreignKey|check|withReplicas|getTableConfig|getViewConfig)$/

/** What an import of Drizzle gives. */
export function importedValue({ specifier }: ImportedFrom, name: string): Value | undefined {
  if (!/^drizzle-orm(\/|$)/.test(specifier)) return undefined
  if (name === 'default' || /^[A-Z]/.test(name)) return name === 'QueryBuilder' ? queryBuilder() : undefined
  if (name === 'drizzle' || !CORE.test(specifier)) return drizzle({ is: 'function', name })
  if (OF_CORE.test(name))
    return drizzle({
      is: 'function',
      name: name.replace(/^(mysql|sqlite|singlestore|gel|mssql|cockroach)(?=[A-Z])/, 'pg'),
    })
  return drizzle({ is: 'function', name: 'columnType' })
}

function queryBuilder(): Value {
  return drizzle({ is: 'function', name: 'QueryBuilder' })
}

/** What something of a type of Drizzle is. */
export function typedValue({ specifier }: ImportedFrom, name: string, args: readonly Value[]): Value | undefined {
  if (!/^drizzle-orm(\/|$)/.test(specifier) || !DATABASE_TYPE.test(name)) return undefined
  // `PgDatabase<HKT, Schema>` and `PgTransaction<HKT, Schema>`, but `NodePgDatabase<Schema>`.
  const schemas = args.filter(({ kind }) => kind === 'object')
  return drizzle(typedDatabase(schemas[0] ?? null))
}
