import { parseSync } from 'libpg-query'
import { deparseSync } from 'pgsql-deparser'
import { fitName } from '../lib/fit-name.ts'

/** A foreign key of the new schema's DDL, taken out of it. */
export interface NewForeignKey {
  readonly table: string
  readonly name: string
  /** `FOREIGN KEY … REFERENCES …`, the other table with its schema. */
  readonly definition: string
  readonly columns: readonly string[]
  readonly references: string
  /** Empty: the other table's primary key. */
  readonly referenced: readonly string[]
  /** What a delete of the parent does, from finish on. */
  readonly onDelete: 'cascade' | 'other'
}

/** One statement of the DDL, and the line that it begins on. */
export interface DdlStatement {
  readonly text: string
  readonly line: number
}

type Node = { [key: string]: unknown }

interface Constraint {
  contype: string
  conname?: string
  fk_attrs?: { String: { sval: string } }[]
  pk_attrs?: { String: { sval: string } }[]
  /** c cascade, a no action, r restrict, n set null, d set default */
  fk_del_action?: string
  pktable?: { relname: string; schemaname?: string }
}

/**
 * Takes the foreign keys out of the DDL, by its parse tree. To create one, and to drop it again, locks the other table,
 * which the application reads and writes; they are made at finish, NOT VALID and validated afterwards.
 */
export function takeForeignKeys(
  ddl: string,
  schema: string,
): { statements: DdlStatement[]; foreignKeys: NewForeignKey[] } {
  const tree = parseSync(ddl) as unknown as { stmts?: { stmt: Node; stmt_location?: number; stmt_len?: number }[] }
  const bytes = Buffer.from(ddl)
  const foreignKeys: NewForeignKey[] = []
  const statements = (tree.stmts ?? []).flatMap(({ stmt, stmt_location = 0, stmt_len }) => {
    const text = bytes.subarray(stmt_location, stmt_len === undefined ? undefined : stmt_location + stmt_len).toString()
    const line = bytes.subarray(0, stmt_location).toString().split('\n').length
    const found = [...fromCreate(stmt, schema), ...fromAlter(stmt, schema)]
    foreignKeys.push(...found)
    if (found.length === 0) return [{ text, line }]
    const nothingLeft = 'AlterTableStmt' in stmt && (stmt.AlterTableStmt as { cmds: unknown[] }).cmds.length === 0
    return nothingLeft ? [] : [{ text: deparse(stmt), line }]
  })
  return { statements, foreignKeys }
}

function fromCreate(stmt: Node, schema: string): NewForeignKey[] {
  const create = stmt.CreateStmt as { relation: { relname: string }; tableElts?: Node[] } | undefined
  if (!create?.tableElts) return []
  const table = create.relation.relname
  const found: NewForeignKey[] = []
  create.tableElts = create.tableElts.filter((element) => {
    const constraint = element.Constraint as Constraint | undefined
    if (constraint?.contype !== 'CONSTR_FOREIGN') return true
    found.push(describe(table, constraint, schema))
    return false
  })
  for (const element of create.tableElts) {
    const column = element.ColumnDef as { colname: string; constraints?: { Constraint: Constraint }[] } | undefined
    if (!column?.constraints) continue
    column.constraints = column.constraints.filter(({ Constraint: constraint }) => {
      if (constraint.contype !== 'CONSTR_FOREIGN') return true
      found.push(describe(table, { ...constraint, fk_attrs: [{ String: { sval: column.colname } }] }, schema))
      return false
    })
  }
  return found
}

function fromAlter(stmt: Node, schema: string): NewForeignKey[] {
  const alter = stmt.AlterTableStmt as
    | { relation: { relname: string }; cmds: { AlterTableCmd: { def?: { Constraint?: Constraint } } }[] }
    | undefined
  if (!alter) return []
  const found: NewForeignKey[] = []
  alter.cmds = alter.cmds.filter(({ AlterTableCmd: command }) => {
    const constraint = command.def?.Constraint
    if (constraint?.contype !== 'CONSTR_FOREIGN') return true
    found.push(describe(alter.relation.relname, constraint, schema))
    return false
  })
  return found
}

function describe(table: string, constraint: Constraint, schema: string): NewForeignKey {
  const names = (list: Constraint['fk_attrs']): string[] => (list ?? []).map((item) => item.String.sval)
  const { conname, ...rest } = constraint
  const columns = names(constraint.fk_attrs)
  const references = constraint.pktable?.relname ?? ''
  return {
    table,
    // The name that PostgreSQL itself would give.
    name: conname ?? fitName(`${table}_${columns.join('_')}_fkey`),
    definition: deparse({
      Constraint: { ...rest, pktable: { ...constraint.pktable, schemaname: constraint.pktable?.schemaname ?? schema } },
    }).trim(),
    columns,
    references,
    referenced: names(constraint.pk_attrs),
    onDelete: constraint.fk_del_action === 'c' ? 'cascade' : 'other',
  }
}

function deparse(node: Node): string {
  return deparseSync(node as unknown as Parameters<typeof deparseSync>[0])
}
