import type { Expr, FileIr } from '../ir.ts'
import type { Module, Program } from '../program.ts'
import { findCallFlow, isParameter, PROVIDER } from './call-flow.ts'
import type { CallFlow } from './flow-graph.ts'
import { createOutside, type Outside } from './outside.ts'

type Call = Extract<Expr, { k: 'call' | 'new' }>

/** What may lead to the database; all else needs no evaluation. */
export interface Touching extends CallFlow {
  readonly outside: Outside
  /** Of variables: whether what they hold comes out of such a call. */
  readonly held: Map<FileIr, Map<number, boolean>>
  /** Of calls: whether they may touch. The same ones are come by in every run of the function around them. */
  readonly calls: Map<Expr, boolean>
}

/** How the libraries are told that the program uses. */
export interface TouchingWords {
  readonly words: readonly string[]
  /** Their modules. */
  readonly libraries: readonly RegExp[]
  /** Those of which a client is a function itself. */
  readonly callable: readonly RegExp[]
}

export function findTouching(
  program: Program,
  modules: readonly Module[],
  { words, libraries, callable }: TouchingWords,
): Touching {
  const outside = createOutside(program, modules, { libraries, callable })
  return { ...findCallFlow(program, modules, words, outside), outside, held: new Map(), calls: new Map() }
}

/** Whether the value of the expression comes out of such a call. */
export function containsTouching(touching: Touching, ir: FileIr, expr: Expr): boolean {
  switch (expr.k) {
    case 'call':
    case 'new':
      return (
        mayTouch(touching, ir, expr) ||
        (expr.callee.k === 'member' && containsTouching(touching, ir, expr.callee.object))
      )
    case 'tag':
      return true
    case 'member':
      return touching.names.has(expr.name)
    case 'ref':
      return isHeld(touching, ir, expr.slot)
    case 'await':
    case 'as':
      return containsTouching(touching, ir, expr.value)
    case 'either':
    case 'sequence':
      return expr.of.some((one) => containsTouching(touching, ir, one))
    default:
      return false
  }
}

function isHeld(touching: Touching, ir: FileIr, number: number): boolean {
  if (touching.slots.get(ir)?.has(number)) return true
  const all = touching.held.get(ir) ?? new Map<number, boolean>()
  touching.held.set(ir, all)
  const known = all.get(number)
  if (known !== undefined) return known
  // A variable may be made of itself.
  all.set(number, false)
  const found =
    ir.slots[number]?.defs.some((def) => {
      const expr = def.k === 'value' ? ir.shared[def.value] : undefined
      return expr !== undefined && containsTouching(touching, ir, expr)
    }) ?? false
  all.set(number, found)
  return found
}

/** Whether the call may open an access, or hand something on to where one is opened. */
export function mayTouch(touching: Touching, ir: FileIr, expr: Call): boolean {
  const known = touching.calls.get(expr)
  if (known !== undefined) return known
  const may = isTouching(touching, ir, expr)
  touching.calls.set(expr, may)
  return may
}

function isTouching(touching: Touching, ir: FileIr, expr: Call): boolean {
  const { names, functions, slots, outside } = touching
  const { callee, args } = expr
  const handsOn = args.some(
    (arg) =>
      (arg.k === 'function' && functions.get(ir)?.has(arg.function)) ||
      (arg.k === 'ref' && slots.get(ir)?.has(arg.slot)) ||
      (arg.k === 'member' && names.has(arg.name)),
  )
  if (handsOn) return true
  switch (callee.k) {
    case 'member': {
      const { object, name } = callee
      if (outside.isTyped(ir, object) || (object.k === 'ref' && outside.isLibrary(ir, object.slot))) return true
      return name === PROVIDER || (names.has(name) && !outside.receives(ir, object))
    }
    case 'global':
      return names.has(callee.name)
    case 'ref':
      return slots.get(ir)?.has(callee.slot) || outside.isLibrary(ir, callee.slot) || isParameter(ir, callee.slot)
    case 'index':
      return !outside.of(ir, callee.object)
    case 'super':
      return false
    default:
      return true
  }
}
