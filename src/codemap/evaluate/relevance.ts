import type { Assignment, Def, Expr, FileIr, FunctionIr, MemberIr } from '../ir.ts'
import { partsOf } from '../parts-of.ts'
import { containsTouching, mayTouch, type Touching } from './touching.ts'

/** Of each parameter what of it matters: all, the members with these names, or (absent) nothing. */
export type Relevance = ReadonlyMap<number, 'all' | ReadonlySet<string>>

/** What is found out of a file, each thing when it is first asked for. */
interface Found {
  readonly touching: Touching
  readonly read: ReadonlySet<string>
  readonly slots: ReadonlySet<number>
  readonly parameters: Map<number, Relevance>
  readonly owners: Map<number, ReadonlySet<number>>
}

const known = new WeakMap<FileIr, Found>()

function foundIn(ir: FileIr, touching: Touching): Found {
  const before = known.get(ir)
  if (before?.touching === touching) return before
  const { names: read, slots: all } = readMembers(touching)
  const slots = all.get(ir) ?? findRelevantSlots(ir, touching, (name) => read.has(name))
  const found: Found = { touching, read, slots, parameters: new Map(), owners: new Map() }
  known.set(ir, found)
  return found
}

/** What all files of a program tell together. */
interface Read {
  /** Members that are asked for where it can matter, whatever they belong to: what is kept under other names is of no interest. */
  readonly names: ReadonlySet<string>
  /** Of files without a class, where nothing is kept under a name: the variables that flow to where they matter. */
  readonly slots: ReadonlyMap<FileIr, ReadonlySet<number>>
}

const reads = new WeakMap<Touching, Read>()

function readMembers(touching: Touching): Read {
  const before = reads.get(touching)
  if (before) return before
  const names = new Set<string>()
  const slots = new Map<FileIr, ReadonlySet<number>>()
  const note = (name: string): void => {
    names.add(name)
  }
  for (const ir of touching.functions.keys()) {
    const found = findRelevantSlots(ir, touching, () => true, note)
    if (ir.classes.length === 0) slots.set(ir, found)
  }
  const read = { names, slots }
  reads.set(touching, read)
  return read
}

/**
 * Which parameters of a function can matter to what is known of it: those that come into a call which may lead to the
 * database, into what the function returns, or into what is kept. All others (labels, handlers, styles of a page) don't
 * tell one call from another.
 */
export function relevanceOf(ir: FileIr, fn: number, touching: Touching): Relevance {
  const { slots, parameters, read } = foundIn(ir, touching)
  const before = parameters.get(fn)
  if (before) return before
  const found = relevantParameters(ir, fn, slots)
  for (const { parameter, name } of fieldsOf(ir, fn))
    if (parameter !== undefined && read.has(name)) found.set(parameter, 'all')
  parameters.set(fn, found)
  return found
}

/** The functions around it of which a parameter matters in a function, or in those inside it. */
export function ownersIn(ir: FileIr, fn: number, touching: Touching): ReadonlySet<number> {
  const { slots, owners } = foundIn(ir, touching)
  const before = owners.get(fn)
  if (before) return before
  const found = new Set<number>()
  owners.set(fn, found)
  const shared = new Set<number>()
  const visit = (expr: Expr): void => {
    const onShared = (number: number): void => {
      const inner = shared.has(number) ? undefined : ir.shared[number]
      shared.add(number)
      if (inner) visit(inner)
    }
    const onSlot = (number: number): void => {
      const owner = ir.slots[number]?.owner
      if (owner !== undefined && slots.has(number) && isGiven(ir, number)) found.add(owner)
    }
    eachMention(expr, onSlot, onShared)
  }
  for (const expr of ir.functions[fn]?.body ?? []) visit(expr)
  ir.functions.forEach(({ parent }, number) => {
    if (parent === fn) for (const owner of ownersIn(ir, number, touching)) found.add(owner)
  })
  return found
}

/** The same, where it has been asked for in this run already. */
export function knownOwners(ir: FileIr, fn: number): ReadonlySet<number> | undefined {
  const found = known.get(ir)
  return found && ownersIn(ir, fn, found.touching)
}

const given = new WeakMap<FileIr, Map<number, boolean>>()

/** Whether a variable is a parameter, or made of one. */
function isGiven(ir: FileIr, number: number): boolean {
  const all = given.get(ir) ?? new Map<number, boolean>()
  given.set(ir, all)
  const before = all.get(number)
  if (before !== undefined) return before
  all.set(number, false)
  let found = false
  const visit = (expr: Expr): void =>
    eachMention(
      expr,
      (other) => {
        found ||= isGiven(ir, other)
      },
      (shared) => {
        const inner = ir.shared[shared]
        if (inner && !found) visit(inner)
      },
    )
  for (const def of ir.slots[number]?.defs ?? []) {
    if (def.k === 'parameter') found = true
    else if (def.k === 'value') visit({ k: 'shared', value: def.value })
    // What is inside of a function is looked at when it runs.
    else if (def.k === 'function' || def.k === 'class') found = true
  }
  all.set(number, found)
  return found
}

/** Of a constructor the members of its class, some of which are its parameters. */
function fieldsOf(ir: FileIr, fn: number): readonly MemberIr[] {
  const of = ir.functions[fn]?.class
  const members = of === null || of === undefined ? [] : (ir.classes[of]?.members ?? [])
  return members.some((one) => one.k === 'constructor' && one.function === fn) ? members : []
}

function relevantParameters(
  ir: FileIr,
  fn: number,
  slots: ReadonlySet<number>,
): Map<number, 'all' | ReadonlySet<string>> {
  const found = new Map<number, 'all' | Set<string>>()
  for (const number of slots) {
    const slot = ir.slots[number]
    if (slot?.owner !== fn) continue
    for (const def of slot.defs) {
      if (def.k !== 'parameter') continue
      const [step] = def.path ?? []
      const before = found.get(def.index)
      if (step?.k !== 'member') found.set(def.index, 'all')
      else if (before !== 'all') found.set(def.index, new Set([...(before ?? []), step.name]))
    }
  }
  return found
}

/** All variables of a file that flow to where they matter; `note` gets the members that are asked for there. */
function findRelevantSlots(
  ir: FileIr,
  touching: Touching,
  isRead: (name: string) => boolean,
  note: (name: string) => void = () => undefined,
): Set<number> {
  const slots = new Set<number>()
  const waiting: number[] = []
  const shared = new Set<number>()
  const mention = (expr: Expr): void => {
    eachMention(
      expr,
      (number) => {
        if (slots.has(number)) return
        slots.add(number)
        waiting.push(number)
      },
      (number) => {
        if (shared.has(number)) return
        shared.add(number)
        const inner = ir.shared[number]
        if (inner) mention(inner)
      },
      note,
    )
  }
  const assigned = ({ value }: Pick<Assignment, 'value'>): void => mention({ k: 'shared', value })
  for (const fn of ir.functions) collectSinks(ir, fn, touching, mention)
  for (const one of ir.shared) collectCalls(ir, one, touching, mention)
  for (const { sets, members } of ir.classes) {
    for (const one of sets) if (isRead(one.name)) assigned(one)
    for (const { name, value } of members) if (value !== undefined && isRead(name)) assigned({ value })
  }
  ir.globals.forEach(assigned)
  for (let number = waiting.pop(); number !== undefined; number = waiting.pop()) {
    const slot = ir.slots[number]
    slot?.sets?.forEach(assigned)
    slot?.pushes?.forEach(assigned)
    slot?.keyed?.forEach(assigned)
    for (const def of slot?.defs ?? []) {
      for (const step of ('path' in def && def.path) || []) if (step.k === 'member') note(step.name)
      if (def.k === 'value') followDef(def, assigned)
    }
  }
  return slots
}

function followDef(
  { value, path = [] }: Extract<Def, { k: 'value' }>,
  assigned: (one: { value: number }) => void,
): void {
  assigned({ value })
  for (const step of path) if (step.k === 'default' || step.k === 'computed') assigned(step)
}

function collectSinks(ir: FileIr, fn: FunctionIr, touching: Touching, mention: (expr: Expr) => void): void {
  for (const expr of fn.body) collectCalls(ir, expr, touching, mention)
  for (const value of fn.returns) {
    const expr = ir.shared[value]
    // What a component returns is an element, of which nobody asks for the parts.
    if (expr && !(expr.k === 'call' && expr.jsx) && expr.k !== 'effects') mention(expr)
  }
}

/** Calls that may lead to the database, and all that stands in them. */
function collectCalls(ir: FileIr, expr: Expr, touching: Touching, mention: (expr: Expr) => void): void {
  const isCall = expr.k === 'call' || expr.k === 'new'
  const isSuper = expr.k === 'call' && expr.callee.k === 'super'
  if (expr.k === 'tag' || isSuper || (isCall && (mayTouch(touching, ir, expr) || containsTouching(touching, ir, expr))))
    mention(expr)
  else for (const part of partsOf(expr)) collectCalls(ir, part, touching, mention)
}

/** Every variable in an expression, but not those in the functions inside. */
function eachMention(
  expr: Expr,
  slot: (number: number) => void,
  shared: (number: number) => void,
  member: (name: string) => void = () => undefined,
): void {
  if (expr.k === 'ref') slot(expr.slot)
  else if (expr.k === 'shared') shared(expr.value)
  else {
    if (expr.k === 'member') member(expr.name)
    for (const part of partsOf(expr)) eachMention(part, slot, shared, member)
  }
}
