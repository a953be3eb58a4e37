import type { A_Const, Node, TypeCast } from 'libpg-query'
import { parse } from 'libpg-query'

/**
 * Types that a constant can be cast to once more and give the same value under any setting. Dates are not among them
 * ('now'::text::timestamptz), nor are the types that look names up (regclass).
 */
const SETTLED_TYPES = new Set([
  ...['bool', 'int2', 'int4', 'int8', 'numeric', 'text', 'varchar', 'bpchar', 'name'],
  ...['json', 'jsonb', 'uuid', 'bit', 'varbit'],
])

/**
 * True when a default, as pg_get_expr prints it, gives the same value whenever it is computed. It is parsed, and only
 * what is plainly constant counts: literals, casts of them, arrays and rows of those. No default is the constant NULL.
 */
export async function isConstantDefault(
  expression: string | null,
  column: { readonly type: string; readonly baseType: string; readonly typeCategory: string },
): Promise<boolean> {
  if (expression === null) return true
  let value: Node | undefined
  try {
    const parsed = await parse(`SELECT ${expression}`)
    const statement = parsed.stmts?.[0]?.stmt
    const target =
      statement !== undefined && 'SelectStmt' in statement ? statement.SelectStmt.targetList?.[0] : undefined
    value = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined
  } catch {
    // A server newer than the parser may print what it doesn't know. Not provably constant, then.
    return false
  }
  if (value === undefined || !isConstant(value)) return false
  // The server hides implicit casts: a date as the default of a timestamptz is midnight of the session's time zone.
  return column.typeCategory !== 'D' || [column.type, column.baseType].some((type) => expression.endsWith(`::${type}`))
}

function isConstant(node: Node): boolean {
  if ('A_Const' in node) return true
  if ('TypeCast' in node) return isConstantCast(node.TypeCast)
  if ('A_ArrayExpr' in node) return (node.A_ArrayExpr.elements ?? []).every(isConstant)
  if ('RowExpr' in node) return (node.RowExpr.args ?? []).every(isConstant)
  return false
}

/** A cast of a literal is how the server prints a constant; a further cast is computed when the default is. */
function isConstantCast(cast: TypeCast): boolean {
  const { arg } = cast
  if (arg === undefined) return false
  if ('A_Const' in arg) return isPrintedConstant(arg.A_Const) || isSettledType(cast)
  return isSettledType(cast) && isConstant(arg)
}

function isPrintedConstant(constant: A_Const): boolean {
  return constant.sval !== undefined || constant.isnull === true || constant.bsval !== undefined
}

function isSettledType(cast: TypeCast): boolean {
  const names = (cast.typeName?.names ?? []).map((node) => ('String' in node ? node.String.sval : undefined))
  const [name] = names.slice(-1)
  const builtIn = names.length === 1 || (names.length === 2 && names[0] === 'pg_catalog')
  return builtIn && name !== undefined && SETTLED_TYPES.has(name)
}
