import type { A_Const, A_Expr, FuncCall, Node, SubLink } from 'libpg-query'
import type { Literal } from '../interaction.ts'
import { noteCall } from './calls.ts'
import { walkQuery } from './query.ts'
import { findColumn, findSource, forgetColumns, note, type Origin, originsIn, readStar, type Scope } from './scope.ts'
import { noteValues, type Role, type Walk } from './touch.ts'

/** Walks any expression: its columns have `role`, but for what stands in a subquery, which has roles of its own. */
export function walkExpression(node: unknown, scope: Scope, role: Role, walk: Walk): void {
  if (node === null || typeof node !== 'object') return
  if (Array.isArray(node)) {
    for (const item of node) walkExpression(item, scope, role, walk)
    return
  }
  for (const [kind, value] of Object.entries(node)) walkKind(kind, value, scope, role, walk)
}

function walkKind(kind: string, value: unknown, scope: Scope, role: Role, walk: Walk): void {
  if (kind === 'ColumnRef') walkColumn(value as { fields?: Node[] }, scope, role, walk)
  else if (kind === 'SubLink') walkSubLink(value as SubLink, scope, role, walk)
  else if (kind === 'FuncCall') walkCall(value as FuncCall, scope, role, walk)
  else if (kind === 'A_Expr') walkOperator(value as A_Expr, scope, role, walk)
  else if (kind === 'NullTest') walkNullTest(value as { arg?: Node }, scope, role, walk)
  else if (kind === 'A_Indirection') walkIndirection(value as { arg?: Node; indirection?: Node[] }, scope, role, walk)
  else if (kind === 'SortBy') walkExpression((value as { node?: Node }).node, scope, 'ordered', walk)
  else walkExpression(value, scope, role, walk)
}

/** A condition: a hole that is the whole of it may filter by any column. */
export function walkCondition(node: Node | undefined, scope: Scope, walk: Walk): void {
  if (!node) return
  if ('BoolExpr' in node) for (const arg of node.BoolExpr.args ?? []) walkCondition(arg, scope, walk)
  else if (isFragment(node, walk)) forgetColumns(scope)
  else walkExpression(node, scope, 'filtered', walk)
}

/** Whether it is a hole where the running program may put more than a value. */
export function isFragment(node: Node | undefined, walk: Walk): boolean {
  return node !== undefined && 'ParamRef' in node && walk.parameter(node.ParamRef.number ?? 0).isFragment
}

export function pathOf(fields: readonly Node[] | undefined): string[] {
  return (fields ?? []).map((field) => ('String' in field ? (field.String.sval ?? '') : '*'))
}

function walkColumn(column: { fields?: Node[] }, scope: Scope, role: Role, walk: Walk): void {
  const path = pathOf(column.fields)
  if (path.at(-1) !== '*') {
    note(findColumn(path, scope, walk), role)
    return
  }
  const relation = path.at(-2)
  const source = relation === undefined ? undefined : findSource(scope, path.at(-3) ?? null, relation)
  readStar(relation === undefined ? scope.sources.filter((one) => !one.hidden) : source ? [source] : [])
}

/** `(posts).id`, or a field of a composite column. */
function walkIndirection(node: { arg?: Node; indirection?: Node[] }, scope: Scope, role: Role, walk: Walk): void {
  const path = node.arg && 'ColumnRef' in node.arg ? pathOf(node.arg.ColumnRef.fields) : []
  const field = node.indirection?.[0]
  const source = path.length === 1 && path[0] !== undefined ? findSource(scope, null, path[0]) : undefined
  if (source && field && 'String' in field) note(originsIn(source, field.String.sval ?? '', walk), role)
  else walkExpression(node.arg, scope, role, walk)
  walkExpression(node.indirection?.slice(source ? 1 : 0), scope, role, walk)
}

function walkSubLink(link: SubLink, scope: Scope, role: Role, walk: Walk): void {
  walkExpression(link.testexpr, scope, role, walk)
  const outputs = walkQuery(link.subselect, scope, walk, { isExists: link.subLinkType === 'EXISTS_SUBLINK' })
  // `id in (select post_id …)` filters by what the subquery gives as well, but reading it says enough.
  if (link.testexpr === undefined && role === 'ordered') for (const one of outputs.columns) note(one.origins, 'ordered')
}

function walkCall(call: FuncCall, scope: Scope, role: Role, walk: Walk): void {
  noteCall(call, 'expression', walk)
  walkExpression(call.args, scope, role, walk)
  walkExpression(call.agg_order, scope, 'ordered', walk)
  walkCondition(call.agg_filter, scope, walk)
  walkExpression(call.over?.partitionClause, scope, role, walk)
  walkExpression(call.over?.orderClause, scope, 'ordered', walk)
}

function walkNullTest(test: { arg?: Node }, scope: Scope, role: Role, walk: Walk): void {
  for (const { touch, column } of comparedColumn(test.arg, scope, walk)) noteValues(touch, column, [null])
  walkExpression(test.arg, scope, role, walk)
}

const EQUALITY = new Set(['=', '<>', '!='])
const COMPARING = new Set([
  'AEXPR_OP',
  'AEXPR_OP_ANY',
  'AEXPR_OP_ALL',
  'AEXPR_IN',
  'AEXPR_DISTINCT',
  'AEXPR_NOT_DISTINCT',
])

function walkOperator(expression: A_Expr, scope: Scope, role: Role, walk: Walk): void {
  const { lexpr, rexpr, kind = '', name } = expression
  if (COMPARING.has(kind) && EQUALITY.has(pathOf(name).at(-1) ?? '')) {
    compare(lexpr, rexpr, kind, scope, walk)
    compare(rexpr, lexpr, kind, scope, walk)
  }
  walkExpression(lexpr, scope, role, walk)
  walkExpression(rexpr, scope, role, walk)
}

function compare(left: Node | undefined, right: Node | undefined, kind: string, scope: Scope, walk: Walk): void {
  const literals = literalsOf(right, walk)
  const bare = withoutCast(right)
  // The text of an array is no value of the column.
  const isArrayText = bare !== undefined && 'A_Const' in bare && (kind === 'AEXPR_OP_ANY' || kind === 'AEXPR_OP_ALL')
  if (literals.length === 0 || isArrayText) return
  for (const { touch, column } of comparedColumn(left, scope, walk)) noteValues(touch, column, literals)
}

function comparedColumn(node: Node | undefined, scope: Scope, walk: Walk): readonly Origin[] {
  const bare = withoutCast(node)
  if (bare === undefined || !('ColumnRef' in bare)) return []
  const path = pathOf(bare.ColumnRef.fields)
  return path.includes('*') ? [] : findColumn(path, scope, walk)
}

/** The values that an expression may have, where the code tells; none for what isn't a literal, a list or a parameter. */
export function literalsOf(node: Node | undefined, walk: Walk): readonly Literal[] {
  const bare = withoutCast(node)
  if (bare === undefined) return []
  if ('A_Const' in bare) return literalOf(bare.A_Const)
  if ('ParamRef' in bare) return walk.parameter(bare.ParamRef.number ?? 0).literals
  const items = 'List' in bare ? bare.List.items : 'A_ArrayExpr' in bare ? bare.A_ArrayExpr.elements : []
  return (items ?? []).flatMap((item) => literalsOf(item, walk))
}

function literalOf(constant: A_Const): readonly Literal[] {
  if (constant.isnull) return [null]
  if (constant.boolval) return [constant.boolval.boolval ?? false]
  if (constant.ival) return [constant.ival.ival ?? 0]
  if (constant.fval) return [Number(constant.fval.fval)]
  return constant.sval ? [constant.sval.sval ?? ''] : []
}

function withoutCast(node: Node | undefined): Node | undefined {
  return node && 'TypeCast' in node ? withoutCast(node.TypeCast.arg) : node
}
