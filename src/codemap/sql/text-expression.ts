import type { Node } from 'libpg-query'
import { pathOf } from './expression.ts'
import { nameText, parameter, type SqlText, unknownText, words } from './sql-text.ts'

const REASON = 'EXECUTE builds it when it runs'

/** The text that an SQL expression gives: of strings, `||`, `format()`, `concat()` and `quote_ident()`. */
export function textOfExpression(node: Node | undefined): SqlText {
  if (node === undefined) return [unknownText(REASON)]
  if ('TypeCast' in node) return textOfExpression(node.TypeCast.arg)
  if ('A_Const' in node && node.A_Const.sval) return [words(node.A_Const.sval.sval ?? '')]
  if ('A_Expr' in node && pathOf(node.A_Expr.name)[0] === '||')
    return [...textOfExpression(node.A_Expr.lexpr), ...textOfExpression(node.A_Expr.rexpr)]
  if (!('FuncCall' in node)) return [unknownText(REASON)]
  const name = pathOf(node.FuncCall.funcname).at(-1)
  const args = node.FuncCall.args ?? []
  if (name === 'format') return formatted(args)
  if (name === 'concat') return args.flatMap(textOfExpression)
  if (name === 'quote_ident') return identifier(args[0])
  if (name === 'quote_literal' || name === 'quote_nullable') return [parameter()]
  return [unknownText(REASON)]
}

/** `format('… %I … %s … %L', …)`; `%2$I` takes the second. */
function formatted([first, ...args]: readonly Node[]): SqlText {
  const template = first && 'A_Const' in first ? first.A_Const.sval?.sval : undefined
  if (template === undefined) return [unknownText(REASON)]
  let next = 0
  const pieces = template.split(/(%(?:\d+\$)?-?\d*[sIL%])/)
  return pieces.flatMap((piece, at): SqlText => {
    if (at % 2 === 0) return [words(piece)]
    const kind = piece.at(-1)
    if (kind === '%') return [words('%')]
    const position = /^%(\d+)\$/.exec(piece)?.[1]
    if (position !== undefined) next = Number(position) - 1
    const arg = args[next++]
    if (kind === 'L') return [parameter()]
    return kind === 'I' ? identifier(arg) : textOfExpression(arg)
  })
}

function identifier(node: Node | undefined): SqlText {
  const text = textOfExpression(node)
  const [only] = text
  if (text.length === 1 && only?.kind === 'words') return [nameText(only.text)]
  return [{ kind: 'unknown', reason: REASON, name: true }]
}
