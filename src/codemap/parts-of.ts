import type { Expr } from './ir.ts'

/** The expressions that an expression is made of, in order; not those of a function, a class, or what stands elsewhere and is shared. */
export function partsOf(expr: Expr): readonly Expr[] {
  switch (expr.k) {
    case 'template':
      return expr.holes
    case 'tag':
      return [expr.tag, ...expr.holes]
    case 'member':
      return [expr.object]
    case 'index':
      return [expr.object, expr.index]
    case 'call':
    case 'new':
      return [expr.callee, ...expr.args]
    case 'object':
      return expr.members.flatMap((member) => {
        if (member.k === 'get') return []
        return member.k === 'computed' ? [member.name, member.value] : [member.value]
      })
    case 'array':
      return expr.items
    case 'either':
    case 'sequence':
    case 'effects':
    case 'load':
      return expr.of
    case 'spread':
    case 'await':
    case 'as':
      return [expr.value]
    case 'add':
      return [expr.left, expr.right]
    default:
      return []
  }
}
