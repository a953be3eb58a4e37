import { parseSync } from 'libpg-query'

/** What a CHECK lets a column of texts hold. */
export interface WordList {
  readonly column: string
  readonly words: readonly string[]
}

type Node = { readonly [kind: string]: unknown }

/** Of a condition as pg_get_constraintdef writes it: one column, compared with a list of texts; null for any other. */
export function readWordList(condition: string): WordList | null {
  const tree = parseSync(`SELECT ${condition}`) as { stmts?: { stmt: Node }[] }
  const targets = inside(tree.stmts?.[0]?.stmt, 'SelectStmt')?.targetList as Node[] | undefined
  const compared = inside(inside(targets?.[0], 'ResTarget')?.val, 'A_Expr')
  if (compared === undefined || nameOf(compared.name) !== '=') return null
  const column = nameOf(inside(bare(compared.lexpr), 'ColumnRef')?.fields)
  const list = bare(compared.rexpr)
  const items = compared.kind === 'AEXPR_OP' ? [list] : (inside(list, 'A_ArrayExpr')?.elements as Node[] | undefined)
  const words = items?.map((item) => {
    const text = inside(inside(bare(item), 'A_Const'), 'sval')
    return typeof text?.sval === 'string' ? text.sval : null
  })
  const known = words?.flatMap((word) => word ?? []) ?? []
  if (column === null || known.length === 0 || known.length !== words?.length) return null
  return { column, words: known }
}

function inside(node: unknown, kind: string): Node | undefined {
  return node !== null && typeof node === 'object' ? ((node as Node)[kind] as Node | undefined) : undefined
}

/** Under its casts. */
function bare(node: unknown): unknown {
  const cast = inside(node, 'TypeCast')
  return cast === undefined ? node : bare(cast.arg)
}

/** The only name of a list of names. */
function nameOf(names: unknown): string | null {
  const [only, more] = Array.isArray(names) ? names : []
  const text = more === undefined ? inside(only, 'String')?.sval : undefined
  return typeof text === 'string' ? text : null
}
