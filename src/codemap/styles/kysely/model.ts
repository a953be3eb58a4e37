import { snakeCase } from '../../builders/casing.ts'
import { makeQuery } from '../../builders/query.ts'
import { rawText } from '../../builders/raw-text.ts'
import { literalsOf, memberValue } from '../../read-value.ts'
import { loadSqlParser } from '../../sql/parser.ts'
import type { ImportedFrom, Site, StyleDefinition, StyleModel } from '../../style.ts'
import { atomsOf, type LibraryValue, unknown, type Value } from '../../value.ts'
import { callClient, callTransaction, runRaw } from './client.ts'
import { callExpression, callExpressions, callFunctions, callHelper, callOver } from './expressions.ts'
import { callDdl, callIndex, callSchema } from './schema.ts'
import { callClauses, callJoin } from './select.ts'
import { callSqlTag, rawOf } from './sql.ts'
import { suspectKysely } from './suspects.ts'
import { createRun, type KyselyRun, settle, typeKey } from './tables.ts'
import { allOf, type ClientOf, type ExpressionsOf, type KyselyOf, kysely } from './values.ts'
import { callConflict, callWrite } from './write.ts'

/** Kysely: a client is a `new Kysely(…)`, or whatever has the type of one. Only those of PostgreSQL count. */
export const kyselyStyle: StyleDefinition = {
  name: 'kysely',
  modules: /kysely/,
  words: [
    'selectFrom',
    'selectNoFrom',
    'insertInto',
    'replaceInto',
    'updateTable',
    'deleteFrom',
    'mergeInto',
    'executeQuery',
    'createTable',
    'alterTable',
    'dropTable',
    'createView',
    'dropView',
    'createIndex',
    'refreshMaterializedView',
    'execute',
    // A function may do no more than add a table to the query that it is handed.
    'innerJoin',
    'leftJoin',
    'rightJoin',
    'fullJoin',
    'innerJoinLateral',
    'leftJoinLateral',
    'crossJoin',
    'crossJoinLateral',
    'using',
  ],
  create: async () => {
    await loadSqlParser()
    return createModel(createRun())
  },
}

function createModel(run: KyselyRun): StyleModel {
  return {
    name: 'kysely',
    imported,
    typed: (from, name, args) => typed(run, from, name, args),
    member,
    call: (receiver, method, args, site) => call(run, receiver, method, args, site),
    construct: (receiver, args, site) => construct(run, receiver, args, site),
    tag: (receiver, template, site) => ((receiver.of as KyselyOf).is === 'sql tag' ? rawOf(template, site) : undefined),
    suspect: suspectKysely,
    settle: () => {
      settle(run)
      return true
    },
  }
}

/** Dialects of other makers that lead to other databases. */
const OTHER_DATABASES = /sqlite|libsql|turso|d1|mysql|planetscale|maria|mssql|tedious|singlestore|clickhouse|duckdb/i

function imported({ specifier }: ImportedFrom, name: string): Value | undefined {
  if (/Dialect$/.test(name) && /kysely/i.test(specifier))
    return kysely({ is: 'dialect', postgres: !OTHER_DATABASES.test(`${specifier} ${name}`) })
  if (specifier !== 'kysely' && !specifier.startsWith('kysely/')) return undefined
  return name === 'sql' ? kysely({ is: 'sql tag' }) : kysely({ is: 'export', name })
}

const CLIENTS = new Set(['Kysely', 'Transaction', 'ControlledTransaction', 'QueryCreator'])
const BUILDERS = {
  SelectQueryBuilder: 'select',
  InsertQueryBuilder: 'insert',
  UpdateQueryBuilder: 'update',
  DeleteQueryBuilder: 'delete',
} as const

function typed(
  run: KyselyRun,
  { specifier }: ImportedFrom,
  name: string,
  [types]: readonly Value[],
): Value | undefined {
  if (specifier !== 'kysely') return undefined
  if (CLIENTS.has(name)) return kysely(typedClient(run, types))
  const kind = BUILDERS[name as keyof typeof BUILDERS]
  const client = typedClient(run, types)
  const query = makeQuery(null)
  if (kind) return kysely({ is: 'builder', kind, client, query, target: null, named: false, does: [] })
  if (name === 'ExpressionBuilder') return kysely({ is: 'expressions', client, query })
  return name === 'ColumnType' || name === 'Generated' ? types : undefined
}

function typedClient(run: KyselyRun, types: Value | undefined): ClientOf {
  if (types) run.types.add(types)
  return {
    is: 'client',
    home: null,
    types: types ?? null,
    schema: null,
    named: new Map(),
    transaction: null,
    casing: undefined,
  }
}

function construct(run: KyselyRun, receiver: LibraryValue, args: readonly Value[], site: Site): Value | undefined {
  const of = receiver.of as KyselyOf
  if (of.is === 'dialect') return receiver
  if (of.is !== 'export') return undefined
  const [config] = args
  if (of.name === 'CamelCasePlugin')
    return kysely({ is: 'casing', casing: (name) => snakeCase(name, optionsOf(config)) })
  if (of.name !== 'Kysely') return undefined
  const [types] = site.typeArguments()
  const client = typedClient(run, types)
  const dialects = atomsOf(memberValue(config, 'dialect') ?? unknown('none')).map((atom) => allOf(atom, 'dialect')[0])
  const home = run.homes.add({
    file: site.place.file,
    postgres: dialects.length === 0 || dialects.some((dialect) => dialect?.postgres !== false),
    casing: pluginsOf(config),
    key: typeKey(client.types),
  })
  return kysely({ ...client, home })
}

function pluginsOf(config: Value | undefined) {
  const plugins = memberValue(config, 'plugins')
  const items = plugins ? atomsOf(plugins).flatMap((atom) => (atom.kind === 'array' ? atom.items : [atom])) : []
  return items.flatMap((item) => allOf(item, 'casing'))[0]?.casing ?? null
}

function optionsOf(value: Value | undefined) {
  const isOn = (name: string): boolean => literalsOf(memberValue(value, name)).includes(true)
  return {
    upperCase: isOn('upperCase'),
    underscoreBeforeDigits: isOn('underscoreBeforeDigits'),
    underscoreBetweenUppercaseLetters: isOn('underscoreBetweenUppercaseLetters'),
  }
}

function member(receiver: LibraryValue, name: string): Value | undefined {
  const of = receiver.of as KyselyOf
  if (of.is === 'client') {
    if (name === 'schema') return kysely({ is: 'schema', client: of })
    if (name === 'dynamic') return kysely({ is: 'dynamic' })
    if (name === 'fn') return kysely({ is: 'functions', of: { is: 'expressions', client: of, query: null } })
  }
  if (of.is === 'expressions') {
    if (name === 'fn') return kysely({ is: 'functions', of })
    if (name === 'eb') return receiver
  }
  return of.is === 'export' && of.name === 'CompiledQuery' && name === 'raw'
    ? kysely({ is: 'export', name: 'CompiledQuery.raw' })
    : undefined
}

function call(
  run: KyselyRun,
  receiver: LibraryValue,
  method: string | null,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const of = receiver.of as KyselyOf
  if (of.is === 'expressions') return callExpressions(run, of, method, args, site)
  if (of.is === 'functions') return callFunctions(of.of, method, args, site)
  if (of.is === 'export') return callExport(run, of.name, method, args, site)
  if (of.is === 'name of with')
    return method === null && args[0] ? kysely({ is: 'name of with', name: args[0] }) : receiver
  if (method === null) return undefined
  switch (of.is) {
    case 'client':
      return callClient(run, of, method, args, site)
    case 'transaction':
    case 'command':
      return callTransaction(of, method, args, site)
    case 'builder':
      return callBuilder(run, of, method, args, site)
    case 'join':
      return callJoin(of, method, args, site)
    case 'conflict':
      return callConflict(of.builder, method, args, site)
    case 'expression':
      return callExpression(of, method, args, site)
    case 'over':
      return callOver(of, method, args, site)
    case 'sql tag':
      return callSqlTag(method, args, site)
    case 'raw':
    case 'table':
      return callRaw(run, of, method, args, site)
    case 'dynamic':
      return args[0] && kysely(method === 'table' ? { is: 'table', name: args[0] } : { is: 'ref', name: args[0] })
    case 'schema':
      return callSchema(run, of.client, method, args, site)
    case 'ddl':
      return callDdl(of, method, args, site)
    case 'index':
      return callIndex(run, of, method, args, site)
    default:
      return undefined
  }
}

/** What a builder is asked that is no part of the query. */
const RUNS = /^(execute(TakeFirst(OrThrow)?)?|stream|explain|then|catch|finally)$/

function callBuilder(
  run: KyselyRun,
  of: Extract<KyselyOf, { is: 'builder' }>,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  if (RUNS.test(method)) return undefined
  const made = of.kind === 'select' ? callClauses(run, of, method, args, site) : callWrite(run, of, method, args, site)
  return made ?? kysely(of)
}

/** A class that extends `Kysely` has its methods; all other exports are functions. */
function callExport(
  run: KyselyRun,
  name: string,
  method: string | null,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  if (method !== null)
    return name === 'Kysely' ? callClient(run, typedClient(run, undefined), method, args, site) : undefined
  if (name === 'CompiledQuery.raw') return kysely({ is: 'raw', text: rawText(args[0]), site })
  const about: ExpressionsOf = { is: 'expressions', client: typedClient(run, undefined), query: null }
  return name === 'expressionBuilder' ? kysely(about) : callHelper(name, args, about, site)
}

function callRaw(
  run: KyselyRun,
  of: Extract<KyselyOf, { is: 'raw' | 'table' }>,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  if (method === 'as') return args[0] && kysely({ is: 'aliased', alias: args[0], of })
  if (method !== 'execute') return kysely(of)
  if (of.is === 'raw') runRaw(run, of, allOf(args[0], 'client')[0], site)
  return undefined
}
