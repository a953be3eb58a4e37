import type { LoopKind } from '../code-graph.ts'
import type { Expr, FileIr, Position } from '../ir.ts'
import { walkFunction } from '../parts-of.ts'
import type { Program } from '../program.ts'
import { loopKind } from './loop-rules.ts'
import { bareExpression } from './walk-expressions.ts'

type Call = Extract<Expr, { k: 'call' | 'new' }>

/** A call that makes what it is handed run again and again. */
export interface LoopCall {
  readonly expr: Call
  readonly at: Position
  /** The function in which it stands. */
  readonly within: number
  /** Null for `setTimeout`: a loop only where a function sets it for itself. */
  readonly kind: LoopKind | null
  /** `GET /posts`, `0 4 * * *`, the name of a queue or an event. */
  readonly label: string | null
  /** Functions without a name that it is handed. */
  readonly callbacks: readonly number[]
}

/** All of a program, by file. */
export function collectLoopCalls(program: Program): Map<string, LoopCall[]> {
  const byFile = new Map<string, LoopCall[]>()
  for (const file of program.files) {
    const ir = program.module(file)?.ir
    if (!ir) continue
    const found: LoopCall[] = []
    for (const within of ir.functions.keys()) {
      walkFunction(ir, within, (expr) => {
        if (expr.k !== 'call' && expr.k !== 'new') return
        const made = readLoopCall(ir, expr, within)
        if (made) found.push(made)
      })
    }
    if (found.length > 0) byFile.set(file, found)
  }
  return byFile
}

function readLoopCall(ir: FileIr, expr: Call, within: number): LoopCall | null {
  const name = calledName(ir, expr.callee)
  if (name === null) return null
  const texts = expr.args.flatMap((arg) => {
    const bare = bareExpression(ir, arg)
    return bare?.k === 'text' ? [bare.text] : []
  })
  const object = expr.callee.k === 'member' ? expr.callee.object : null
  const kind = loopKind({ name, object, isNew: expr.k === 'new', texts, requests: ir.requests })
  if (kind === null && name !== 'setTimeout') return null
  const [text] = texts
  const label = text === undefined ? null : kind === 'request' ? `${name.toUpperCase()} ${text}` : text
  const callbacks = expr.args.flatMap((arg) => namelessIn(ir, arg))
  return { expr, at: expr.at, within, kind, label, callbacks: kind === null ? [] : callbacks }
}

/** `setInterval`, `app.get`, and an import by the name under which it is exported. */
export function calledName(ir: FileIr, callee: Expr): string | null {
  if (callee.k === 'member' || callee.k === 'global') return callee.name
  if (callee.k !== 'ref') return null
  const slot = ir.slots[callee.slot]
  const imported = slot?.defs.find((def) => def.k === 'import')
  return imported?.k === 'import' && !/^(default|\*)/.test(imported.name) ? imported.name : (slot?.name ?? null)
}

function namelessIn(ir: FileIr, arg: Expr): number[] {
  if (arg.k === 'shared') return namelessIn(ir, ir.shared[arg.value] ?? { k: 'this' })
  if (arg.k === 'call') return arg.args.flatMap((inner) => namelessIn(ir, inner))
  return arg.k === 'function' && ir.functions[arg.function]?.own === false ? [arg.function] : []
}
