import { loadModule, parseSync } from 'libpg-query'
import { deparseSync } from 'pgsql-deparser'
import { UsageError } from '../lib/errors.ts'

/**
 * SQL expressions of a mapping, parsed by PostgreSQL's own parser. Nothing is ever decided by looking
 * at their text.
 */
export interface ParsedExpression {
  readonly text: string
  /** The column alone, or the column under one cast; null for anything else. */
  readonly column: string | null
  /** The type of that cast as written, null without one. */
  readonly cast: string | null
  /** What stands under the outermost cast, as SQL; null without a cast. */
  readonly inner: string | null
  /** Every column that the expression reads. */
  readonly columns: readonly string[]
  /** No value of its columns can make it raise an error (casts apart, which are looked at separately). */
  readonly total: boolean
}

type Node = { readonly [kind: string]: unknown }

/** Loads the parser (WebAssembly), once, before the first parse. */
export async function loadParser(): Promise<void> {
  await loadModule()
}

/** Throws UsageError when the text isn't one SQL expression. `where` names its place in the mapping. */
export function parseExpression(text: string, where: string): ParsedExpression {
  const node = parseNode(text, where)
  const cast = member(node, 'TypeCast')
  const inner = cast ? (cast.arg as Node) : null
  return {
    text,
    column: columnOf(inner ?? node),
    cast: cast ? deparse({ TypeName: cast.typeName }) : null,
    inner: inner ? deparse(inner) : null,
    columns: [...new Set(findColumns(node))].sort(),
    total: isTotal(node),
  }
}

function parseNode(text: string, where: string): Node {
  let tree: ReturnType<typeof parseSync>
  try {
    tree = parseSync(`SELECT ${text}\n`)
  } catch (error) {
    throw notAnExpression(text, where, error instanceof Error ? error.message : String(error))
  }
  const [statement, more] = (tree as { stmts?: { stmt: Node }[] }).stmts ?? []
  const select = member(statement?.stmt, 'SelectStmt')
  const targets = select?.targetList as Node[] | undefined
  const target = member(targets?.[0], 'ResTarget')
  const clauses = Object.keys(select ?? {}).filter((key) => !['targetList', 'limitOption', 'op'].includes(key))
  if (more || !target || targets?.length !== 1 || clauses.length > 0 || target.name !== undefined) {
    throw notAnExpression(text, where, 'one expression is expected, without alias, clause or second statement')
  }
  const value = target.val as Node
  if (contains(value, 'SubLink'))
    throw notAnExpression(text, where, 'a subquery reads other rows; the projection is a function of the row alone')
  return value
}

function notAnExpression(text: string, where: string, why: string): UsageError {
  return new UsageError('mapping.expression', `${where}: ${JSON.stringify(text)} is not an SQL expression: ${why}`, {
    hint: 'Write SQL over the columns of the one table, for example  quality / 100.0  or  lower(email).',
  })
}

function deparse(node: unknown): string {
  return deparseSync(node as Parameters<typeof deparseSync>[0])
}

function member(node: unknown, kind: string): Node | undefined {
  return node !== null && typeof node === 'object' ? ((node as Node)[kind] as Node | undefined) : undefined
}

function columnOf(node: Node): string | null {
  const fields = member(node, 'ColumnRef')?.fields as Node[] | undefined
  const last = member(fields?.at(-1), 'String')
  return typeof last?.sval === 'string' ? last.sval : null
}

function findColumns(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(findColumns)
  if (node === null || typeof node !== 'object') return []
  const own = 'ColumnRef' in node ? columnOf(node as Node) : null
  return [...(own === null ? [] : [own]), ...Object.values(node).flatMap(findColumns)]
}

function contains(node: unknown, kind: string): boolean {
  if (Array.isArray(node)) return node.some((item) => contains(item, kind))
  if (node === null || typeof node !== 'object') return false
  return kind in node || Object.values(node).some((value) => contains(value, kind))
}

/** Functions and operators of pg_catalog that give a value for every value. */
const TOTAL_FUNCTIONS = new Set(
  'lower upper initcap btrim ltrim rtrim trim length char_length octet_length md5 reverse replace translate split_part left right starts_with strpos num_nulls num_nonnulls jsonb_typeof jsonb_strip_nulls jsonb_extract_path jsonb_extract_path_text nullif'.split(
    ' ',
  ),
)
const TOTAL_OPERATORS = new Set([
  '=',
  '<>',
  '<',
  '>',
  '<=',
  '>=',
  '||',
  '->',
  '->>',
  '~~',
  '!~~',
  '~~*',
  '!~~*',
  '@>',
  '?',
])
const TRANSPARENT = new Set(
  'ColumnRef A_Const BoolExpr NullTest BooleanTest CoalesceExpr CaseExpr CaseWhen List String A_ArrayExpr elements fields args arg lexpr rexpr expr result defresult items val'.split(
    ' ',
  ),
)

function isTotal(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isTotal)
  if (node === null || typeof node !== 'object') return true
  return Object.entries(node).every(([kind, value]) => {
    if (kind === 'A_Const') return true
    if (kind === 'FuncCall') {
      const names = ((value as Node).funcname as Node[]).map((name) => member(name, 'String')?.sval)
      return TOTAL_FUNCTIONS.has(String(names.at(-1))) && isTotal((value as Node).args ?? [])
    }
    if (kind === 'A_Expr') {
      const names = ((value as Node).name as Node[] | undefined)?.map((name) => member(name, 'String')?.sval) ?? []
      const known = names.every(
        (name) =>
          TOTAL_OPERATORS.has(String(name)) ||
          String(name).startsWith('BETWEEN') ||
          String(name).startsWith('NOT BETWEEN'),
      )
      return known && isTotal([(value as Node).lexpr, (value as Node).rexpr])
    }
    if (kind === 'TypeCast') {
      const arg = (value as Node).arg as Node
      const name = deparse({ TypeName: (value as Node).typeName })
      return (member(arg, 'A_Const') !== undefined || name === 'text') && isTotal(arg)
    }
    return TRANSPARENT.has(kind) ? isTotal(value) : typeof value !== 'object'
  })
}
