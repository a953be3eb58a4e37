import type { JoinExpr, Node, RangeFunction } from 'libpg-query'
import { noteCall } from './calls.ts'
import { pathOf, walkCondition, walkExpression } from './expression.ts'
import { walkQuery } from './query.ts'
import {
  findQuery,
  note,
  originsIn,
  querySource,
  readStar,
  renameOutputs,
  type Scope,
  type Source,
  tableSource,
} from './scope.ts'
import { openTouch, type Walk } from './touch.ts'

/** Adds what an item of FROM (or USING) gives to the sources of the scope. */
export function walkFrom(node: Node, scope: Scope, walk: Walk): void {
  scope.sources.push(...sourcesOf(node, scope, walk))
}

function sourcesOf(node: Node, scope: Scope, walk: Walk): Source[] {
  if ('RangeVar' in node) {
    const { relname = '', schemaname, alias } = node.RangeVar
    const query = schemaname === undefined ? findQuery(scope, relname) : undefined
    const names = pathOf(alias?.colnames)
    if (query) return [querySource(alias?.aliasname ?? relname, renameOutputs(query, names))]
    const touch = openTouch(walk, node.RangeVar, 'select')
    if (names.length === 0) return [tableSource(touch, alias?.aliasname)]
    // Columns by their position: which they are can't be told.
    touch.known = false
    return [querySource(alias?.aliasname ?? relname, named(names))]
  }
  if ('JoinExpr' in node) return joined(node.JoinExpr, scope, walk)
  if ('RangeSubselect' in node) {
    const { subquery, lateral, alias } = node.RangeSubselect
    const outputs = walkQuery(subquery, lateral ? scope : outer(scope), walk)
    return [querySource(alias?.aliasname ?? '', renameOutputs(outputs, pathOf(alias?.colnames)))]
  }
  if ('RangeFunction' in node) return [functionSource(node.RangeFunction, scope, walk)]
  if ('RangeTableSample' in node) {
    walkExpression(node.RangeTableSample.args, scope, 'read', walk)
    return node.RangeTableSample.relation ? sourcesOf(node.RangeTableSample.relation, scope, walk) : []
  }
  const table = 'JsonTable' in node ? node.JsonTable : 'RangeTableFunc' in node ? node.RangeTableFunc : undefined
  if (table === undefined) return []
  const { alias, ...expressions } = table
  walkExpression(expressions, scope, 'read', walk)
  const names = JSON.stringify(table.columns ?? []).matchAll(/"(?:name|colname)":"([^"]*)"/g)
  return [querySource(alias?.aliasname ?? '', named([...names].map((match) => match[1] ?? '')))]
}

/** A subquery sees the queries of WITH and what is around the statement, but not its neighbours in FROM. */
function outer(scope: Scope): Scope {
  return { sources: [], parent: scope.parent, queries: scope.queries }
}

function joined(join: JoinExpr, scope: Scope, walk: Walk): Source[] {
  const left = join.larg ? sourcesOf(join.larg, scope, walk) : []
  // LATERAL on the right sees the left side.
  const beside: Scope = { sources: [...scope.sources, ...left], parent: scope.parent, queries: scope.queries }
  const right = join.rarg ? sourcesOf(join.rarg, beside, walk) : []
  const both: Scope = { sources: [...left, ...right], parent: scope.parent, queries: scope.queries }
  walkCondition(join.quals, both, walk)
  if (join.isNatural) readStar(both.sources)
  for (const column of pathOf(join.usingClause)) {
    for (const side of [left, right]) {
      const source = side.find((one) => one.shared.has(column)) ?? (side.length === 1 ? side[0] : undefined)
      if (source) note(originsIn(source, column, walk), 'filtered')
      else readStar(side)
      source?.shared.add(column)
    }
  }
  if (join.alias?.aliasname === undefined) return both.sources
  return [querySource(join.alias.aliasname, { columns: [], stars: both.sources, complete: true })]
}

/** Set-returning functions of PostgreSQL that give one column, which bears the name of the alias. */
const ONE_COLUMN = new Set(
  `unnest generate_series generate_subscripts jsonb_array_elements jsonb_array_elements_text json_array_elements
   json_array_elements_text jsonb_object_keys json_object_keys jsonb_path_query regexp_matches regexp_split_to_table
   string_to_table`.split(/\s+/),
)

function functionSource(range: RangeFunction, scope: Scope, walk: Walk): Source {
  const calls = (range.functions ?? []).flatMap((item) => ('List' in item ? (item.List.items ?? []).slice(0, 1) : []))
  for (const call of calls) {
    if ('FuncCall' in call) {
      noteCall(call.FuncCall, 'alone', walk)
      walkExpression(call.FuncCall.args, scope, 'read', walk)
    } else {
      walkExpression(call, scope, 'read', walk)
    }
  }
  const [first] = calls
  const called = first && 'FuncCall' in first ? (pathOf(first.FuncCall.funcname).at(-1) ?? '') : ''
  const name = range.alias?.aliasname ?? called
  const defined = (range.coldeflist ?? []).flatMap((one) => ('ColumnDef' in one ? [one.ColumnDef.colname ?? ''] : []))
  const names = [...pathOf(range.alias?.colnames), ...defined]
  if (range.ordinality) names.push('ordinality')
  if (ONE_COLUMN.has(called)) return querySource(name, named([name, 'value', ...names]))
  if (names.length > (range.ordinality ? 1 : 0)) return querySource(name, named(names))
  return querySource(name, { columns: [], stars: [], complete: false })
}

function named(names: readonly string[]) {
  return { columns: names.map((name) => ({ name, origins: [] })), stars: [], complete: true }
}
