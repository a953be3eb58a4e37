import { parseSync } from 'libpg-query'
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
    throw syntaxError(error, ddl, path)
  }
  const created = new Set<string>()
  const bytes = Buffer.from(ddl)
  for (const { stmt, stmt_location } of tree.stmts ?? []) {
    const [kind = ''] = Object.keys(stmt)
    const line =
      bytes
        .subarray(0, stmt_location ?? 0)
        .toString()
        .split('\n').length + leadingLines(bytes.subarray(stmt_location ?? 0).toString())
    if (!ALLOWED.has(kind)) {
      throw new UsageError(
        'ddl.statement',
        `${path}:${line}: a statement of this kind (${kind}) can't stand in the new schema`,
        {
          hint: 'Only what creates tables, indexes, views, types, functions, triggers, policies and grants. Data comes from the old tables.',
        },
      )
    }
    assertOwnThings(stmt, kind, created, `${path}:${line}`)
  }
}

function syntaxError(error: unknown, ddl: string, path: string): UsageError {
  const { message, sqlDetails } = error as Error & { sqlDetails?: { cursorPosition?: number } }
  // The parser counts characters from 0; for an empty text it names no place.
  const at = sqlDetails?.cursorPosition
  const line =
    at === undefined || ddl.trim() === '' ? '' : `:${Array.from(ddl).slice(0, at).join('').split('\n').length}`
  return new UsageError('ddl.syntax', `${path}${line}: ${message}`, { hint: 'It must be plain PostgreSQL DDL.' })
}

function leadingLines(text: string): number {
  return (/^\s*/.exec(text)?.[0].match(/\n/g) ?? []).length
}

interface RangeVar {
  readonly schemaname?: string
  readonly relname: string
}

/** What is looked at in a statement's parse tree, whatever its kind. */
interface Body {
  readonly relation?: RangeVar
  readonly view?: RangeVar
  readonly sequence?: RangeVar
  readonly table?: RangeVar
  readonly typevar?: RangeVar
  readonly idxname?: string
  readonly concurrent?: boolean
  readonly objtype?: string
  readonly objects?: readonly { RangeVar?: RangeVar }[]
  readonly inhRelations?: readonly { RangeVar?: RangeVar }[]
  readonly targtype?: string
  readonly funcname?: readonly unknown[]
  readonly typeName?: readonly unknown[]
  readonly domainname?: readonly unknown[]
  readonly object?: { List?: { items?: readonly unknown[] } }
}

/**
 * The DDL runs with the old schema on its search path, for the types and tables that stay. So each statement may
 * change only what the DDL itself has created before: otherwise it would change, or open, an old table.
 */
function assertOwnThings(stmt: Record<string, unknown>, kind: string, created: Set<string>, where: string): void {
  const body = stmt[kind] as Body
  if (body.concurrent)
    throw new UsageError('ddl.concurrently', `${where}: CONCURRENTLY is of no use on a table that is new`, {
      hint: 'Leave the word out.',
    })
  const made = madeBy(body, kind)
  const touched = touchedBy(body, kind)
  const qualified = [...made, ...touched].find((relation) => relation.schemaname !== undefined)
  const parts = [body.funcname, body.typeName, body.domainname].some((name) => (name?.length ?? 0) > 1)
  if (qualified || (parts && kind !== 'CreateTrigStmt') || namesSchema(body, kind)) {
    const name = qualified ? `${qualified.schemaname}.${qualified.relname}` : 'it'
    throw new UsageError('ddl.qualified', `${where}: ${name} names a schema`, {
      hint: 'Leave the schema out: the tables are built in one schema and moved to another later.',
    })
  }
  // Sequences and indexes that come with a table are named after it.
  const follows = /SEQUENCE|INDEX/.test(body.objtype ?? '') || kind === 'AlterSeqStmt'
  const foreign = touched.find(
    ({ relname }) => !created.has(relname) && !(follows && [...created].some((name) => relname.startsWith(`${name}_`))),
  )
  if (foreign)
    throw new UsageError('ddl.foreign', `${where}: ${foreign.relname} is not created by this DDL`, {
      hint: 'The new schema may change only its own tables; the old ones stay as they are.',
    })
  for (const { relname } of made) created.add(relname)
  if (body.idxname !== undefined) created.add(body.idxname)
}

function madeBy(body: Body, kind: string): RangeVar[] {
  if (kind === 'CreateStmt') return list(body.relation)
  if (kind === 'ViewStmt') return list(body.view)
  if (kind === 'CreateSeqStmt') return list(body.sequence)
  return kind === 'CompositeTypeStmt' ? list(body.typevar) : []
}

function touchedBy(body: Body, kind: string): RangeVar[] {
  if (kind === 'CreateStmt') return (body.inhRelations ?? []).flatMap((parent) => list(parent.RangeVar))
  if (kind === 'GrantStmt') return (body.objects ?? []).flatMap((object) => list(object.RangeVar))
  if (kind === 'AlterSeqStmt') return list(body.sequence)
  if (kind === 'CreatePolicyStmt') return list(body.table)
  if (kind === 'CommentStmt') return commentedTable(body)
  return ['AlterTableStmt', 'IndexStmt', 'CreateTrigStmt', 'RuleStmt'].includes(kind) ? list(body.relation) : []
}

/** COMMENT ON TABLE has one name for the table, COMMENT ON COLUMN has the column's after it. */
function commentedTable(body: Body): RangeVar[] {
  const names = (body.object?.List?.items ?? []).map((item) => (item as { String?: { sval?: string } }).String?.sval)
  if (body.objtype === 'OBJECT_COLUMN') names.pop()
  else if (body.objtype !== 'OBJECT_TABLE') return []
  const [relname, schemaname] = names.reverse()
  return relname === undefined ? [] : [{ relname, ...(schemaname === undefined ? {} : { schemaname }) }]
}

function namesSchema(body: Body, kind: string): boolean {
  return kind === 'GrantStmt' && body.targtype === 'ACL_TARGET_ALL_IN_SCHEMA'
}

function list(relation: RangeVar | undefined): RangeVar[] {
  return relation === undefined ? [] : [relation]
}
