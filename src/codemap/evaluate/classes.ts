import type { Place } from '../interaction.ts'
import type { ClassIr, MemberIr } from '../ir.ts'
import { atomsOf, type ClassField, type ClassValue, type InstanceValue, union, unknown, type Value } from '../value.ts'
import { viaOf } from './calls.ts'
import { type Budget, callsOf, type Evaluation, type Frame, makeFrame } from './evaluation.ts'
import { evaluate } from './expressions.ts'
import { frameFor, makeClosure, placeAt, symbolicFrame } from './frames.ts'
import { instanceOf } from './instances.ts'
import { parameterValue } from './parameters.ts'
import { returnValue } from './returns.ts'
import { sharedValue } from './slots.ts'
import { handIn } from './texts.ts'
import type { Touching } from './touching.ts'
import { refine, typeValue } from './types.ts'

/** A class of the project, as seen from the frame in which it stands. */
export interface ProjectClass extends ClassValue {
  readonly ir: ClassIr
  readonly frame: Frame
  readonly instances: Map<string, ProjectInstance>
  readonly budget: Budget
  readonly touching: Touching
}

export interface ProjectInstance extends InstanceValue {
  readonly of: ProjectClass
  /** The arguments of `new`; null for any instance. */
  readonly args: readonly Value[] | null
  confirmed: boolean
  /** 1 for one that nobody is seen to make, while others are made. */
  doubt(): number
  readonly members: Map<string, Value | null>
}

export function classValue(evaluation: Evaluation, frame: Frame, number: number): ProjectClass {
  const known = frame.classes.get(number)
  if (known) return known
  const ir = frame.module.ir.classes[number] as ClassIr
  const shared = (value: number): Value => sharedValue(evaluation, frame, value)
  const made: ProjectClass = {
    kind: 'class',
    name: ir.name,
    place: placeAt(frame.module, ir.at),
    ir,
    frame,
    instances: new Map(),
    budget: evaluation.budget,
    touching: evaluation.touching,
    base: () => (ir.base === undefined ? null : shared(ir.base)),
    baseTypes: () => (ir.baseTypes ?? []).map((type) => typeValue(evaluation, frame, type)),
    decorators: () => ir.decorators.map(shared),
    fields: () => ir.members.filter((one) => one.k === 'field').map((one) => fieldOf(evaluation, made, one)),
  }
  frame.classes.set(number, made)
  return made
}

export function isProjectClass(value: Value): value is ProjectClass {
  return value.kind === 'class' && 'instances' in value
}

export function isProjectInstance(value: Value): value is ProjectInstance {
  return value.kind === 'instance' && 'members' in value
}

function fieldOf(evaluation: Evaluation, of: ProjectClass, member: MemberIr): ClassField {
  const { frame, ir } = of
  const { type, value } = member
  return {
    name: member.name,
    static: member.static,
    place: placeAt(frame.module, member.at) satisfies Place,
    decorators: () => member.decorators.map((one) => sharedValue(evaluation, frame, one)),
    type: () => (type ? typeValue(evaluation, frame, type) : unknown('it has no type')),
    initial: () =>
      value === undefined
        ? undefined
        : sharedValue(evaluation, symbolicFrame(frame, ir.initial, member.static ? of : instanceOf(of, null)), value),
  }
}

export function symbolicInstance(evaluation: Evaluation, frame: Frame, number: number, isStatic = false): Value {
  const of = classValue(evaluation, frame, number)
  return isStatic ? of : instanceOf(of, null)
}

/** A member of an instance, its own or inherited; null where the project's classes have none of this name. */
export function instanceMember(evaluation: Evaluation, instance: ProjectInstance, name: string): Value | null {
  const known = instance.members.get(name)
  if (known !== undefined) return known
  instance.members.set(name, null)
  const value = memberIn(evaluation, instance, instance.of, constructorArguments(instance), name)
  instance.members.set(name, value)
  return value
}

type Arguments = readonly Value[] | null

function constructorArguments(instance: ProjectInstance): Arguments {
  return instance.args
}

function memberIn(
  evaluation: Evaluation,
  instance: ProjectInstance,
  of: ProjectClass,
  args: Arguments,
  name: string,
): Value | null {
  const own = ownMember(evaluation, instance, of, args, name)
  if (own) return own
  const base = baseClass(of)
  return base ? memberIn(evaluation, instance, base, baseArguments(evaluation, instance, of, args), name) : null
}

export function baseClass(of: ProjectClass): ProjectClass | null {
  const base = of.base()
  return (base && atomsOf(base).find(isProjectClass)) ?? null
}

function ownMember(
  evaluation: Evaluation,
  instance: ProjectInstance,
  of: ProjectClass,
  args: Arguments,
  name: string,
): Value | null {
  const { frame, ir } = of
  const named = ir.members.filter((one) => one.name === name && !one.static)
  const method = named.find((one) => one.k === 'method')
  if (method?.function !== undefined) return makeClosure(frame, method.function, instance)
  const getter = named.find((one) => one.k === 'get')
  if (getter?.function !== undefined) return returnValue(evaluation, symbolicFrame(frame, getter.function, instance))
  const field = named.find((one) => one.k === 'field')
  const type = field?.type
  const found: Value[] = []
  const whole = (): Value => {
    const value = found.length === 0 ? unknown(`nothing is put into ${ir.name}.${name}`) : union(found)
    return type ? refine(value, () => typeValue(evaluation, frame, type)) : value
  }
  // What is made of itself (`this.query = this.query.where(…)`) is so far what was put there before.
  const add = (value: Value): void => {
    found.push(value)
    if (atomsOf(value).some(({ kind }) => kind !== 'literal' && kind !== 'unknown')) instance.members.set(name, whole())
  }
  if (field?.value !== undefined) add(sharedValue(evaluation, symbolicFrame(frame, ir.initial, instance), field.value))
  if (field?.parameter !== undefined) add(parameterOf(evaluation, instance, of, args, field.parameter))
  for (const set of ir.sets)
    if (set.name === name) add(sharedValue(evaluation, setFrame(evaluation, instance, of, args, set.within), set.value))
  return found.length === 0 && !field ? null : whole()
}

function parameterOf(
  evaluation: Evaluation,
  instance: ProjectInstance,
  of: ProjectClass,
  args: Arguments,
  index: number,
): Value {
  const frame = constructorFrame(instance, of, args)
  return frame ? parameterValue(evaluation, frame, index) : unknown('it is a parameter')
}

/** The run of a class's own constructor for this instance. */
export function constructorFrame(instance: ProjectInstance, of: ProjectClass, args: Arguments): Frame | null {
  const fn = of.ir.members.find((one) => one.k === 'constructor' && one.function !== undefined)?.function
  if (fn === undefined) return null
  if (args === null) return symbolicFrame(of.frame, fn, instance)
  const calls = callsOf(of.frame, fn)
  const key = `new|${instance.of.frame.id}|${[...instance.of.instances.values()].indexOf(instance)}`
  const known = calls.get(key)
  if (known) return known
  const made = makeFrame({ module: of.frame.module, fn, parent: of.frame, args, self: instance, caller: null })
  calls.set(key, made)
  return made
}

/** The frame in which `this.name = …` stands. */
function setFrame(
  evaluation: Evaluation,
  instance: ProjectInstance,
  of: ProjectClass,
  args: Arguments,
  within: number,
): Frame {
  const { frame } = of
  const method = methodAround(of, within)
  const isConstructor = of.ir.members.some((one) => one.k === 'constructor' && one.function === method)
  const outer = (isConstructor ? constructorFrame(instance, of, args) : null) ?? symbolicFrame(frame, method, instance)
  return frameFor(evaluation, outer, within)
}

/** The method of the class in which a function stands. */
function methodAround({ frame, ir }: ProjectClass, within: number): number {
  const own = new Set([ir.initial, ...ir.members.flatMap((one) => one.function ?? [])])
  let at = within
  while (at > 0 && !own.has(at)) at = frame.module.ir.functions[at]?.parent ?? 0
  return at
}

/** What the class hands to `super(…)`; the same arguments where it has no constructor. */
export function baseArguments(
  evaluation: Evaluation,
  instance: ProjectInstance,
  of: ProjectClass,
  args: Arguments,
): Arguments {
  const frame = constructorFrame(instance, of, args)
  const { superCall } = of.ir
  if (!frame || !superCall) return args
  const expr = of.frame.module.ir.shared[superCall.value]
  if (expr?.k !== 'call') return args
  const inner = frameFor(evaluation, frame, superCall.within)
  return expr.args.flatMap((one) => {
    const value = evaluate(evaluation, inner, one)
    const values = one.k === 'spread' && value.kind === 'array' ? value.items : [value]
    return values.map((given) => handIn(given, viaOf(inner, { at: expr.at, self: instance, expr })))
  })
}

/** A static member; null where the project's classes have none of this name. */
export function staticMember(
  evaluation: Evaluation,
  of: ProjectClass,
  name: string,
  self: ProjectClass = of,
): Value | null {
  const { frame, ir } = of
  const named = ir.members.filter((one) => one.name === name && one.static)
  const method = named.find((one) => one.function !== undefined)
  if (method?.function !== undefined)
    return method.k === 'get'
      ? returnValue(evaluation, symbolicFrame(frame, method.function, self))
      : makeClosure(frame, method.function, self)
  const [field] = named
  const initial = field && fieldOf(evaluation, of, field).initial()
  const type = field?.type
  const sets = ir.sets
    .filter((one) => one.name === name && frame.module.ir.functions[methodAround(of, one.within)]?.static)
    .map((one) =>
      sharedValue(
        evaluation,
        frameFor(evaluation, symbolicFrame(frame, methodAround(of, one.within), of), one.within),
        one.value,
      ),
    )
  if (field || sets.length > 0) {
    const value = union([...(initial ? [initial] : []), ...sets])
    return type ? refine(value, () => typeValue(evaluation, frame, type)) : value
  }
  const base = baseClass(of)
  return base ? staticMember(evaluation, base, name, self) : null
}
