import type { CreateFunctionStmt, DefElem, Node } from 'libpg-query'
import { pathOf } from './expression.ts'
import { walkPlpgsql } from './plpgsql.ts'
import { walkNested, walkStatement } from './statement.ts'
import { tokensOf, wordOf } from './tokens.ts'
import { addGap, type Walk } from './touch.ts'

/**
 * `create function` and `create procedure`: what the body does, where it is SQL or PL/pgSQL. Bodies in other languages
 * are listed as gaps where they may hold statements (`plpython3u`, `plv8`).
 */
export function walkRoutine(create: CreateFunctionStmt, statement: string, start: number, walk: Walk): void {
  const path = pathOf(create.funcname)
  const [name = '', schema = null] = [path.at(-1), path.at(-2)]
  const inside: Walk = {
    ...walk,
    touches: [],
    variables: new Set(argumentsOf(create)),
    routine: schema === null ? name : `${schema}.${name}`,
  }
  if (create.sql_body) for (const node of bodyOf(create.sql_body)) walkStatement(node, statement, start, inside)
  else walkText(create.options, statement, start, inside)
  walk.touches.push(...inside.touches)
  if (inside.unsure) walk.unsure = true
  const touches = inside.touches.map((touch) => ({
    schema: touch.schema,
    table: touch.table,
    operation: touch.operation,
  }))
  walk.definitions.push({ kind: 'routine', routine: { schema, name, touches } })
}

/** `do $$ … $$`. */
export function walkDo(args: readonly Node[] | undefined, statement: string, start: number, walk: Walk): void {
  const inside: Walk = { ...walk, variables: new Set() }
  walkText(args, statement, start, inside)
  if (inside.unsure) walk.unsure = true
}

function walkText(options: readonly Node[] | undefined, statement: string, start: number, walk: Walk): void {
  const language = (textOption(options, 'language') ?? 'plpgsql').toLowerCase()
  const body = textOption(options, 'as')
  const at = bodyStart(statement)
  if (body === null || at === null) return
  if (language === 'sql') walkNested(body, start + at.start, walk)
  else if (language === 'plpgsql') walkPlpgsql(statement, { ...at, body }, start, walk)
  else if (language !== 'c' && language !== 'internal')
    addGap(walk, start + at.start, `the body is written in ${language}, of which the statements can't be told`)
}

/** `as` gives a list, `language` a string. */
function textOption(options: readonly Node[] | undefined, name: string): string | null {
  const element = options?.flatMap((node): DefElem[] => ('DefElem' in node ? [node.DefElem] : []))
  const arg = element?.find((one) => one.defname === name)?.arg
  if (arg && 'String' in arg) return arg.String.sval ?? ''
  const [first] = arg && 'List' in arg ? (arg.List.items ?? []) : []
  return first && 'String' in first ? (first.String.sval ?? '') : null
}

export interface BodyPlace {
  /** Of the text between the quotes, in the statement. */
  readonly start: number
  readonly quoteStart: number
  readonly quoteEnd: number
}

/** The body is the string behind AS, or behind DO; a default value or a setting may be a string as well. */
function bodyStart(statement: string): BodyPlace | null {
  const tokens = tokensOf(statement)
  const isString = (at: number) => tokens[at]?.kind === 'string' || tokens[at]?.kind === 'dollar'
  const isDo = wordOf(statement, tokens[0]) === 'do'
  const at = tokens.findIndex(
    (_, i) =>
      isString(i) &&
      (isDo ? wordOf(statement, tokens[i - 1]) !== 'language' : wordOf(statement, tokens[i - 1]) === 'as'),
  )
  const token = tokens[at]
  if (!token) return null
  const written = statement.slice(token.start, token.end)
  const opening = token.kind === 'dollar' ? written.indexOf('$', 1) + 1 : written.indexOf("'") + 1
  return { start: token.start + opening, quoteStart: token.start, quoteEnd: token.end }
}

function argumentsOf(create: CreateFunctionStmt): string[] {
  const parameters = (create.parameters ?? []).flatMap((node) =>
    'FunctionParameter' in node ? [node.FunctionParameter] : [],
  )
  // The columns of `returns table (…)` are variables too, but a query in SQL that gives them means the tables' columns.
  return parameters.filter((one) => one.mode !== 'FUNC_PARAM_TABLE').flatMap((one) => one.name ?? [])
}

/** `begin atomic … end` is a list of lists; `return expression` is a ReturnStmt. */
function bodyOf(node: Node): Node[] {
  if ('List' in node) return (node.List.items ?? []).flatMap(bodyOf)
  if (!('ReturnStmt' in node)) return [node]
  const { returnval } = node.ReturnStmt
  return returnval ? [{ SelectStmt: { targetList: [{ ResTarget: { val: returnval } }], op: 'SETOP_NONE' } }] : []
}
