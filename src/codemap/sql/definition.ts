import type { AlterTableCmd, ColumnDef, CreateStmt, Node, RangeVar } from 'libpg-query'
import type { TableShape } from './catalog.ts'
import { pathOf, walkCondition, walkExpression } from './expression.ts'
import { walkQuery } from './query.ts'
import { type Outputs, openScope, querySource, type Scope, tableSource } from './scope.ts'
import { walkStatement } from './statement.ts'
import { tokensOf } from './tokens.ts'
import { type Named, noteColumn, openTouch, type Touch, type Walk } from './touch.ts'

/**
 * Statements about tables as such, all of them `ddl`: create, alter, drop, and what hangs on a table (index, policy,
 * trigger, rule, comment, grant, lock). The columns that they make or change are told as written.
 */
export function walkDefinition(node: Node, text: string, start: number, walk: Walk): void {
  if ('CreateStmt' in node) createTable(node.CreateStmt, walk)
  else if ('CreateForeignTableStmt' in node) createTable(node.CreateForeignTableStmt.base ?? {}, walk)
  else if ('AlterTableStmt' in node) alterTable(node.AlterTableStmt, walk)
  else if ('ViewStmt' in node) {
    const { view, query, aliases } = node.ViewStmt
    createFromQuery(view, query, pathOf(aliases), true, walk)
  } else if ('CreateTableAsStmt' in node) {
    const { into, query, objtype } = node.CreateTableAsStmt
    createFromQuery(into?.rel, query, pathOf(into?.colNames), objtype === 'OBJECT_MATVIEW', walk)
  } else if ('IndexStmt' in node) createIndex(node.IndexStmt, walk)
  else if ('CreatePolicyStmt' in node) policy(node.CreatePolicyStmt, walk)
  else if ('AlterPolicyStmt' in node) policy(node.AlterPolicyStmt, walk)
  else if ('CreateTrigStmt' in node) {
    const { relation, funcname, columns, whenClause } = node.CreateTrigStmt
    const touch = onTable(relation, walk)
    for (const column of pathOf(columns)) noteColumn(touch, 'written', column)
    walkCondition(whenClause, rowScope(touch), walk)
    const routine = pathOf(funcname).join('.')
    walk.definitions.push({ kind: 'trigger', schema: touch.schema, name: touch.table, routine })
  } else if ('RuleStmt' in node) {
    const touch = onTable(node.RuleStmt.relation, walk)
    walkCondition(node.RuleStmt.whereClause, rowScope(touch), walk)
    for (const action of node.RuleStmt.actions ?? []) walkStatement(action, text, start, walk)
  } else if ('CreateSeqStmt' in node) {
    const { relname = '', schemaname = null } = node.CreateSeqStmt.sequence ?? {}
    walk.definitions.push({ kind: 'sequence', schema: schemaname, name: relname })
  } else if ('RenameStmt' in node) rename(node.RenameStmt, walk)
  else if ('AlterObjectSchemaStmt' in node) {
    const { relation, newschema = '', objectType = '' } = node.AlterObjectSchemaStmt
    if (!relation || !RELATIONS.has(objectType)) return
    const touch = onTable(relation, walk)
    walk.definitions.push({ kind: 'move', schema: touch.schema, name: touch.table, to: newschema })
  } else walkLater(node, text, start, walk)
}

/** Statements that name tables by lists or by paths. */
function walkLater(node: Node, text: string, start: number, walk: Walk): void {
  const find: Find = (path) => namedBy(path, text, start)
  if ('DropStmt' in node) drop(node.DropStmt.objects ?? [], node.DropStmt.removeType ?? '', find, walk)
  else if ('CommentStmt' in node) comment(node.CommentStmt.object, node.CommentStmt.objtype ?? '', find, walk)
  else if ('CreateSchemaStmt' in node)
    for (const element of node.CreateSchemaStmt.schemaElts ?? []) walkStatement(element, '', 0, walk)
  else if (!Object.keys(node).some((kind) => NO_TABLES.test(kind))) relationsIn(node, walk)
}

const RELATIONS = new Set(['OBJECT_TABLE', 'OBJECT_VIEW', 'OBJECT_MATVIEW', 'OBJECT_FOREIGN_TABLE'])
/** Statements whose relations are sequences, types or nothing of the kind. */
const NO_TABLES = /Seq|Type|Domain|Enum|Role|Extension|Database|Variable|Transaction|Function|Owner|Fdw|Server/

function createTable(create: CreateStmt, walk: Walk): void {
  const touch = onTable(create.relation, walk)
  const elements = create.tableElts ?? []
  const columns = elements.flatMap((element) => ('ColumnDef' in element ? [element.ColumnDef] : []))
  const hasOthers = elements.some((element) => 'TableLikeClause' in element)
  const complete = !hasOthers && !create.inhRelations && !create.ofTypename
  define(touch, { isView: false, columns: columns.map((column) => column.colname ?? ''), complete }, walk)
  for (const column of columns) walkColumnDef(column, touch, walk)
  const constraints = elements.filter((element) => 'Constraint' in element)
  for (const constraint of [...constraints, ...(create.constraints ?? [])]) walkConstraint(constraint, touch, walk)
}

function define(touch: Touch, table: TableShape, walk: Walk): void {
  for (const column of table.columns) noteColumn(touch, 'written', column)
  if (!table.complete) touch.known = false
  walk.definitions.push({ kind: 'table', schema: touch.schema, name: touch.table, table })
}

function walkColumnDef(column: ColumnDef, touch: Touch, walk: Walk): void {
  for (const constraint of column.constraints ?? []) walkConstraint(constraint, touch, walk, column.colname)
  walkExpression(column.raw_default, openScope(null), 'read', walk)
}

/** Checks tell the values that a column may have; the names of unique constraints can be conflict targets. */
function walkConstraint(node: Node, touch: Touch, walk: Walk, column?: string): void {
  if (!('Constraint' in node)) return
  const { contype, conname, keys, raw_expr } = node.Constraint
  if (contype === 'CONSTR_CHECK') walkQuietly(raw_expr, touch, walk)
  else walkExpression(raw_expr, openScope(null), 'read', walk)
  if (contype !== 'CONSTR_PRIMARY' && contype !== 'CONSTR_UNIQUE') return
  const columns = keys ? pathOf(keys) : column === undefined ? [] : [column]
  const unnamed = contype === 'CONSTR_PRIMARY' ? `${touch.table}_pkey` : [touch.table, ...columns, 'key'].join('_')
  const unique = { name: conname ?? unnamed, columns }
  walk.definitions.push({ kind: 'unique', schema: touch.schema, name: touch.table, unique })
}

/** An expression over the table's own columns of which only the values and the subqueries matter. */
function walkQuietly(node: Node | undefined, touch: Touch, walk: Walk): void {
  const columns = {
    read: new Set<string>(),
    written: new Set<string>(),
    filtered: new Set<string>(),
    ordered: new Set<string>(),
  }
  const scope = openScope(null)
  scope.sources.push(tableSource({ ...touch, columns }, undefined))
  walkCondition(node, scope, walk)
}

function alterTable(alter: { relation?: RangeVar; cmds?: Node[]; objtype?: string }, walk: Walk): void {
  if (!RELATIONS.has(alter.objtype ?? 'OBJECT_TABLE')) return
  const touch = onTable(alter.relation, walk)
  const added: string[] = []
  for (const node of alter.cmds ?? []) if ('AlterTableCmd' in node) alterBy(node.AlterTableCmd, touch, added, walk)
  if (added.length > 0)
    walk.definitions.push({ kind: 'columns', schema: touch.schema, name: touch.table, columns: added })
}

function alterBy(command: AlterTableCmd, touch: Touch, added: string[], walk: Walk): void {
  const { subtype = '', name, def } = command
  if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) {
    added.push(def.ColumnDef.colname ?? '')
    noteColumn(touch, 'written', def.ColumnDef.colname ?? '')
    walkColumnDef(def.ColumnDef, touch, walk)
  } else if (subtype === 'AT_AddConstraint' && def) walkConstraint(def, touch, walk)
  else if (name !== undefined && /Column|Default|NotNull|Identity|Statistics|Storage/.test(subtype))
    noteColumn(touch, 'written', name)
}

function createFromQuery(
  relation: RangeVar | undefined,
  query: Node | undefined,
  names: string[],
  isView: boolean,
  walk: Walk,
): void {
  const touch = onTable(relation, walk)
  const outputs = walkQuery(query, null, walk)
  const columns = namesOf(outputs, names)
  define(touch, { isView, columns: columns ?? [], complete: columns !== null }, walk)
}

function namesOf({ columns, stars, complete }: Outputs, names: readonly string[]): string[] | null {
  if (stars.length > 0 || !complete) return null
  const all = columns.map((one, at) => names[at] ?? one.name)
  return all.every((name) => name !== null) ? all : null
}

function createIndex(
  index: { relation?: RangeVar; indexParams?: Node[]; whereClause?: Node; unique?: boolean; idxname?: string },
  walk: Walk,
): void {
  const touch = onTable(index.relation, walk)
  const elements = (index.indexParams ?? []).flatMap((node) => ('IndexElem' in node ? [node.IndexElem] : []))
  const columns = elements.flatMap((element) => element.name ?? [])
  for (const element of elements) walkQuietly(element.expr, touch, walk)
  walkQuietly(index.whereClause, touch, walk)
  if (index.unique && index.idxname !== undefined && columns.length === elements.length)
    walk.definitions.push({
      kind: 'unique',
      schema: touch.schema,
      name: touch.table,
      unique: { name: index.idxname, columns },
    })
}

function policy(statement: { table?: RangeVar; qual?: Node; with_check?: Node }, walk: Walk): void {
  const touch = onTable(statement.table, walk)
  const scope = openScope(null)
  scope.sources.push(tableSource(touch, undefined))
  walkCondition(statement.qual, scope, walk)
  walkCondition(statement.with_check, scope, walk)
}

/** OLD and NEW are rows of the table. */
function rowScope(touch: Touch): Scope {
  const scope = openScope(null)
  const row = tableSource(touch, undefined)
  for (const name of ['old', 'new'])
    scope.sources.push(querySource(name, { columns: [], stars: [row], complete: true }))
  return scope
}

function rename(
  statement: { renameType?: string; relationType?: string; relation?: RangeVar; subname?: string; newname?: string },
  walk: Walk,
): void {
  const { renameType = '', relationType = '', relation, subname, newname = '' } = statement
  if (!relation || renameType === 'OBJECT_SEQUENCE' || renameType === 'OBJECT_INDEX' || renameType === 'OBJECT_TYPE')
    return
  if (renameType === 'OBJECT_ATTRIBUTE' && relationType === 'OBJECT_TYPE') return
  const touch = onTable(relation, walk)
  const { schema, table: name } = touch
  if (RELATIONS.has(renameType)) walk.definitions.push({ kind: 'rename', schema, name, to: newname })
  if (renameType !== 'OBJECT_COLUMN') return
  for (const column of [subname ?? '', newname]) noteColumn(touch, 'written', column)
  walk.definitions.push({ kind: 'columns', schema, name, columns: [newname] })
}

function drop(objects: readonly Node[], type: string, find: Find, walk: Walk): void {
  const hangsOnTable = ['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE'].includes(type)
  if (!RELATIONS.has(type) && !hangsOnTable) return
  for (const object of objects) {
    const path = 'List' in object ? pathOf(object.List.items) : []
    const relation = find(hangsOnTable ? path.slice(0, -1) : path)
    const touch = openTouch(walk, relation, 'ddl')
    if (!hangsOnTable) walk.definitions.push({ kind: 'drop', schema: touch.schema, name: touch.table })
  }
}

function comment(object: Node | undefined, type: string, find: Find, walk: Walk): void {
  const path = object && 'List' in object ? pathOf(object.List.items) : []
  const isColumn = type === 'OBJECT_COLUMN'
  const hangsOnTable =
    isColumn || ['OBJECT_TRIGGER', 'OBJECT_POLICY', 'OBJECT_RULE', 'OBJECT_TABCONSTRAINT'].includes(type)
  if (!RELATIONS.has(type) && !hangsOnTable) return
  const touch = openTouch(walk, find(hangsOnTable ? path.slice(0, -1) : path), 'ddl')
  if (isColumn) noteColumn(touch, 'written', path.at(-1) ?? '')
}

type Find = (path: readonly string[]) => Named

/** Names in lists have no place in the tree. */
function namedBy(path: readonly string[], text: string, start: number): Named {
  const [relname = '', schemaname] = [path.at(-1), path.at(-2)]
  const token = tokensOf(text).find((one) => isName(text.slice(one.start, one.end), schemaname ?? relname))
  const offset = start + (token?.start ?? 0)
  return schemaname === undefined ? { relname, offset } : { relname, schemaname, offset }
}

function isName(written: string, name: string): boolean {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') === name : written.toLowerCase() === name
}

function onTable(relation: RangeVar | undefined, walk: Walk): Touch {
  return openTouch(walk, relation ?? {}, 'ddl')
}

/** Any other statement: every relation in it, wherever it stands. */
function relationsIn(node: unknown, walk: Walk): void {
  if (node === null || typeof node !== 'object') return
  if ('relname' in node && typeof node.relname === 'string') openTouch(walk, node as Named, 'ddl')
  else for (const value of Object.values(node)) relationsIn(value, walk)
}
