import { isTestFile } from '../file-role.ts'
import type { Expr, FileIr } from '../ir.ts'
import { walkFunction } from '../parts-of.ts'
import type { Module } from '../program.ts'
import { atomsOf, type Value } from '../value.ts'
import { classValue, instanceMember } from './classes.ts'
import type { Evaluation } from './evaluation.ts'
import { evaluate } from './expressions.ts'
import { type Closure, frameFor, isClosure } from './frames.ts'
import { instanceOf } from './instances.ts'
import { moduleFrame } from './modules.ts'
import type { Touching } from './touching.ts'

/** A class or an object literal that has a method which may lead to the database. */
interface Candidate {
  readonly module: Module
  readonly fn: number
  readonly names: ReadonlySet<string>
  readonly class?: number
  readonly literal?: Expr
}

/** What so many things could be is nothing that the name of a type says. */
const MAX_IMPLEMENTATIONS = 8

const indexes = new WeakMap<Touching, ReadonlyMap<string, readonly Candidate[]>>()

/**
 * The methods that may stand behind `name` of an interface with the members `needs`: those of all classes and object
 * literals of the program that have these members, as TypeScript decides it. Tests implement interfaces for themselves
 * alone. (Class hierarchy analysis: Dean, Grove and Chambers, 1995.)
 */
export function implementationsOf(
  evaluation: Evaluation,
  asking: Module,
  needs: readonly string[],
  name: string,
): readonly Closure[] {
  const isTest = isTestFile(asking.file)
  const fitting = (indexOf(evaluation).get(name) ?? []).filter(
    (one) => (isTest || !isTestFile(one.module.file)) && needs.every((member) => hasMember(evaluation, one, member)),
  )
  if (fitting.length > MAX_IMPLEMENTATIONS) return []
  return fitting.flatMap((one) => atomsOf(methodOf(evaluation, one, name)).filter(isClosure))
}

function hasMember(evaluation: Evaluation, candidate: Candidate, name: string): boolean {
  return candidate.names.has(name) || (candidate.class !== undefined && instanceHas(evaluation, candidate, name))
}

/** Also what it inherits. */
function instanceHas(evaluation: Evaluation, { module, fn, class: number = 0 }: Candidate, name: string): boolean {
  if (module.ir.classes[number]?.base === undefined) return false
  const frame = frameFor(evaluation, moduleFrame(evaluation, module), fn)
  return instanceMember(evaluation, instanceOf(classValue(evaluation, frame, number), null), name) !== null
}

function methodOf(evaluation: Evaluation, candidate: Candidate, name: string): Value {
  const { module, fn, class: number, literal } = candidate
  const frame = frameFor(evaluation, moduleFrame(evaluation, module), fn)
  const none: Value = { kind: 'literal', value: undefined }
  if (number !== undefined)
    return instanceMember(evaluation, instanceOf(classValue(evaluation, frame, number), null), name) ?? none
  const value = literal && evaluate(evaluation, frame, literal)
  return (value?.kind === 'object' && value.get(name)) || none
}

function indexOf({ program, touching }: Evaluation): ReadonlyMap<string, readonly Candidate[]> {
  const known = indexes.get(touching)
  if (known) return known
  const index = new Map<string, Candidate[]>()
  for (const file of program.files) {
    const module = program.module(file)
    for (const one of module ? candidatesIn(module, touching) : [])
      for (const name of one.methods) index.set(name, [...(index.get(name) ?? []), one])
  }
  indexes.set(touching, index)
  return index
}

type Found = Candidate & { readonly methods: readonly string[] }

function candidatesIn(module: Module, touching: Touching): Found[] {
  const { ir } = module
  const leading = touching.functions.get(ir)
  if (!leading) return []
  const found: Found[] = []
  ir.classes.forEach(({ within, members, sets, abstract }, number) => {
    const own = members.filter((one) => !one.static)
    const methods = own.filter((one) => one.k === 'method' && one.function !== undefined && leading.has(one.function))
    if (abstract || methods.length === 0) return
    const names = new Set([...own, ...sets].map((one) => one.name))
    found.push({ module, fn: within, class: number, names, methods: methods.map((one) => one.name) })
  })
  ir.functions.forEach((_, fn) => {
    walkFunction(ir, fn, (expr) => {
      if (expr.k !== 'object') return
      const methods = expr.members.flatMap((one) =>
        one.k === 'value' && leads(ir, one.value, touching) ? one.name : [],
      )
      if (methods.length === 0) return
      const names = new Set(
        expr.members.flatMap((one) => ('name' in one && typeof one.name === 'string' ? one.name : [])),
      )
      found.push({ module, fn, literal: expr, names, methods })
    })
  })
  return found
}

/** Whether it is a function, or a variable with one, that may lead to the database. */
function leads(ir: FileIr, expr: Expr, { functions, slots }: Touching): boolean {
  if (expr.k === 'function') return functions.get(ir)?.has(expr.function) ?? false
  if (expr.k === 'ref') return slots.get(ir)?.has(expr.slot) ?? false
  const inner = expr.k === 'shared' ? ir.shared[expr.value] : undefined
  return inner !== undefined && leads(ir, inner, { functions, slots } as Touching)
}
