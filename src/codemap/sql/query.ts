import type { Node, SelectStmt, WithClause } from 'libpg-query'
import { noteCall } from './calls.ts'
import { isFragment, pathOf, walkCondition, walkExpression } from './expression.ts'
import { walkFrom } from './from-items.ts'
import {
  findColumn,
  findSource,
  forgetColumns,
  NOTHING,
  note,
  type Origin,
  type Output,
  type Outputs,
  openScope,
  renameOutputs,
  type Scope,
} from './scope.ts'
import { openTouch, type Walk } from './touch.ts'
import { walkDelete, walkInsert, walkMerge, walkUpdate } from './write.ts'

export interface QueryOptions {
  /** Nobody reads what `exists (select …)` gives. */
  readonly isExists?: boolean
  /** Called with what the first part of a recursive query gives, before the second is walked. */
  readonly onFirst?: (outputs: Outputs) => void
}

/** A statement that gives rows, alone or inside of another: what it touches goes to the walk, what it gives comes back. */
export function walkQuery(
  node: Node | undefined,
  parent: Scope | null,
  walk: Walk,
  options: QueryOptions = {},
): Outputs {
  if (node === undefined) return NOTHING
  if ('SelectStmt' in node) return walkSelect(node.SelectStmt, parent, walk, options)
  if ('InsertStmt' in node) return walkInsert(node.InsertStmt, parent, walk)
  if ('UpdateStmt' in node) return walkUpdate(node.UpdateStmt, parent, walk)
  if ('DeleteStmt' in node) return walkDelete(node.DeleteStmt, parent, walk)
  if ('MergeStmt' in node) return walkMerge(node.MergeStmt, parent, walk)
  return NOTHING
}

/** Makes the queries of a WITH known in the scope; their names are no tables. */
export function walkWith(clause: WithClause | undefined, scope: Scope, walk: Walk): void {
  for (const node of clause?.ctes ?? []) {
    if (!('CommonTableExpr' in node)) continue
    const { ctename = '', aliascolnames, ctequery } = node.CommonTableExpr
    const names = pathOf(aliascolnames)
    const onFirst = (first: Outputs) => scope.queries.set(ctename, renameOutputs(first, names))
    const options = clause?.recursive ? { onFirst } : {}
    scope.queries.set(ctename, renameOutputs(walkQuery(ctequery, scope, walk, options), names))
  }
}

export function walkSelect(select: SelectStmt, parent: Scope | null, walk: Walk, options: QueryOptions = {}): Outputs {
  const scope = openScope(parent)
  walkWith(select.withClause, scope, walk)
  const outputs =
    select.larg && select.rarg
      ? walkUnion(select, select.larg, select.rarg, scope, walk, options)
      : select.valuesLists
        ? walkValues(select.valuesLists, scope, walk)
        : walkPlain(select, scope, walk, options)
  walkExpression(select.limitCount, scope, 'read', walk)
  walkExpression(select.limitOffset, scope, 'read', walk)
  if (select.intoClause?.rel) openTouch(walk, select.intoClause.rel, 'ddl')
  return outputs
}

function walkUnion(
  select: SelectStmt,
  left: SelectStmt,
  right: SelectStmt,
  scope: Scope,
  walk: Walk,
  { isExists = false, onFirst }: QueryOptions,
): Outputs {
  const first = walkSelect(left, scope, walk, { isExists })
  onFirst?.(first)
  const second = walkSelect(right, scope, walk, { isExists })
  const outputs: Outputs = {
    columns: first.columns.map((one, at) => ({
      name: one.name,
      origins: first.stars.length === 0 ? [...one.origins, ...(second.columns[at]?.origins ?? [])] : one.origins,
    })),
    stars: first.stars,
    complete: first.complete,
  }
  for (const item of select.sortClause ?? []) {
    const sorted = 'SortBy' in item ? outputOf(item.SortBy.node, outputs.columns) : undefined
    note(sorted?.origins ?? [], 'ordered')
  }
  return outputs
}

function walkValues(rows: readonly Node[], scope: Scope, walk: Walk): Outputs {
  walkExpression(rows, scope, 'read', walk)
  const [first] = rows
  const items = first && 'List' in first ? (first.List.items ?? []) : []
  const columns = items.map((_, at) => ({ name: `column${at + 1}`, origins: [] }))
  return { columns, stars: [], complete: true }
}

function walkPlain(select: SelectStmt, scope: Scope, walk: Walk, { isExists = false }: QueryOptions): Outputs {
  for (const item of select.fromClause ?? []) walkFrom(item, scope, walk)
  walkCondition(select.whereClause, scope, walk)
  const targets = (select.targetList ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget] : []))
  const outputs = isExists ? NOTHING : outputsOf(targets, scope, walk)
  for (const { val } of targets) {
    if (isExists && val && 'ColumnRef' in val) continue
    if (!select.fromClause && val && 'FuncCall' in val) noteCall(val.FuncCall, 'alone', walk)
    if (isFragment(val, walk)) forgetColumns(scope)
    else walkExpression(val, scope, 'read', walk)
  }
  walkCondition(select.havingClause, scope, walk)
  for (const item of select.groupClause ?? []) walkItem(item, outputs.columns, false, scope, walk)
  for (const item of select.sortClause ?? []) walkItem(item, outputs.columns, true, scope, walk)
  walkExpression(select.distinctClause, scope, 'read', walk)
  for (const window of select.windowClause ?? []) {
    if (!('WindowDef' in window)) continue
    walkExpression(window.WindowDef.partitionClause, scope, 'read', walk)
    walkExpression(window.WindowDef.orderClause, scope, 'ordered', walk)
  }
  return outputs
}

interface Target {
  readonly name?: string
  readonly val?: Node
}

/** The columns that a list of targets gives, by the names that PostgreSQL gives them. */
export function outputsOf(targets: readonly Target[], scope: Scope, walk: Walk): Outputs {
  const columns: (Output & { expression: Node | undefined })[] = []
  const stars: Outputs['stars'][number][] = []
  let complete = true
  for (const { name, val } of targets) {
    const path = val && 'ColumnRef' in val ? pathOf(val.ColumnRef.fields) : []
    if (path.at(-1) === '*') {
      const relation = path.at(-2)
      const source = relation === undefined ? undefined : findSource(scope, path.at(-3) ?? null, relation)
      stars.push(...(relation === undefined ? scope.sources.filter((one) => !one.hidden) : source ? [source] : []))
    } else {
      if (isFragment(val, walk)) complete = false
      const origins: readonly Origin[] = path.length > 0 ? findColumn(path, scope, walk) : []
      columns.push({ name: name ?? path.at(-1) ?? nameOf(val), origins, expression: val })
    }
  }
  return { columns, stars, complete }
}

/** An item of GROUP BY or ORDER BY: the number or the name of an output, or an expression over the sources. */
function walkItem(node: Node, outputs: readonly Output[], isOrder: boolean, scope: Scope, walk: Walk): void {
  const item = 'SortBy' in node ? node.SortBy.node : node
  const role = isOrder ? 'ordered' : 'read'
  if (isFragment(item, walk)) {
    forgetColumns(scope)
    return
  }
  const output = outputOf(item, outputs)
  if (output) note(output.origins, role)
  else walkExpression(item, scope, role, walk)
}

function outputOf(node: Node | undefined, outputs: readonly Output[]): Output | undefined {
  if (node === undefined) return undefined
  if ('A_Const' in node && node.A_Const.ival) return outputs[(node.A_Const.ival.ival ?? 0) - 1]
  const path = 'ColumnRef' in node ? pathOf(node.ColumnRef.fields) : []
  // An output that bears a column's own name is that column, so which of the two is asked for makes no difference.
  return path.length === 1 ? outputs.find((one) => one.name === path[0]) : undefined
}

function nameOf(node: Node | undefined): string | null {
  if (node === undefined) return null
  if ('TypeCast' in node) return nameOf(node.TypeCast.arg)
  if ('FuncCall' in node) return pathOf(node.FuncCall.funcname).at(-1) ?? null
  return null
}
