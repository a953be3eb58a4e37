import type { Node } from 'libpg-query'
import { parseLoosely } from './loose-types.ts'
import { parseText } from './parser.ts'
import type { BodyPlace } from './routine.ts'
import { walkNested, walkPieces } from './statement.ts'
import { textOfExpression } from './text-expression.ts'
import { tokensOf, wordOf } from './tokens.ts'
import { addGap, type Walk } from './touch.ts'

/** A piece of SQL in the tree of libpg_query: 0 a statement, 2 an expression, 3 and more an assignment. */
interface Expression {
  readonly query: string
  readonly parseMode: number
}

/** Members of PL/pgSQL statements whose expression gives the text of another statement. */
const RUNS_TEXT: Readonly<Record<string, string>> = {
  PLpgSQL_stmt_dynexecute: 'query',
  PLpgSQL_stmt_dynfors: 'query',
  PLpgSQL_stmt_return_query: 'dynquery',
  PLpgSQL_stmt_open: 'dynquery',
}

/**
 * What the body of a function in PL/pgSQL does, by PostgreSQL's own parser of the language. `start` is where the
 * statement stands in the whole text.
 */
export function walkPlpgsql(statement: string, place: BodyPlace & { body: string }, start: number, walk: Walk): void {
  const parsed = parseLoosely(dollarQuoted(statement, place))
  if ('message' in parsed) {
    addGap(walk, start + place.start, `the body doesn't parse: ${parsed.message}`)
    return
  }
  const variables = new Set([...walk.variables, ...variablesOf(parsed.tree)])
  const inside: Walk = { ...walk, variables }
  const found: { expression: Expression; runs: boolean }[] = []
  collect(parsed.tree, false, found)
  let from = 0
  for (const { expression, runs } of found) {
    const at = indexOfQuery(place.body, expression.query, from)
    // Declarations are told after the body in the tree, so a search that comes to the end begins again.
    if (at !== null) from = at
    walkFound(expression, runs, start + place.start + (at ?? 0), inside)
  }
  if (inside.unsure) walk.unsure = true
}

/** The parser of PL/pgSQL takes the body as it stands between the quotes, with `''` in it. */
function dollarQuoted(statement: string, { quoteStart, quoteEnd, body }: BodyPlace & { body: string }): string {
  if (statement[quoteStart] === '$') return statement
  let tag = 'body'
  while (body.includes(`$${tag}$`)) tag += '_'
  return `${statement.slice(0, quoteStart)}$${tag}$${body}$${tag}$${statement.slice(quoteEnd)}`
}

function walkFound({ query, parseMode }: Expression, runs: boolean, offset: number, walk: Walk): void {
  if (runs) walkDynamic(query, offset, walk)
  else if (parseMode === 0) walkNested(query, offset, walk)
  else if (parseMode === 2) walkNested(query, offset, walk, 'select ')
  else if (parseMode >= 3) {
    const assigned = behindAssignment(query)
    if (assigned !== null) walkNested(query.slice(assigned), offset + assigned, walk, 'select ')
  }
}

/** EXECUTE: the text of the statement is an expression. */
function walkDynamic(query: string, offset: number, walk: Walk): void {
  const parsed = parseText(`select ${query}`)
  const node = 'message' in parsed ? undefined : parsed.statements[0]?.node
  const target = node && 'SelectStmt' in node ? node.SelectStmt.targetList?.[0] : undefined
  const value: Node | undefined = target && 'ResTarget' in target ? target.ResTarget.val : undefined
  // The statement that runs doesn't see the variables.
  walkPieces(textOfExpression(value), offset, { ...walk, variables: new Set() })
}

function collect(node: unknown, runs: boolean, found: { expression: Expression; runs: boolean }[]): void {
  if (node === null || typeof node !== 'object') return
  for (const [name, value] of Object.entries(node)) {
    if (name === 'PLpgSQL_expr') {
      found.push({ expression: value as Expression, runs })
      continue
    }
    const member = RUNS_TEXT[name]
    const dynamic = member === undefined ? undefined : (value as Record<string, unknown>)[member]
    if (member !== undefined && dynamic !== undefined) {
      collect(dynamic, true, found)
      collect({ ...(value as object), [member]: undefined }, false, found)
    } else {
      collect(value, runs, found)
    }
  }
}

function variablesOf(tree: unknown): string[] {
  const names: string[] = []
  JSON.stringify(tree, (key, value) => {
    if (key === 'refname' && typeof value === 'string') names.push(value)
    return value
  })
  return names
}

/** INTO and its variables are blanks in the query of the tree, so only what stands before them is looked for. */
function indexOfQuery(body: string, query: string, from: number): number | null {
  const head = query.split(/ {5,}/)[0]?.trimEnd() ?? ''
  // PERFORM is told as SELECT.
  const searched = head.startsWith('SELECT ') && !body.includes(head) ? head.slice('SELECT '.length) : head
  if (searched === '') return null
  const at = body.indexOf(searched, from)
  const found = at === -1 ? body.indexOf(searched) : at
  return found === -1 ? null : found - (head.length - searched.length)
}

/** Behind the first `:=` or `=` outside of brackets. */
function behindAssignment(query: string): number | null {
  let depth = 0
  for (const token of tokensOf(query)) {
    const word = wordOf(query, token)
    if (word === '[' || word === '(') depth++
    if (word === ']' || word === ')') depth--
    if (depth === 0 && (word === ':=' || word === '=')) return token.end
  }
  return null
}
