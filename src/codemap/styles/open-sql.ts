import type { Access } from '../access.ts'
import { parseStatements, type SqlAccess } from '../sql/parse-statements.ts'
import type { SqlText } from '../sql/sql-text.ts'
import type { Site } from '../style.ts'
import { text as textValue, type Via } from '../value.ts'

/** How the SQL of a library is opened. */
export interface SqlOpening {
  readonly transaction: string | null
  /** Only part of a statement: of it only what it selects from by itself. */
  readonly fragment?: boolean
  readonly columnName?: (name: string) => string
}

/**
 * Opens what SQL in code does, each table with its operation, at the site. The `origin` of its words is the way by which
 * the text was handed in. What can't be told is listed as unresolved, but for fragments: their query is listed anyway.
 */
export function openSql(site: Site, sql: SqlText, opening: SqlOpening): Access[] {
  const { accesses, gaps } = parseStatements(sql)
  if (opening.fragment !== true) for (const { operation, reason } of gaps) site.unresolved(operation, reason)
  return accesses.map((one) => openOne(site, one, opening))
}

function openOne(site: Site, one: SqlAccess, { transaction, columnName }: SqlOpening): Access {
  const via = Array.isArray(one.origin) ? (one.origin as readonly Via[]) : []
  const key = `sql ${one.schema ?? ''}.${one.table}`
  const access = site.open({
    table: textValue(one.table, via),
    schema: one.schema,
    operation: one.operation,
    key,
    transaction,
    ...(columnName ? { columnName } : {}),
  })
  const { read, written, filtered, ordered, known } = one.columns
  access.read(read)
  access.written(written)
  access.filtered(filtered)
  access.ordered(ordered)
  if (!known) access.unknownColumns()
  if (one.returning) access.returning()
  if (one.conflict.length > 0) access.conflict(one.conflict)
  for (const [column, literals] of Object.entries(one.values)) {
    for (const literal of literals) access.value(column, literal)
  }
  return access
}
