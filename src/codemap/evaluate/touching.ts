import type { Def, Expr, FileIr, FunctionIr, Slot } from '../ir.ts'
import type { Module } from '../program.ts'

/**
 * Which functions may lead to the database, by the names that they call: a function that calls `from` or `query`, or
 * calls one that does. Names are not told apart by what they belong to, so this is too much rather than too little; it
 * only saves the evaluation of what can't matter.
 */
export interface Touching {
  readonly names: ReadonlySet<string>
  readonly functions: ReadonlyMap<FileIr, ReadonlySet<number>>
  /** Names of all functions of the program. */
  readonly own: ReadonlySet<string>
  /** The modules of the libraries. */
  readonly libraries: readonly RegExp[]
}

interface Growing extends Touching {
  readonly names: Set<string>
  readonly functions: Map<FileIr, Set<number>>
}

/** Hands a client on to components that ask for it by a hook. */
const PROVIDER = 'Provider'

interface Candidate {
  readonly ir: FileIr
  readonly number: number
  readonly fn: FunctionIr
}

export function findTouching(
  modules: readonly Module[],
  words: readonly string[],
  libraries: readonly RegExp[],
): Touching {
  const own = modules.flatMap(({ ir }) => ir.functions.flatMap((fn) => (fn.name === null ? [] : [lastOf(fn.name)])))
  const touching: Growing = {
    names: new Set([...words, PROVIDER]),
    functions: new Map(modules.map(({ ir }) => [ir, new Set<number>()])),
    own: new Set(own),
    libraries,
  }
  let left: Candidate[] = modules.flatMap(({ ir }) => ir.functions.map((fn, number) => ({ ir, number, fn })))
  for (let before = -1; before !== left.length + touching.names.size; ) {
    before = left.length + touching.names.size
    for (const { ir } of modules) addNames(ir, touching)
    left = left.filter((one) => {
      if (!touches(one, touching)) return true
      addFunction(one, touching)
      return false
    })
  }
  return touching
}

function touches({ ir, fn }: Candidate, touching: Touching): boolean {
  return fn.calls.some((call) => {
    if (call === null) return true
    return typeof call === 'string' ? touching.names.has(call) : callsSlot(touching, ir, call)
  })
}

/** Variables that hold what can be called, and members under which a function is handed on. */
function addNames(ir: FileIr, { names, ...touching }: Growing): void {
  for (const [name, given] of ir.aliases) if (names.has(given)) names.add(name)
  for (const one of ir.exports) {
    const given = one.k === 'slot' ? ir.slots[one.slot]?.name : one.k === 'from' ? one.imported : undefined
    if (given !== undefined && one.k !== 'all' && names.has(given)) names.add(one.name)
  }
  for (const slot of ir.slots) {
    if (names.has(slot.name)) continue
    const holds = slot.defs.some((def) => def.k === 'value' && holdsCallable({ names, ...touching }, ir, def))
    if (holds) names.add(slot.name)
  }
}

function addFunction({ ir, number, fn }: Candidate, { names, functions }: Growing): void {
  for (let at = number; at > 0; at = ir.functions[at]?.parent ?? -1) {
    functions.get(ir)?.add(at)
    const name = ir.functions[at]?.name
    if (name) names.add(lastOf(name))
  }
  functions.get(ir)?.add(0)
  const of = fn.class === null ? undefined : ir.classes[fn.class]
  if (of) names.add(of.name)
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** Whether a call of a variable may lead there: it is a function of that name, or holds what a library gave. */
function callsSlot(touching: Touching, ir: FileIr, number: number): boolean {
  const slot = ir.slots[number]
  if (!slot) return false
  if (touching.names.has(slot.name)) return true
  // A variable may be made of what it gives itself: `next = wrap ? wrap(next) : next()`.
  if (asked.has(slot)) return false
  asked.add(slot)
  try {
    return slot.defs.some((def) => mayCall(touching, ir, def))
  } finally {
    asked.delete(slot)
  }
}

/** Variables about which it is being asked. */
const asked = new Set<Slot>()

function mayCall(touching: Touching, ir: FileIr, def: Def): boolean {
  switch (def.k) {
    case 'parameter': {
      const [step] = def.path ?? []
      return step?.k !== 'member' || touching.names.has(step.name)
    }
    case 'import':
      return touching.names.has(def.name) || isLibrary(touching, def.from)
    case 'value':
      return holdsCallable(touching, ir, def)
    default:
      return false
  }
}

function isLibrary({ libraries }: Touching, specifier: string): boolean {
  return libraries.some((one) => one.test(specifier))
}

function holdsCallable(touching: Touching, ir: FileIr, def: Extract<Def, { k: 'value' }>): boolean {
  const expr = ir.shared[def.value]
  return expr !== undefined && containsTouching(touching, ir, expr)
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
    case 'ref': {
      const slot = ir.slots[expr.slot]
      return slot !== undefined && touching.names.has(slot.name)
    }
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

/** Whether the call may open an access, or hand something on to where one is opened. */
export function mayTouch(touching: Touching, ir: FileIr, expr: Extract<Expr, { k: 'call' | 'new' }>): boolean {
  const { names, functions } = touching
  const { callee } = expr
  if (expr.args.some((arg) => arg.k === 'function' && functions.get(ir)?.has(arg.function))) return true
  switch (callee.k) {
    case 'member':
      return names.has(callee.name) || comesFromLibrary(touching, ir, callee.object)
    case 'global':
      return names.has(callee.name)
    case 'ref':
      return callsSlot(touching, ir, callee.slot)
    case 'super':
      return false
    default:
      return true
  }
}

/** `pg.createPool()` */
function comesFromLibrary(touching: Touching, ir: FileIr, expr: Expr): boolean {
  const slot = expr.k === 'ref' ? ir.slots[expr.slot] : undefined
  return slot?.defs.some((def) => def.k === 'import' && isLibrary(touching, def.from)) ?? false
}
