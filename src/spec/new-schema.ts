import { parseSync } from 'libpg-query'
import { deparseSync } from 'pgsql-deparser'
import { UsageError } from '../lib/errors.ts'

/** Statements that may stand in the new schema's DDL: they create things, and can be undone by dropping them. */
const ALLOWED = new Set(
  'CreateStmt IndexStmt ViewStmt CreateEnumStmt CreateDomainStmt CompositeTypeStmt CreateSeqStmt AlterSeqStmt CommentStmt CreateFunctionStmt CreateTrigStmt CreatePolicyStmt AlterTableStmt GrantStmt RuleStmt'.split(
    ' ',
  ),
)

/**
 * Looks at the new schema's DDL before it runs anywhere. Throws UsageError with the line of the first
 * statement that can't be a part of it. Call `loadParser()` before.
 */
export function assertNewSchema(ddl: string, path: string): void {
  let tree: { stmts?: { stmt: Record<string, unknown>; stmt_location?: number }[] }
  try {
    tree = parseSync(ddl) as typeof tree
  } catch (error) {
    throw new UsageError('ddl.syntax', `${path}: ${error instanceof Error ? error.message : String(error)}`, {
      hint: 'It must be plain PostgreSQL DDL.',
    })
  }
  const bytes = Buffer.from(ddl)
  for (const { stmt, stmt_location } of tree.stmts ?? []) {
    const [kind = ''] = Object.keys(stmt)
    const line =
      bytes
        .subarray(0, stmt_location ?? 0)
        .toString()
        .split('\n').length + leadingLines(bytes.subarray(stmt_location ?? 0).toString())
    if (!ALLOWED.has(kind)) {
      throw new UsageError('ddl.statement', `${path}:${line}: a ${kind} can't stand in the new schema`, {
        hint: 'Only what creates tables, indexes, views, types, functions, triggers, policies and grants. Data comes from the old tables.',
      })
    }
    assertUnqualified(stmt, kind, `${path}:${line}`)
  }
}

function leadingLines(text: string): number {
  return (/^\s*/.exec(text)?.[0].match(/\n/g) ?? []).length
}

function assertUnqualified(stmt: Record<string, unknown>, kind: string, where: string): void {
  const body = stmt[kind] as { relation?: { schemaname?: string; relname?: string }; concurrent?: boolean }
  if (body.concurrent)
    throw new UsageError('ddl.concurrently', `${where}: CONCURRENTLY is of no use on a table that is new`, {
      hint: 'Leave the word out.',
    })
  if (body.relation?.schemaname && (kind === 'CreateStmt' || kind === 'IndexStmt')) {
    throw new UsageError(
      'ddl.qualified',
      `${where}: ${body.relation.schemaname}.${body.relation.relname} names a schema`,
      {
        hint: 'Leave the schema out: the tables are built in one schema and moved to another later.',
      },
    )
  }
}

/** A foreign key's definition (`FOREIGN KEY … REFERENCES …`) after the schema that it refers to has moved. */
export function relocateForeignKey(definition: string, from: string, to: string): string {
  const tree = parseSync(`ALTER TABLE t ADD ${definition}`) as {
    stmts: {
      stmt: {
        AlterTableStmt: { cmds: { AlterTableCmd: { def: { Constraint: { pktable: { schemaname?: string } } } } }[] }
      }
    }[]
  }
  const constraint = tree.stmts[0]?.stmt.AlterTableStmt.cmds[0]?.AlterTableCmd.def
  if (!constraint) throw new Error(`not a constraint: ${definition}`)
  const { pktable } = constraint.Constraint
  if (pktable.schemaname === from) pktable.schemaname = to
  return deparseSync(constraint as unknown as Parameters<typeof deparseSync>[0])
}
