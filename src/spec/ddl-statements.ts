import { parseSync } from 'libpg-query'

/** What DDL makes, in its own words. */
export interface DdlContents {
  /** Without semicolons, each with the comments in front of it. */
  readonly statements: readonly string[]
  /** Tables, views, and sequences of their own. */
  readonly relations: readonly string[]
  readonly policies: readonly { readonly table: string; readonly name: string }[]
}

interface Name {
  readonly relname: string
}

/** Reads the new schema's DDL, whose names are unqualified. Call `loadParser()` before. */
export function readDdl(ddl: string): DdlContents {
  const tree = parseSync(ddl) as unknown as {
    stmts?: { stmt: Record<string, unknown>; stmt_location?: number; stmt_len?: number }[]
  }
  const bytes = Buffer.from(ddl)
  const statements: string[] = []
  const relations: string[] = []
  const policies: { table: string; name: string }[] = []
  for (const { stmt, stmt_location = 0, stmt_len } of tree.stmts ?? []) {
    const end = stmt_len === undefined ? undefined : stmt_location + stmt_len
    statements.push(bytes.subarray(stmt_location, end).toString().trim())
    const made =
      (stmt.CreateStmt as { relation: Name } | undefined)?.relation ??
      (stmt.ViewStmt as { view: Name } | undefined)?.view ??
      (stmt.CreateSeqStmt as { sequence: Name } | undefined)?.sequence
    const policy = stmt.CreatePolicyStmt as { table: Name; policy_name: string } | undefined
    if (made) relations.push(made.relname)
    if (policy) policies.push({ table: policy.table.relname, name: policy.policy_name })
  }
  return { statements, relations, policies }
}
