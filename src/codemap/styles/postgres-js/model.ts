import type { Access } from '../../access.ts'
import { memberValue, textOf } from '../../read-value.ts'
import { parseStatements } from '../../sql/parse-statements.ts'
import { type SqlPart, type SqlText, words } from '../../sql/sql-text.ts'
import type { ImportedFrom, Site, StyleDefinition, StyleModel } from '../../style.ts'
import { atomsOf, type LibraryValue, object, unknown, type Value } from '../../value.ts'
import { openSql } from '../open-sql.ts'
import { sqlOfFile } from '../sql/file-text.ts'
import { readSqlFiles, type SqlFiles } from '../sql/read-sql-files.ts'
import { sqlOfValue } from '../sql/text-of-value.ts'
import { kindOf, kindOfAtom, type Naming, type PostgresJs, value } from './kinds.ts'
import { sqlOfTemplate } from './template.ts'

/** postgres.js, and the client of Bun that speaks like it: queries are templates with the tag `sql`. */
export const postgresJs: StyleDefinition = {
  name: 'postgres.js',
  modules: /^(postgres|bun)$/,
  callable: true,
  words: ['unsafe', 'begin', 'savepoint', 'reserve', 'file', 'execute'],
  async create(project) {
    return createModel(await readSqlFiles(project))
  },
}

const ROWS = unknown('it comes from the database')
const TYPES = new Set(['Sql', 'ISql', 'TransactionSql', 'ReservedSql'])
/** Methods of a query that give it back, or its rows. */
const OF_QUERIES = new Set('execute simple values raw describe cursor forEach stream readable writable'.split(' '))

function createModel(files: SqlFiles): StyleModel {
  /** Templates that are parts of others; those that were awaited run by themselves as well. */
  const embedded = new Set<string>()
  const run = new Set<string>()

  function open(sql: SqlText, block: string | null, parameters: Value | null, site: Site): Value {
    const place = placeOf(site)
    const finish = (access: Access) => {
      if (embedded.has(place) && !run.has(place)) access.drop()
    }
    if (isStatement(sql)) openSql(site, sql, { transaction: block, catalog: files.catalog, parameters, finish })
    return value({ is: 'query', sql, place, function: site.function })
  }

  function callQuery(receiver: LibraryValue, place: string, method: string | null, args: readonly Value[], site: Site) {
    if (method === null || !OF_QUERIES.has(method)) return undefined
    run.add(place)
    const callback = args.at(-1)
    if (callback && isFunction(callback)) site.call(callback, [ROWS])
    return receiver
  }

  function callSql(
    { block, naming }: Sql,
    method: string | null,
    args: readonly Value[],
    site: Site,
  ): Value | undefined {
    const [first = unknown('nothing is handed in'), second = null] = args
    switch (method) {
      case null:
        return value({ is: 'helper', args })
      case 'unsafe':
        return open(sqlOfValue(first), block, second, site)
      case 'file':
        return open(sqlOfFile(textOf(first), files.texts), block, second, site)
      case 'begin':
      case 'savepoint': {
        const callback = args.at(-1)
        const inside = sqlValue(method === 'begin' ? placeOf(site) : block, naming)
        return callback && isFunction(callback) ? site.call(callback, [inside]) : ROWS
      }
      case 'reserve':
        return sqlValue(block, naming)
      case 'json':
      case 'array':
      case 'typed':
        return value({ is: 'value' })
      default:
        return undefined
    }
  }

  return {
    name: 'postgres.js',
    imported,
    typed: ({ specifier }, name) => (specifier === 'postgres' && TYPES.has(name) ? sqlValue(null, 'same') : undefined),
    call(receiver, method, args, site) {
      const of = kindOf(receiver)
      if (of.is === 'create') return method === null ? sqlValue(null, namingOf(args.at(-1))) : undefined
      if (of.is === 'query') return callQuery(receiver, of.place, method, args, site)
      return of.is === 'sql' ? callSql(of, method, args, site) : undefined
    },
    member: (receiver, name) => (kindOf(receiver).is === 'create' ? namingMember(name) : undefined),
    construct: (receiver) => (kindOf(receiver).is === 'create' ? sqlValue(null, 'same') : undefined),
    tag(receiver, template, site) {
      const of = kindOf(receiver)
      if (of.is !== 'sql') return undefined
      const around = { function: site.function, naming: of.naming, embed: (place: string) => embedded.add(place) }
      return open(
        sqlOfTemplate(template, around).map((part) => placed(part, site)),
        of.block,
        null,
        site,
      )
    },
    awaited(receiver) {
      const of = kindOf(receiver)
      if (of.is !== 'query') return receiver
      run.add(of.place)
      return ROWS
    },
  }
}

type Sql = Extract<PostgresJs, { is: 'sql' }>

const interned = new Map<string, Value>()

/** The same object for the same block: values that are handed to functions are told apart by what they are. */
function sqlValue(block: string | null, naming: Naming): Value {
  const key = `${naming} ${block ?? ''}`
  const known = interned.get(key) ?? value({ is: 'sql', block, naming })
  interned.set(key, known)
  return known
}

/** `postgres.camel` is `{ column: { from, to } }`, of which `to` is for what is written. */
function namingMember(name: string): Value | undefined {
  const naming = NAMINGS[name]
  if (naming !== undefined) return value({ is: 'naming', naming })
  const of = NAMINGS[`from${name.charAt(0).toUpperCase()}${name.slice(1)}`]
  return of ? object({ column: object({ to: value({ is: 'naming', naming: of }) }) }) : undefined
}

const NAMINGS: Readonly<Record<string, Naming>> = { fromCamel: 'camel', fromPascal: 'pascal', fromKebab: 'kebab' }

function namingOf(options: Value | undefined): Naming {
  const to = memberValue(memberValue(memberValue(options, 'transform'), 'column'), 'to')
  const [of] = to ? atomsOf(to).map(kindOfAtom) : []
  return of?.is === 'naming' ? of.naming : 'same'
}

/** Words of this template stand here, also when another one takes them in. */
function placed(part: SqlPart, site: Site): SqlPart {
  return part.kind === 'words' && part.origin === undefined ? words(part.text, { place: site.place }) : part
}

/** `import postgres from 'postgres'`, `require('postgres')`, `import { sql, SQL } from 'bun'`. */
function imported({ specifier }: ImportedFrom, name: string): Value | undefined {
  if (specifier === 'postgres' && (name === 'default' || name === 'postgres')) return value({ is: 'create' })
  if (specifier !== 'bun') return undefined
  return name === 'sql' ? sqlValue(null, 'same') : name === 'SQL' ? value({ is: 'create' }) : undefined
}

function isFunction(one: Value): boolean {
  return atomsOf(one).some((atom) => atom.kind === 'function')
}

function placeOf({ place: { file, line, column } }: Site): string {
  return `${file}:${line}:${column}`
}

/** A part of a query begins in its midst. One that begins with a hole is a statement if it parses as one. */
function isStatement(sql: SqlText): boolean {
  const first = sql.find((part) => part.kind !== 'words' || withoutComments(part.text) !== '')
  if (first === undefined) return false
  if (first.kind === 'words') return VERB.test(withoutComments(first.text))
  const { accesses, gaps } = parseStatements(sql)
  return accesses.length > 0 && gaps.length === 0
}

const VERB =
  /^\(*\s*(select|insert|update|delete|with|merge|values|table|truncate|create|alter|drop|copy|lock|call|do|explain|begin|commit|comment|grant|refresh|declare|prepare|vacuum|analyze|reindex|cluster)\b/i

function withoutComments(text: string): string {
  return text.replace(/^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)+/, '')
}
