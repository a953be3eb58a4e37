import type { Expr, FileIr, FunctionIr, Position, Slot } from '../ir.ts'

/** Names of values and of types that are visible at one point, from the inside out. */
export interface Scope {
  readonly parent: Scope | null
  readonly owner: number
  readonly values: Map<string, number>
  readonly types: Map<string, number>
}

/** The state of lowering one file, at one point of it. */
export interface Lowering {
  readonly ir: FileIr
  readonly scope: Scope
  /** The function that is being lowered. */
  readonly within: number
  /** The class of which `this` is an instance here. */
  readonly class: number | null
  position(offset: number): Position
}

export function innerScope(lowering: Lowering): Lowering {
  const { scope, within } = lowering
  return { ...lowering, scope: { parent: scope, owner: within, values: new Map(), types: new Map() } }
}

/** A name of this scope; the slot that it has already, where it is declared again. */
export function declareValue(scope: Scope, ir: FileIr, name: string): Slot {
  const known = scope.values.get(name)
  if (known !== undefined) return ir.slots[known] as Slot
  scope.values.set(name, ir.slots.length)
  return addSlot(ir, name, scope.owner)
}

export function declareType(scope: Scope, ir: FileIr, name: string): Slot {
  const known = scope.types.get(name)
  if (known !== undefined) return ir.slots[known] as Slot
  scope.types.set(name, ir.slots.length)
  return addSlot(ir, name, scope.owner)
}

/** A class, an enum or an import is a value and a type under one name. */
export function declareBoth(scope: Scope, ir: FileIr, name: string): Slot {
  const slot = declareValue(scope, ir, name)
  if (!scope.types.has(name)) scope.types.set(name, ir.slots.indexOf(slot))
  return slot
}

function addSlot(ir: FileIr, name: string, owner: number): Slot {
  const slot: Slot = { name, owner, defs: [] }
  ir.slots.push(slot)
  return slot
}

export function findValue(scope: Scope, name: string): number | undefined {
  for (let at: Scope | null = scope; at; at = at.parent) {
    const slot = at.values.get(name)
    if (slot !== undefined) return slot
  }
  return undefined
}

export function findType(scope: Scope, name: string): number | undefined {
  for (let at: Scope | null = scope; at; at = at.parent) {
    const slot = at.types.get(name)
    if (slot !== undefined) return slot
  }
  return undefined
}

/** The slot of a name that a declaration binds: that of its block, or of its function where it is a `var`. */
export function bindingSlot({ scope, ir }: Lowering, name: string): Slot {
  for (let at: Scope | null = scope; at?.owner === scope.owner; at = at.parent) {
    const slot = at.values.get(name)
    if (slot !== undefined) return ir.slots[slot] as Slot
  }
  return declareValue(scope, ir, name)
}

/** Puts an expression where several things can refer to it. */
export function share({ ir }: Lowering, expr: Expr): number {
  if (expr.k === 'shared') return expr.value
  ir.shared.push(expr)
  return ir.shared.length - 1
}

export function currentFunction({ ir, within }: Lowering): FunctionIr {
  return ir.functions[within] as FunctionIr
}
