import type { FileIr, FunctionIr } from '../ir.ts'
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
}

/** Hands a client on to components that ask for it by a hook. */
const PROVIDER = 'Provider'

interface Candidate {
  readonly ir: FileIr
  readonly number: number
  readonly fn: FunctionIr
}

export function findTouching(modules: readonly Module[], words: readonly string[]): Touching {
  const names = new Set([...words, PROVIDER])
  const functions = new Map<FileIr, Set<number>>(modules.map(({ ir }) => [ir, new Set<number>()]))
  const own = new Set(
    modules.flatMap(({ ir }) => ir.functions.flatMap((fn) => (fn.name === null ? [] : [lastOf(fn.name)]))),
  )
  let left: Candidate[] = modules.flatMap(({ ir }) => ir.functions.map((fn, number) => ({ ir, number, fn })))
  for (let before = -1; before !== left.length; ) {
    before = left.length
    left = left.filter((one) => {
      if (!touches(one, names)) return true
      addFunction(one, names, functions)
      return false
    })
  }
  return { names, functions, own }
}

function touches({ ir, fn }: Candidate, names: ReadonlySet<string>): boolean {
  return fn.calls.some((call) => {
    if (call === null) return true
    return typeof call === 'string' ? names.has(call) : callsSlot(ir, call, names)
  })
}

/** Whether a call of a variable may lead there: it is a function of that name, or anything else that isn't told. */
export function callsSlot(ir: FileIr, number: number, names: ReadonlySet<string>): boolean {
  const slot = ir.slots[number]
  if (!slot) return false
  if (names.has(slot.name)) return true
  return slot.defs.some((def) => {
    switch (def.k) {
      case 'parameter':
        return true
      case 'import':
        return names.has(def.name)
      case 'value':
        return def.path !== undefined || !['function', 'class'].includes(ir.shared[def.value]?.k ?? '')
      default:
        return false
    }
  })
}

function addFunction({ ir, number, fn }: Candidate, names: Set<string>, functions: Map<FileIr, Set<number>>): void {
  for (let at = number; at >= 0; at = ir.functions[at]?.parent ?? -1) functions.get(ir)?.add(at)
  if (fn.name !== null && number !== 0) names.add(lastOf(fn.name))
  if (fn.class !== null) {
    const of = ir.classes[fn.class]
    if (of) names.add(of.name)
  }
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
