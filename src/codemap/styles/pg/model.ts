import type { Operation } from '../../interaction.ts'
import { itemsOf, textOf } from '../../read-value.ts'
import type { Site, StyleDefinition, StyleModel } from '../../style.ts'
import { atomsOf, type LibraryValue, unknown, type Value } from '../../value.ts'
import { readSqlFiles } from '../sql/read-sql-files.ts'
import { parameterOf } from '../sql/text-of-value.ts'
import { exportOf, FORMATS, MODULES, typeOf } from './exports.ts'
import { CLIENT, interning, kindOf, type Pg, POOL, statement, value } from './kinds.ts'
import { callDatabase, callHelpers, constructFile, QUERIES } from './pg-promise.ts'
import { createQueries, type Queries } from './queries.ts'
import { appendTo, formatted, nameOf, templateSql } from './statements.ts'

const ROWS = unknown('it comes from the database')
const NOTHING = unknown('nothing is handed in')
const TAG = value({ is: 'tag', run: true })

/** node-postgres and what speaks like it: Neon's and Vercel's drivers, pg-promise, the packages that make statements. */
export const pg: StyleDefinition = {
  name: 'pg',
  modules: MODULES,
  words: ['query', 'connect', 'append', 'task', 'tx', ...QUERIES],
  async create(project) {
    return createModel(createQueries(await readSqlFiles(project)))
  },
}

function createModel(queries: Queries): StyleModel {
  return {
    name: 'pg',
    imported: ({ specifier }, name) => exportOf(specifier, name),
    typed: ({ specifier }, name) => typeOf(specifier, name),
    member: (receiver, name) => memberOf(kindOf(receiver), name),
    call: (receiver, method, args, site) => call(kindOf(receiver), receiver, method, args, site, queries),
    construct: (receiver, args, site) => construct(kindOf(receiver), args, site, queries),
    tag(receiver, template, site) {
      const of = kindOf(receiver)
      if (of.is !== 'tag') return undefined
      const sql = templateSql(template)
      return of.run ? value({ is: 'run', accesses: queries.run(sql, null, null, site) }) : statement(sql)
    },
    // Vercel's clients have the tag as a method.
    tagMethod(receiver, method, template, site) {
      const { is } = kindOf(receiver)
      if (method !== 'sql' || (is !== 'client' && is !== 'pool' && is !== 'tag')) return undefined
      return value({ is: 'run', accesses: queries.run(templateSql(template), null, null, site) })
    },
    awaited: (receiver) => (kindOf(receiver).is === 'run' ? ROWS : receiver),
    suspect(reason, method, args, site) {
      const operation = method === 'query' ? operationOf(args[0]) : undefined
      if (operation !== undefined) site.unresolved(operation, `it is not known what runs the statement: ${reason}`)
      return undefined
    },
  }
}

function memberOf(of: Pg, name: string): Value | undefined {
  if (of.is === 'module') return exportOf(of.specifier, name)
  if (of.is === 'main') return name === 'helpers' ? value({ is: 'helpers' }) : exportOf('pg-promise', name)
  if (of.is === 'function' && of.name === 'format') return FORMATS[name]
  // `require('pg-promise').QueryFile`
  if (of.is === 'function' && of.name === 'promise' && name === 'QueryFile') return exportOf('pg-promise', name)
  return undefined
}

function call(
  of: Pg,
  receiver: LibraryValue,
  method: string | null,
  args: readonly Value[],
  site: Site,
  queries: Queries,
): Value | undefined {
  switch (of.is) {
    case 'function':
      return method === null ? callFunction(of.name, args) : undefined
    case 'class':
      // Of a class of the project that extends it; its instances have no place where they were made.
      return of.of === 'pool' || of.of === 'client' ? callConnection(receiver, method, args, site, queries) : undefined
    case 'pool':
    case 'client':
      return callConnection(receiver, method, args, site, queries)
    case 'tag':
      if (method === null) return queries.query(null, args, site)
      return method === 'transaction' ? runTogether(args, site) : callConnection(receiver, method, args, site, queries)
    case 'statement':
      return method === 'append'
        ? appendTo(of, receiver, args, site)
        : ['setName', 'useBind'].includes(method ?? '')
          ? receiver
          : undefined
    case 'main':
      return method === null ? interning({ is: 'database', block: null }) : undefined
    case 'database':
      return callDatabase(of.block, method, args, site, queries)
    case 'helpers':
      return callHelpers(method, args)
    default:
      return undefined
  }
}

/** Neon: `sql.transaction([sql`…`, sql`…`])`, or a function that gives such a list. */
function runTogether([first = ROWS]: readonly Value[], site: Site): Value {
  const { file, line, column } = site.place
  const given = atomsOf(first).some((atom) => atom.kind === 'function') ? site.call(first, [TAG]) : first
  for (const item of itemsOf(given).items.flatMap(atomsOf)) {
    const of = item.kind === 'library' && item.style === 'pg' ? kindOf(item) : null
    if (of?.is === 'run') for (const access of of.accesses) access.transaction(`${file}:${line}:${column}`)
  }
  return ROWS
}

function callFunction(name: string, args: readonly Value[]): Value {
  switch (name) {
    case 'pool':
      return POOL
    case 'client':
      return CLIENT
    case 'tag':
      return TAG
    case 'promise':
      return value({ is: 'main' })
    case 'format':
      return formatted(args)
    case 'name':
      return statement(nameOf(args[0] ?? NOTHING))
    case 'literal':
      return statement([parameterOf(args[0] ?? NOTHING)])
    default:
      return statement(templateSql(args[0] ?? NOTHING))
  }
}

function construct(of: Pg, args: readonly Value[], site: Site, queries: Queries): Value | undefined {
  if (of.is === 'function' && of.name === 'pool') return POOL
  if (of.is !== 'class') return undefined
  if (of.of === 'pool') return POOL
  if (of.of === 'client') return clientAt(site)
  if (of.of === 'file') return constructFile(args, queries)
  return statement(templateSql(args[0] ?? NOTHING), args[1] ?? null)
}

function clientAt({ function: name, place }: Site): Value {
  return interning({ is: 'client', connection: { function: name, place } })
}

function callConnection(
  receiver: LibraryValue,
  method: string | null,
  args: readonly Value[],
  site: Site,
  queries: Queries,
): Value | undefined {
  const of = kindOf(receiver)
  if (method === 'query')
    return queries.query(of.is === 'client' ? of.connection : null, args, site, of.is === 'client')
  if (method === 'escapeIdentifier') return statement(nameOf(args[0] ?? NOTHING))
  if (method === 'escapeLiteral') return statement([parameterOf(args[0] ?? NOTHING)])
  if (method === 'connect' || (method === 'on' && textOf(args[0]) === 'connect')) {
    if (of.is === 'client') return undefined
    const client = clientAt(site)
    const callback = args.at(-1)
    const given = method === 'on' ? [client] : [unknown('it is an error'), client, unknown('it is release')]
    if (callback && atomsOf(callback).some((one) => one.kind === 'function')) site.call(callback, given)
    return client
  }
  return undefined
}

const VERBS: Readonly<Record<string, Operation>> = {
  select: 'select',
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  truncate: 'truncate',
  create: 'ddl',
  alter: 'ddl',
  drop: 'ddl',
}

/** Only a text that is a statement makes a call of something unknown a suspect. */
function operationOf(value: Value | undefined): Operation | null | undefined {
  for (const atom of value ? atomsOf(value) : []) {
    const text = atom.kind === 'text' ? atom.text : atom.kind === 'template' ? atom.parts[0] : undefined
    const verb = /^\s*(?:--.*\s+)*(\w+)\s/.exec(text ?? '')?.[1]?.toLowerCase() ?? ''
    if (verb === 'with') return null
    if (Object.hasOwn(VERBS, verb)) return VERBS[verb]
  }
  return undefined
}
