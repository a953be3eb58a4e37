import { itemsOf, memberValue, textOf } from '../../read-value.ts'
import { listText, nameText, parameter, type SqlText, unknownText, words } from '../../sql/sql-text.ts'
import type { Site } from '../../style.ts'
import { atomsOf, unknown, type Value } from '../../value.ts'
import { sqlOfFile } from '../sql/file-text.ts'
import { parameterOf } from '../sql/text-of-value.ts'
import { interning, statement } from './kinds.ts'
import type { Queries } from './queries.ts'
import { columnsOf, nameOf, textOfValue } from './statements.ts'

/** Methods of a database or a task whose first argument is a query. */
const RUNS = new Set('any each many manyOrNone map multi multiResult none one oneOrNone query result stream'.split(' '))
export const QUERIES = ['any', 'many', 'manyOrNone', 'none', 'one', 'oneOrNone', 'result', 'multi', 'func', 'proc']

const ROWS = unknown('it comes from the database')

/** pg-promise: a database, or the task or transaction that a callback is handed. */
export function callDatabase(
  block: string | null,
  method: string | null,
  args: readonly Value[],
  site: Site,
  queries: Queries,
): Value | undefined {
  if (method === null) return undefined
  if (RUNS.has(method)) {
    const [query = unknown('nothing is handed in'), values] = args
    for (const atom of atomsOf(query)) {
      const text = atom.kind === 'object' ? (memberValue(atom, 'text') ?? unknown('it has no text')) : atom
      const sql = textOfValue(text)
      queries.run(withVariables(sql, values), itemsOnly(values), block, site)
    }
    return ROWS
  }
  if (method === 'func' || method === 'proc') {
    const table = args[0] ?? unknown('nothing is handed in')
    site.open({ table, operation: 'rpc', transaction: block, key: method })
    return ROWS
  }
  const callback = args.findLast((arg) => atomsOf(arg).some((atom) => atom.kind === 'function'))
  if (callback === undefined || !['task', 'taskIf', 'tx', 'txIf'].includes(method)) {
    return method === 'batch' || method === 'sequence' || method === 'connect'
      ? interning({ is: 'database', block })
      : undefined
  }
  const { file, line, column } = site.place
  // A transaction inside of another is a savepoint of that one.
  const inner = method.startsWith('tx') ? (block ?? `${file}:${line}:${column}`) : block
  const handed = interning({ is: 'database', block: inner })
  return site.call(callback, [handed], handed)
}

/** Only a list gives values by their number. */
function itemsOnly(values: Value | undefined): Value | null {
  return values?.kind === 'array' ? values : null
}

const VARIABLE = /(\$(?:\d+|\{[^{}]+\}|\([^()]+\)|<[^<>]+>|\[[^[\]]+\]|\/[^/]+\/)(?:~|\^|#|:\w+)?)/

/** pg-promise's own variables: `$1:name`, `${title}`, `$<rows:raw>`, `$/table~/`. Plain `$1` stays as it is. */
function withVariables(sql: SqlText, values: Value | undefined): SqlText {
  return sql.flatMap((part) => {
    if (part.kind !== 'words') return [part]
    const pieces = part.text.split(VARIABLE)
    return pieces.flatMap((piece, at): SqlText => {
      if (at % 2 === 0 || /^\$\d+$/.test(piece)) return piece === '' ? [] : [words(piece, part.origin)]
      return variable(piece, values)
    })
  })
}

function variable(piece: string, values: Value | undefined): SqlText {
  const bare = piece.replace(/[{}()<>[\]/$]/g, '').trim()
  const [, name = '', modifier = ''] = /^([\w.]+)\s*(~|\^|#|:\w+)?$/.exec(bare) ?? []
  const given = /^\d+$/.test(name) ? itemsOf(values).items[Number(name) - 1] : memberValue(values, name)
  if (modifier === '~' || modifier === ':name' || modifier === ':alias') return namesOf(given ?? values, name)
  if (modifier === '^' || modifier === ':raw' || modifier === ':value' || modifier === '#')
    return given ? textOfValue(given) : [unknownText(`"${name}" of the query is not known`)]
  if (modifier === ':csv' || modifier === ':list') return [parameter()]
  return [given ? parameterOf(given) : parameter()]
}

function namesOf(given: Value | undefined, name: string): SqlText {
  if (given === undefined) return [{ kind: 'unknown', reason: `"${name}" of the query is not known`, name: true }]
  if (given.kind !== 'object') return nameOf(given)
  const { names, complete } = columnsOf(given)
  return complete
    ? listText(names.map((one) => [nameText(one)]))
    : [{ kind: 'unknown', reason: 'an object names them', name: true }]
}

/** `helpers.insert(data, columns, table)`, `helpers.update(…)`: the text of a statement. */
export function callHelpers(method: string | null, [data, columns, table]: readonly Value[]): Value | undefined {
  if (method !== 'insert' && method !== 'update') return undefined
  const named = columns && textsIn(columns)
  const { names, complete } = named ?? columnsOf(data ?? unknown('nothing is handed in'))
  const hole: SqlText = [{ kind: 'unknown', reason: 'the columns come from elsewhere', name: true }]
  const target = table
    ? tableName(table)
    : ([{ kind: 'unknown', reason: 'a ColumnSet says it', name: true }] as SqlText)
  const all: SqlText[] = names.map((name) => [nameText(name)])
  if (!complete) all.push(hole)
  const values = listText(all.map(() => [parameter()]))
  return statement(
    method === 'insert'
      ? [words('insert into '), ...target, words(' ('), ...listText(all), words(') values ('), ...values, words(')')]
      : [
          words('update '),
          ...target,
          words(' set '),
          ...listText(all.map((one) => [...one, words(' = '), parameter()])),
        ],
  )
}

function textsIn(value: Value): { names: string[]; complete: boolean } | undefined {
  const { items, complete } = itemsOf(value)
  const names = items.map((item) => textOf(item) ?? textOf(memberValue(item, 'name')))
  if (items.length === 0 || names.every((name) => name === null)) return undefined
  return { names: names.flatMap((name) => name ?? []), complete: complete && !names.includes(null) }
}

/** `'posts'` or `{ table: 'posts', schema: 'app' }`. */
function tableName(table: Value): SqlText {
  const name = memberValue(table, 'table')
  const schema = memberValue(table, 'schema')
  if (name === undefined) return nameOf(table)
  return schema ? [...nameOf(schema), words('.'), ...nameOf(name)] : nameOf(name)
}

/** `new QueryFile(path)`: the file of the project whose path ends like that, where there is just one. */
export function constructFile([path]: readonly Value[], { files }: Queries): Value {
  return statement(sqlOfFile(textOf(path), files.texts))
}
