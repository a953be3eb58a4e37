import type { Expr, FileIr } from '../ir.ts'

/** What stands behind casts and names that are given once; the expression itself where nothing does. */
export function bareExpression(ir: FileIr, expr: Expr | undefined, depth = 4): Expr | undefined {
  if (expr === undefined || depth === 0) return expr
  switch (expr.k) {
    case 'shared':
      return bareExpression(ir, ir.shared[expr.value], depth)
    case 'as':
    case 'await':
      return bareExpression(ir, expr.value, depth)
    case 'ref': {
      const defs = ir.slots[expr.slot]?.defs ?? []
      const [only] = defs
      if (defs.length !== 1 || only?.k !== 'value' || only.path !== undefined) return expr
      return bareExpression(ir, ir.shared[only.value], depth - 1)
    }
    default:
      return expr
  }
}

/** The expression as code says it, near enough to tell that two are the same; null where that can't be told. */
export function printExpression(ir: FileIr, expr: Expr | undefined): string | null {
  switch (expr?.k) {
    case 'text':
      return JSON.stringify(expr.text)
    case 'literal':
      return String(expr.value)
    case 'ref':
      return ir.slots[expr.slot]?.name ?? null
    case 'global':
      return expr.name
    case 'this':
      return 'this'
    case 'member': {
      const object = printExpression(ir, expr.object)
      return object === null ? null : `${object}.${expr.name}`
    }
    case 'index': {
      const [object, index] = [printExpression(ir, expr.object), printExpression(ir, expr.index)]
      return object === null || index === null ? null : `${object}[${index}]`
    }
    case 'call':
    case 'new': {
      const parts = [expr.callee, ...expr.args].map((part) => printExpression(ir, part))
      const [callee, ...args] = parts
      if (callee === undefined || parts.includes(null)) return null
      return `${expr.k === 'new' ? 'new ' : ''}${callee}(${args.join(', ')})`
    }
    case 'shared':
      return printExpression(ir, ir.shared[expr.value])
    case 'as':
    case 'await':
      return printExpression(ir, expr.value)
    case 'either':
      // `given ?? otherwise`: what is given tells it best.
      return printExpression(ir, expr.of[0])
    default:
      return null
  }
}
