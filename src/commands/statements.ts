import type { Statement } from '../sqlgen/statement.ts'

/** Statements as the document of a `--dry-run`. */
export function describeStatements(statements: readonly Statement[]): object[] {
  return statements.map((s) => ({
    id: s.id,
    sql: s.sql.text,
    undo: s.undo?.text ?? null,
    lock: s.lock,
    transactional: s.transactional,
    why: s.why,
  }))
}
