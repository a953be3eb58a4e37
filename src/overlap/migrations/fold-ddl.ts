import type { Node } from 'libpg-query'
import { parseText } from '../../codemap/sql/parser.ts'
import { splitScript } from '../../codemap/sql/script.ts'

/** A table as migrations leave it, in the order in which they are told. */
export interface FoldedTable {
  readonly schema: string
  readonly name: string
  readonly columns: Set<string>
  /** False where it has columns that nothing names (`like`, `inherits`, `select *`). */
  complete: boolean
}

export interface FoldedSchema {
  /** By `schema.name`. */
  readonly tables: Map<string, FoldedTable>
  /** Statements that PostgreSQL's parser refuses. */
  unparsed: number
  /** Statements whose effect the text doesn't tell: DO, EXECUTE. */
  hidden: number
}

export function emptySchema(): FoldedSchema {
  return { tables: new Map(), unparsed: 0, hidden: 0 }
}

/** Takes in one file. Call `loadSqlParser()` before. What stands behind the mark of a way back stays out. */
export function foldScript(schema: FoldedSchema, script: string): void {
  for (const { text, down } of splitScript(script)) {
    if (down) continue
    const parsed = parseText(text)
    if ('message' in parsed) schema.unparsed++
    else for (const { node } of parsed.statements) foldStatement(schema, node)
  }
}

interface Relation {
  readonly schemaname?: string
  readonly relname?: string
}

function foldStatement(schema: FoldedSchema, node: Node): void {
  if ('CreateStmt' in node) {
    const { relation, tableElts = [], inhRelations, ofTypename, partbound } = node.CreateStmt
    // A partition is a part of a table that is told already.
    if (partbound || relation?.relpersistence === 't') return
    const columns = tableElts.flatMap((one) => ('ColumnDef' in one ? [one.ColumnDef.colname ?? ''] : []))
    const hidden = tableElts.some((one) => 'TableLikeClause' in one) || inhRelations || ofTypename
    put(schema, relation, columns, !hidden)
  } else if ('CreateForeignTableStmt' in node) {
    const { relation, tableElts = [] } = node.CreateForeignTableStmt.base ?? {}
    put(
      schema,
      relation,
      tableElts.flatMap((one) => ('ColumnDef' in one ? [one.ColumnDef.colname ?? ''] : [])),
      true,
    )
  } else if ('CreateTableAsStmt' in node && node.CreateTableAsStmt.objtype === 'OBJECT_TABLE')
    put(schema, node.CreateTableAsStmt.into?.rel, [], false)
  else if ('AlterTableStmt' in node) alter(schema, node.AlterTableStmt.relation, node.AlterTableStmt.cmds ?? [])
  else if ('RenameStmt' in node) rename(schema, node.RenameStmt)
  else if ('AlterObjectSchemaStmt' in node) {
    const { relation, newschema = '', objectType } = node.AlterObjectSchemaStmt
    if (objectType === 'OBJECT_TABLE') move(schema, relation, { schemaname: newschema, ...nameOnly(relation) })
  } else if ('DropStmt' in node) drop(schema, node.DropStmt)
  else if ('DoStmt' in node) schema.hidden++
}

function keyOf({ schemaname = 'public', relname = '' }: Relation): string {
  return `${schemaname}.${relname}`
}

function nameOnly(relation: Relation | undefined): Relation {
  return relation?.relname === undefined ? {} : { relname: relation.relname }
}

function put(
  schema: FoldedSchema,
  relation: Relation | undefined,
  columns: readonly string[],
  complete: boolean,
): void {
  if (relation?.relname === undefined) return
  const key = keyOf(relation)
  // CREATE TABLE IF NOT EXISTS of a table that is there changes nothing; files may tell it twice.
  const before = schema.tables.get(key)
  schema.tables.set(key, {
    ...{ schema: relation.schemaname ?? 'public', name: relation.relname },
    columns: new Set([...(before?.columns ?? []), ...columns]),
    complete: complete && (before?.complete ?? true),
  })
}

function alter(schema: FoldedSchema, relation: Relation | undefined, commands: readonly Node[]): void {
  const table = schema.tables.get(keyOf(relation ?? {}))
  if (table === undefined) return
  for (const command of commands) {
    if (!('AlterTableCmd' in command)) continue
    const { subtype, name, def } = command.AlterTableCmd
    if (subtype === 'AT_AddColumn' && def && 'ColumnDef' in def) table.columns.add(def.ColumnDef.colname ?? '')
    if (subtype === 'AT_DropColumn' && name !== undefined) table.columns.delete(name)
    if (subtype === 'AT_AddInherit') table.complete = false
  }
}

function rename(
  schema: FoldedSchema,
  statement: { renameType?: string; relation?: Relation; subname?: string; newname?: string },
): void {
  const { renameType, relation, subname = '', newname = '' } = statement
  if (renameType === 'OBJECT_TABLE') move(schema, relation, { ...relation, relname: newname })
  if (renameType !== 'OBJECT_COLUMN') return
  const table = schema.tables.get(keyOf(relation ?? {}))
  if (table?.columns.delete(subname)) table.columns.add(newname)
}

function move(schema: FoldedSchema, from: Relation | undefined, to: Relation): void {
  const table = schema.tables.get(keyOf(from ?? {}))
  if (table === undefined) return
  schema.tables.delete(keyOf(from ?? {}))
  schema.tables.set(keyOf(to), { ...table, schema: to.schemaname ?? 'public', name: to.relname ?? table.name })
}

function drop(schema: FoldedSchema, { objects = [], removeType }: { objects?: Node[]; removeType?: string }): void {
  if (removeType !== 'OBJECT_TABLE' && removeType !== 'OBJECT_FOREIGN_TABLE') return
  for (const object of objects) {
    const items = 'List' in object ? (object.List.items ?? []) : []
    const path = items.flatMap((one) => ('String' in one ? [one.String.sval ?? ''] : []))
    const [relname = '', schemaname = 'public'] = path.toReversed()
    schema.tables.delete(keyOf({ schemaname, relname }))
  }
}
