import type { Expr, FileIr } from './ir.ts'

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

/** Visits all expressions of a function, those within others too, but not those of the functions inside it. */
export function walkFunction(ir: FileIr, fn: number, visit: (expr: Expr) => void): void {
  const seen = new Set<number>()
  function walk(expr: Expr): void {
    visit(expr)
    if (expr.k === 'shared') {
      const inner = seen.has(expr.value) ? undefined : ir.shared[expr.value]
      seen.add(expr.value)
      if (inner) walk(inner)
    } else for (const part of partsOf(expr)) walk(part)
  }
  for (const expr of ir.functions[fn]?.body ?? []) walk(expr)
}
