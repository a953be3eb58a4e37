import type {
  DeleteStmt,
  InsertStmt,
  MergeStmt,
  Node,
  OnConflictClause,
  RangeVar,
  ReturningClause,
  SelectStmt,
  UpdateStmt,
} from 'libpg-query'
import { findTable, findUnique } from './catalog.ts'
import { isFragment, literalsOf, pathOf, walkCondition, walkExpression } from './expression.ts'
import { holdsHole } from './fill-holes.ts'
import { walkFrom } from './from-items.ts'
import { outputsOf, walkSelect, walkWith } from './query.ts'
import { forgetColumns, NOTHING, type Outputs, openScope, querySource, type Scope, tableSource } from './scope.ts'
import { noteColumn, noteValues, openTouch, type Touch, type Walk } from './touch.ts'

/** INSERT, also with ON CONFLICT: an upsert then, whatever the conflict does. */
export function walkInsert(insert: InsertStmt, parent: Scope | null, walk: Walk): Outputs {
  const scope = openScope(parent)
  walkWith(insert.withClause, scope, walk)
  const target = openTouch(walk, insert.relation ?? {}, insert.onConflictClause ? 'upsert' : 'insert')
  const named = (insert.cols ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget.name ?? ''] : []))
  const select = insert.selectStmt && 'SelectStmt' in insert.selectStmt ? insert.selectStmt.SelectStmt : undefined
  if (select) walkSelect(select, scope, walk)
  const columns = named.length > 0 ? named : columnsByPosition(target, select, walk)
  for (const column of columns) noteColumn(target, 'written', column)
  if (select && named.length === 0) target.known = false
  for (const row of rowsOf(select))
    for (const [at, value] of row.entries())
      noteValues(target, columns[at] ?? '', columns[at] ? literalsOf(value, walk) : [])
  scope.sources.push(tableSource(target, insert.relation?.alias?.aliasname))
  if (insert.onConflictClause) walkConflict(insert.onConflictClause, target, scope, walk)
  return walkReturning(insert.returningClause, target, scope, walk)
}

/** An insert that names no columns writes the first ones of the table. */
function columnsByPosition(target: Touch, select: SelectStmt | undefined, walk: Walk): readonly string[] {
  const table = findTable(walk.catalog, target.schema, target.table)
  if (!table) walk.unsure = true
  const [first] = rowsOf(select)
  const isCounted = first?.every((value) => !('ColumnRef' in value && pathOf(value.ColumnRef.fields).includes('*')))
  return table?.complete && isCounted ? table.columns.slice(0, first?.length ?? 0) : []
}

/** The values of each row of VALUES; the targets of a plain select. */
function rowsOf(select: SelectStmt | undefined): Node[][] {
  if (select?.valuesLists) return select.valuesLists.map((row) => ('List' in row ? (row.List.items ?? []) : []))
  const targets = (select?.targetList ?? []).flatMap((node) =>
    'ResTarget' in node && node.ResTarget.val ? [node.ResTarget.val] : [],
  )
  return targets.length > 0 ? [targets] : []
}

function walkConflict(clause: OnConflictClause, target: Touch, scope: Scope, walk: Walk): void {
  const { infer } = clause
  for (const element of infer?.indexElems ?? []) {
    if (!('IndexElem' in element)) continue
    const { name } = element.IndexElem
    if (name && holdsHole(name)) target.known = false
    else if (name) target.conflict.add(name)
    walkExpression(element.IndexElem.expr, scope, 'filtered', walk)
  }
  if (infer?.conname) {
    const columns = findUnique(findTable(walk.catalog, target.schema, target.table), infer.conname)
    if (columns === undefined) walk.unsure = true
    for (const column of columns ?? []) target.conflict.add(column)
  }
  const proposed = querySource('excluded', { ...NOTHING, complete: false }, true)
  const inside: Scope = { ...scope, sources: [...scope.sources, proposed] }
  walkCondition(infer?.whereClause, inside, walk)
  walkAssignments(clause.targetList, target, inside, walk)
  walkCondition(clause.whereClause, inside, walk)
}

export function walkUpdate(update: UpdateStmt, parent: Scope | null, walk: Walk): Outputs {
  const scope = openScope(parent)
  walkWith(update.withClause, scope, walk)
  const target = openTarget(update.relation, 'update', scope, walk)
  for (const item of update.fromClause ?? []) walkFrom(item, scope, walk)
  walkAssignments(update.targetList, target, scope, walk)
  walkCondition(update.whereClause, scope, walk)
  return walkReturning(update.returningClause, target, scope, walk)
}

export function walkDelete(remove: DeleteStmt, parent: Scope | null, walk: Walk): Outputs {
  const scope = openScope(parent)
  walkWith(remove.withClause, scope, walk)
  const target = openTarget(remove.relation, 'delete', scope, walk)
  for (const item of remove.usingClause ?? []) walkFrom(item, scope, walk)
  walkCondition(remove.whereClause, scope, walk)
  return walkReturning(remove.returningClause, target, scope, walk)
}

/**
 * MERGE: what its actions do to the target. Update and insert together are an upsert, of which the columns that the
 * condition of the join compares are the conflict target.
 */
export function walkMerge(merge: MergeStmt, parent: Scope | null, walk: Walk): Outputs {
  const scope = openScope(parent)
  walkWith(merge.withClause, scope, walk)
  const clauses = (merge.mergeWhenClauses ?? []).flatMap((node) =>
    'MergeWhenClause' in node ? [node.MergeWhenClause] : [],
  )
  const does = new Set(clauses.map((clause) => clause.commandType))
  const [updates, inserts] = [does.has('CMD_UPDATE'), does.has('CMD_INSERT')]
  const operation = updates ? (inserts ? 'upsert' : 'update') : inserts ? 'insert' : 'delete'
  const target = openTarget(merge.relation, operation, scope, walk)
  const also = operation !== 'delete' && does.has('CMD_DELETE') ? openTouch(walk, merge.relation ?? {}, 'delete') : null
  if (merge.sourceRelation) walkFrom(merge.sourceRelation, scope, walk)
  walkCondition(merge.joinCondition, scope, walk)
  if (operation === 'upsert') for (const column of target.columns.filtered) target.conflict.add(column)
  for (const column of target.columns.filtered) also?.columns.filtered.add(column)
  for (const clause of clauses) {
    walkCondition(clause.condition, scope, walk)
    walkAssignments(clause.targetList, target, scope, walk, clause.values)
  }
  return walkReturning(merge.returningClause, target, scope, walk)
}

function openTarget(relation: RangeVar | undefined, operation: Touch['operation'], scope: Scope, walk: Walk): Touch {
  const touch = openTouch(walk, relation ?? {}, operation)
  scope.sources.push(tableSource(touch, relation?.alias?.aliasname))
  return touch
}

/** `set a = …`; of MERGE's insert the columns come with their values beside them. */
function walkAssignments(
  targets: readonly Node[] | undefined,
  target: Touch,
  scope: Scope,
  walk: Walk,
  values?: Node[],
): void {
  for (const [at, node] of (targets ?? []).entries()) {
    if (!('ResTarget' in node)) continue
    const { name = '', val } = node.ResTarget
    const value = val ?? values?.[at]
    noteColumn(target, 'written', name)
    noteValues(target, name, literalsOf(value, walk))
    if (value) walkExpression(value, scope, 'read', walk)
  }
}

function walkReturning(clause: ReturningClause | undefined, target: Touch, scope: Scope, walk: Walk): Outputs {
  if (!clause) return NOTHING
  target.returning = true
  const versions = ['old', 'new'].map((name) =>
    querySource(name, { ...NOTHING, stars: scope.sources.slice(0, 1) }, true),
  )
  const inside: Scope = { ...scope, sources: [...scope.sources, ...versions] }
  const targets = (clause.exprs ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget] : []))
  for (const { val } of targets) {
    if (isFragment(val, walk)) forgetColumns(scope)
    else walkExpression(val, inside, 'read', walk)
  }
  return outputsOf(targets, inside, walk)
}

/** COPY writes or reads the columns that it names, else all. */
export function walkCopied(
  relation: RangeVar,
  columns: readonly string[],
  isFrom: boolean,
  where: Node | undefined,
  walk: Walk,
): void {
  const touch = openTouch(walk, relation, isFrom ? 'insert' : 'select')
  for (const column of columns) noteColumn(touch, isFrom ? 'written' : 'read', column)
  if (columns.length === 0) touch.known = false
  const scope = openScope(null)
  scope.sources.push(tableSource(touch, undefined))
  walkCondition(where, scope, walk)
}
