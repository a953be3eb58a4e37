import type { Access } from '../../access.ts'
import { tableNames } from '../../builders/table-name.ts'
import { itemsOf, literalsOf, textsOf } from '../../read-value.ts'
import { parseStatements } from '../../sql/parse-statements.ts'
import type { Site } from '../../style.ts'
import { text, type Value } from '../../value.ts'
import { openSql } from '../open-sql.ts'
import { type KnexRun, markParts, openTable, startBuilder, stepsOf } from './chain.ts'
import { rawSql } from './raw.ts'
import { allOf, type KnexOf, knex } from './values.ts'

const TABLES = /^(create|alter|drop|refresh)?(materialized)?(table|view)(orreplace|ifnotexists|ifexists|like)?$/i

/** `knex.schema`: what makes, changes and drops tables and views. */
export function callSchema(
  run: KnexRun,
  of: Extract<KnexOf, { is: 'schema' }>,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first, second] = args
  for (const arg of args) markParts(arg)
  if (method === 'withSchema') return knex({ ...of, schema: first ?? null })
  if (method === 'raw') {
    const sql = rawSql(first, second)
    run.definitions.push(...parseStatements(sql).definitions)
    openSql(site, sql, { transaction: of.client.transaction })
    return knex(of)
  }
  if (!first || method.startsWith('has')) return undefined
  if (method === 'renameTable' || method === 'renameView') {
    for (const name of [first, ...(second ? [second] : [])]) openDdl(run, of, name, site)
    return knex(of)
  }
  if (!TABLES.test(method)) return PROMISED.test(method) ? undefined : knex(of)
  const [name] = tableNames(first, of.schema)
  const access = name && openTable(run, startBuilder(run, of.client, 'part'), name, 'ddl', site)
  const define = args.find((arg) => arg.kind === 'function')
  if (!access || !define) return knex(of)
  const definition = knex({ is: 'definition', access, name })
  site.call(define, [definition], definition)
  return knex(of)
}

const PROMISED = /^(then|catch|finally)$/

function openDdl(run: KnexRun, of: Extract<KnexOf, { is: 'schema' }>, value: Value, site: Site): Access | undefined {
  const [name] = tableNames(value, of.schema)
  return name && openTable(run, startBuilder(run, of.client, 'part'), name, 'ddl', site)
}

/** Methods of a table whose first argument is no column. */
const NO_COLUMN = new Set([
  'index',
  'unique',
  'primary',
  'foreign',
  'dropIndex',
  'dropUnique',
  'dropPrimary',
  'dropForeign',
  'comment',
  'engine',
  'charset',
  'collate',
  'inherits',
  'check',
  'checkPositive',
  'dropChecks',
  'references',
  'as',
])

/** The callback's `table` or `view`: the columns that it makes or changes count as written. */
export function callDefinition(
  run: KnexRun,
  of: Extract<KnexOf, { is: 'definition' }>,
  method: string,
  args: readonly Value[],
): Value {
  const { access, name } = of
  for (const arg of args) markParts(arg)
  const columns = columnsOf(method, args)
  access.written(columns)
  if (name.table.kind === 'text' && columns.length > 0)
    run.definitions.push({ kind: 'columns', schema: name.schemaName, name: name.table.text, columns })
  if (method === 'as') {
    const [query] = allOf(args[0], 'builder')
    if (query) run.heads.add(query.head)
    const selected = [...(query?.head.chains ?? [])].flatMap(stepsOf).filter((step) => step.method === 'select')
    if (selected.length === 0) access.unknownColumns()
  }
  return knex({ is: 'column' })
}

function columnsOf(method: string, args: readonly Value[]): string[] {
  const [first, second, third] = args
  if (method === 'timestamps') {
    const isCamel = literalsOf(third).includes(true)
    return isCamel ? ['createdAt', 'updatedAt'] : ['created_at', 'updated_at']
  }
  if (method === 'dropTimestamps') return ['created_at', 'updated_at']
  if (method === 'renameColumn' || method === 'dropColumns' || method === 'dropColumn' || method === 'columns')
    return args.flatMap((arg) => itemsOf(arg).items.flatMap((one) => textsOf(one).texts))
  if (NO_COLUMN.has(method)) return []
  if (/^(big)?increments$/i.test(method) && (first === undefined || first.kind === 'object'))
    return textsOf(text('id')).texts
  return second?.kind === 'function' ? [] : textsOf(first).texts
}
