import { type Casing, snakeCase } from '../../builders/casing.ts'
import { readPackages } from '../../builders/packages.ts'
import { settleQueries } from '../../builders/settle-queries.ts'
import { membersOf, textsOf } from '../../read-value.ts'
import { buildSqlCatalog } from '../../sql/catalog.ts'
import { parseStatements } from '../../sql/parse-statements.ts'
import { loadSqlParser } from '../../sql/parser.ts'
import { words } from '../../sql/sql-text.ts'
import type { ImportedFrom, Site, StyleDefinition, StyleModel } from '../../style.ts'
import { atomsOf, type LibraryValue, text, unknown, type Value } from '../../value.ts'
import { openSql } from '../open-sql.ts'
import { createRun, homeOf, type KnexRun, markParts, startBuilder } from './chain.ts'
import { callBuilder, callClient, callRaw } from './client.ts'
import { createCompiler } from './compile.ts'
import { optionsOf } from './mappers.ts'
import { awaitedModel, callModel, callObjection } from './objection.ts'
import { callDefinition, callSchema } from './schema.ts'
import { suspectKnex } from './suspects.ts'
import { type ClientOf, type KnexOf, knex, knexOf, type RawOf } from './values.ts'

/** Knex: a client is what `knex({ client: 'pg' })` gives, or has its type. Clients of other databases don't count. */
export const knexStyle: StyleDefinition = {
  name: 'knex',
  modules: /(^|\/)knex|objection/,
  callable: true,
  words: [
    'from',
    'into',
    'table',
    'where',
    'whereIn',
    'first',
    'select',
    'insert',
    'update',
    'increment',
    'decrement',
    'del',
    'delete',
    'truncate',
    'batchInsert',
    'raw',
    'transaction',
    'count',
    'pluck',
    'createTable',
    'alterTable',
    'dropTable',
    'dropTableIfExists',
    'renameTable',
    'query',
    // A function may do no more than add a table to the query that it is handed.
    'innerJoin',
    'leftJoin',
    'leftOuterJoin',
    'rightJoin',
    'rightOuterJoin',
    'outerJoin',
    'fullOuterJoin',
    'crossJoin',
    'joinRelated',
    'withGraphFetched',
    'withGraphJoined',
  ],
  create: async (project) => {
    await loadSqlParser()
    const packages = await readPackages(project)
    const isMigration = (file: string): boolean => FOLDERS.test(file) && packages.has(file, /^(knex|objection)$/)
    return createModel(createRun(packages.mayReachPostgres), isMigration)
  },
}

const FOLDERS = /(^|\/)[\w.-]*(migrations?|seeds?)[\w.-]*\//i

function createModel(run: KnexRun, isMigration: (file: string) => boolean): StyleModel {
  return {
    name: 'knex',
    imported,
    typed: (from, name) => typed(run, from, name),
    member,
    call: (receiver, method, args, site) => call(run, receiver, method, args, site),
    awaited: (receiver, site) => awaited(receiver, site),
    suspect: suspectKnex,
    starts: (file) => {
      if (!isMigration(file)) return undefined
      const client = [knex(typedClient())]
      return { up: client, down: client, seed: client }
    },
    settle: () => settle(run),
  }
}

function imported({ specifier }: ImportedFrom, name: string): Value | undefined {
  if (specifier === 'knex' || specifier.startsWith('knex/')) return knex({ is: 'export', name, of: 'knex' })
  if (specifier === 'objection') return knex({ is: 'export', name, of: 'objection' })
  return undefined
}

function typedClient(): ClientOf {
  return { is: 'client', home: null, transaction: null }
}

function typed(run: KnexRun, { specifier }: ImportedFrom, name: string): Value | undefined {
  if (specifier !== 'knex') return undefined
  if (name === 'Knex' || name === 'default' || name === 'Transaction') return knex(typedClient())
  if (name === 'QueryBuilder') return knex(startBuilder(run, typedClient(), 'part'))
  if (name === 'SchemaBuilder') return knex({ is: 'schema', client: typedClient(), schema: null })
  return undefined
}

function member(receiver: LibraryValue, name: string): Value | undefined {
  const of = receiver.of as KnexOf
  if (of.is === 'client' && name === 'schema') return knex({ is: 'schema', client: of, schema: null })
  if (of.is === 'client' && name === 'fn') return knex({ is: 'column' })
  return of.is === 'export' && (name === 'default' || name === 'knex') ? receiver : undefined
}

function awaited(receiver: LibraryValue, site: Site): Value {
  const of = receiver.of as KnexOf
  if (of.is === 'builder') return awaitedModel(of, site)
  return of.is === 'raw' ? unknown('it comes from the database') : receiver
}

function call(
  run: KnexRun,
  receiver: LibraryValue,
  method: string | null,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const of = receiver.of as KnexOf
  switch (of.is) {
    case 'client':
      return callClient(run, of, method, args, site)
    case 'export':
      if (of.of === 'objection')
        return method === null ? callObjection(run, of.name, args, site) : callModel(run, method, args, site)
      return method === null && (of.name === 'default' || of.name === 'knex')
        ? makeClient(run, args[0], site)
        : undefined
    case 'provider':
      return knex(of.client)
    case 'same':
      return args[0]
    default:
      break
  }
  if (method === null) return undefined
  switch (of.is) {
    case 'builder':
      return callBuilder(run, of, method, args, site)
    case 'raw':
      return callRaw(of, method, args)
    case 'ref':
      return method === 'as' ? knex({ ...of, alias: args[0] ?? null }) : receiver
    case 'schema':
      return callSchema(run, of, method, args, site)
    case 'definition':
      return callDefinition(run, of, method, args)
    case 'column':
      for (const arg of args) markParts(arg)
      return receiver
    default:
      return undefined
  }
}

const OTHER_CLIENTS = /^(mysql2?|maria\w*|sqlite3?|better-sqlite3|mssql|tedious|oracledb?|snowflake|file)$/i

/** `knex({ client: 'pg', … })`, `knex(config[env])`, `knex('postgres://…')`. */
function makeClient(run: KnexRun, config: Value | undefined, site: Site): Value {
  const members = membersOf(config).members
  const clients = members.filter(([name]) => name === 'client' || name === 'dialect').map(([, value]) => value)
  const urls = textsOf(config).texts.map((url) => text(url.split(':')[0] ?? ''))
  const names = [...clients, ...urls].flatMap(atomsOf)
  const home = run.homes.add({
    file: site.place.file,
    postgres: names.some((atom) => atom.kind === 'text')
      ? names.some((atom) => atom.kind !== 'text' || !OTHER_CLIENTS.test(atom.text))
      : run.mayReach(site.place.file),
    casing: casingOf(members, site),
    key: '',
  })
  return knex({ is: 'client', home, transaction: null })
}

/**
 * What `wrapIdentifier` makes of names. Of a function whose result isn't known it is taken that it makes snake case,
 * which is what the option is there for.
 */
function casingOf(members: readonly (readonly [string, Value])[], site: Site): Casing | null {
  const [, wrap] = members.find(([name]) => name === 'wrapIdentifier') ?? []
  if (!wrap) return null
  if (knexOf(wrap)?.is === 'mapper') return (name) => snakeCase(name, optionsOf(wrap))
  if (wrap.kind !== 'function') return null
  const made = textsOf(site.call(wrap, [text('someName'), knex({ is: 'same' })]))
  return made.known && made.texts.includes('someName') ? null : (name) => snakeCase(name)
}

/** When a walk is over: what the builders have been told becomes queries, and SQL that is no part of one is run. */
function settle(run: KnexRun): boolean {
  const compiler = createCompiler()
  const queries = [...run.heads].flatMap((head) => compiler.compile(head))
  for (const raw of run.raws) if (isStatement(run, raw)) run.definitions.push(...parseStatements(raw.text).definitions)
  settleQueries(queries, buildSqlCatalog(run.definitions))
  for (const raw of run.raws) {
    const opening = { transaction: raw.use.transaction }
    if (isStatement(run, raw)) openSql(raw.site, raw.text, opening)
    else if (!raw.use.isPart) openSql(raw.site, [words('select '), ...raw.text], { ...opening, fragment: true })
  }
  run.definitions.length = 0
  run.heads.clear()
  run.raws.clear()
  return true
}

/** SQL that is run by itself. What begins like an expression can only be meant for a part of a query. */
function isStatement(run: KnexRun, { text: sql, site, client, use }: RawOf): boolean {
  if (use.isPart || !homeOf(run, client, site.place.file).postgres) return false
  const [first] = sql
  return first?.kind !== 'words' || STATEMENT.test(first.text)
}

const STATEMENT =
  /^(\s|--[^\n]*\n|\/\*.*?\*\/|\()*(select|insert|update|delete|with|truncate|create|alter|drop|merge|call|do|copy|refresh|lock|explain|begin|commit|rollback|set|comment|grant|revoke|analyze|vacuum|reindex|notify|listen|values|table)\b|^\s*$/i
