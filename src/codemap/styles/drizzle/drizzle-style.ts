import type { Site, StyleDefinition, StyleModel } from '../../style.ts'
import { type LibraryValue, unknown, type Value } from '../../value.ts'
import { readSqlFiles } from '../sql/read-sql-files.ts'
import { sqlOfValue } from '../sql/text-of-value.ts'
import type { DrizzleRun } from './builder.ts'
import {
  callCommonTable,
  callDatabase,
  callRelational,
  databaseMember,
  makeDatabase,
  typedDatabase,
} from './database.ts'
import { importedValue, typedValue } from './imports.ts'
import { callBuilder, uniteAll } from './queries.ts'
import { builderColumns, builtRelation, columnThrough, defineRelations, relationOf } from './relations.ts'
import { callSql, sqlOf } from './sql-template.ts'
import {
  aliasTable,
  columnsObject,
  columnType,
  defineTable,
  defineView,
  finishView,
  tableMember,
  tableName,
} from './tables.ts'
import { subqueryMember, termOf } from './terms.ts'
import { allOf, type DrizzleOf, drizzle, drizzleOf } from './values.ts'

/**
 * Drizzle: tables are values of the code, so that what a query names follows from the values that it is given. The other
 * databases that it speaks with have the same builders under other names.
 */
export const drizzleStyle: StyleDefinition = {
  name: 'drizzle',
  modules: /drizzle-orm/,
  words: [
    'select',
    'selectDistinct',
    'selectDistinctOn',
    'from',
    'insert',
    'update',
    'delete',
    'findMany',
    'findFirst',
    '$count',
    'execute',
    'all',
    'get',
    'run',
    'values',
    'batch',
    'transaction',
    'refreshMaterializedView',
  ],
  create: async (project) => {
    const run: DrizzleRun = { casings: new Set(), catalog: (await readSqlFiles(project)).catalog }
    const model: StyleModel = {
      name: 'drizzle',
      imported: importedValue,
      typed: typedValue,
      member,
      call: (receiver, method, args, site) => {
        const of = drizzleOf(receiver)
        if (of === undefined) return undefined
        return method === null ? callItself(run, of, args, site) : callMethod(run, receiver, of, method, args, site)
      },
      awaited: (receiver) => {
        const is = drizzleOf(receiver)?.is
        return is === 'builder' || is === 'prepared' ? unknown('it comes from the database') : receiver
      },
      hands: (receiver, method) =>
        drizzleOf(receiver)?.is === 'database' && method === 'transaction' ? [receiver] : undefined,
      construct: (receiver) => {
        const of = drizzleOf(receiver)
        return of?.is === 'function' && of.name === 'QueryBuilder' ? drizzle(typedDatabase(null)) : undefined
      },
      tag: (receiver, template) => {
        const of = drizzleOf(receiver)
        return of?.is === 'function' && of.name === 'sql' ? drizzle(sqlOf(template)) : undefined
      },
    }
    return model
  },
}

function member(receiver: LibraryValue, name: string): Value | undefined {
  const of = drizzleOf(receiver)
  switch (of?.is) {
    case 'table':
      return tableMember(of, name)
    case 'database':
      return databaseMember(of, name)
    case 'relational':
      return of.name === null ? drizzle({ ...of, name }) : undefined
    case 'subquery':
      return subqueryMember(of, name)
    case 'enum':
      return name === 'enumValues' ? of.values : undefined
    case 'functions':
      return of.of === 'operators' ? drizzle({ is: 'function', name }) : undefined
    case 'table relations':
      return name === 'table' ? drizzle(of.table) : undefined
    case 'relation builder':
      if (of.kind === null && (name === 'one' || name === 'many')) return drizzle({ ...of, kind: name })
      return of.kind === null ? builderColumns(of.schema, name) : undefined
    default:
      return undefined
  }
}

/** A value of Drizzle that is called itself: `pgTable(…)`, `eq(…)`, `state('state')`. */
function callItself(run: DrizzleRun, of: DrizzleOf, args: readonly Value[], site: Site): Value | undefined {
  const [first, second] = args
  if (of.is === 'enum') return drizzle(columnType(args))
  if (of.is === 'table creator') return defineTable(of, args, site)
  if (of.is !== 'function') return undefined
  switch (of.name) {
    case 'drizzle':
      return drizzle(makeDatabase(run, args))
    case 'pgTable':
      return defineTable({ rename: null, schema: null }, args, site)
    case 'pgTableCreator':
      return drizzle({ is: 'table creator', rename: first ?? null, schema: null })
    case 'pgSchema':
      return first === undefined ? undefined : drizzle({ is: 'pg schema', name: first })
    case 'pgEnum':
      return second === undefined ? undefined : drizzle({ is: 'enum', values: second })
    case 'pgView':
    case 'pgMaterializedView':
      return defineView(null, args, site)
    case 'columnType':
      return drizzle(columnType(args))
    case 'customType':
      return drizzle({ is: 'function', name: 'columnType' })
    case 'alias':
    case 'aliasedTable': {
      const [table] = allOf(first, 'table')
      return table === undefined ? first : aliasTable(table, second)
    }
    case 'getTableColumns':
    case 'getColumns':
    case 'getViewSelectedFields': {
      const [table] = allOf(first, 'table')
      return table === undefined ? undefined : columnsObject(table)
    }
    case 'getTableName': {
      const [table] = allOf(first, 'table')
      return table === undefined ? undefined : tableName(table)
    }
    case 'relations': {
      const [table] = allOf(first, 'table')
      return table === undefined || second === undefined
        ? undefined
        : drizzle({ is: 'relations', table, config: second })
    }
    case 'defineRelations':
    case 'defineRelationsPart':
      return defineRelations(args, site)
    case 'withReplicas':
      return first
    case 'one':
    case 'many':
      return relationOf(of.name, args)
    case 'sql':
      return first === undefined ? undefined : drizzle({ is: 'sql', text: sqlOfValue(first), uses: [], tables: [] })
    case 'union':
    case 'unionAll':
    case 'intersect':
    case 'intersectAll':
    case 'except':
    case 'exceptAll':
      return uniteAll(args)
    default:
      return termOf(of.name, args)
  }
}

function callMethod(
  run: DrizzleRun,
  receiver: LibraryValue,
  of: DrizzleOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  switch (of.is) {
    case 'database':
      return callDatabase(run, of, method, args, site)
    case 'builder':
      return callBuilder(run, of, method, args, site)
    case 'relational':
      return callRelational(run, of, method, args, site)
    case 'cte':
      return callCommonTable(of, method, args, site)
    case 'column type':
      // `.notNull().default(…)`: still the same column.
      return receiver
    case 'pg schema':
      return callSchema(of.name, method, args, site)
    case 'view definition':
      if (method === 'as') return finishView(of.table, args, site)
      return method === 'existing' ? drizzle(of.table) : receiver
    case 'functions':
      if (of.of === 'column types') return drizzle(columnType(args))
      return of.of === 'relations' && (method === 'one' || method === 'many') ? relationOf(method, args) : undefined
    case 'relation builder':
      return of.kind === null ? undefined : builtRelation(of.kind, of.schema, method, args)
    case 'column':
      return method === 'through' ? columnThrough(of, args) : receiver
    case 'sql':
    case 'term':
      // `.as('name')`, `.mapWith(Number)`, `.desc()`: the same columns.
      return receiver
    case 'function':
      return of.name === 'sql'
        ? callSql(method, args)
        : of.name === 'drizzle' && method === 'mock'
          ? drizzle(makeDatabase(run, args))
          : undefined
    case 'prepared':
      return method === 'concurrently' || method === 'withNoData' ? receiver : undefined
    default:
      return undefined
  }
}

function callSchema(schema: Value, method: string, args: readonly Value[], site: Site): Value | undefined {
  const [, second] = args
  if (method === 'table') return defineTable({ rename: null, schema }, args, site)
  if (method === 'view' || method === 'materializedView') return defineView(schema, args, site)
  if (method === 'enum') return second === undefined ? undefined : drizzle({ is: 'enum', values: second })
  return undefined
}
