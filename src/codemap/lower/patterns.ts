import type {
  AssignmentTarget,
  AssignmentTargetMaybeDefault,
  AssignmentTargetRest,
  BindingPattern,
  PropertyKey,
} from 'oxc-parser'
import type { Assignment, Def, Step } from '../ir.ts'
import { lowerExpression } from './expressions.ts'
import { bindingSlot, findValue, type Lowering, share } from './scope.ts'
import { lowerType } from './types.ts'

type Source = Exclude<Def, { k: 'function' | 'class' | 'import' | 'enum' }>

/** Declares what the pattern names and says what it holds; null where nothing is put into it yet. */
export function bindPattern(lowering: Lowering, pattern: BindingPattern, source: Source | null): void {
  if (pattern.type === 'Identifier') {
    const slot = bindingSlot(lowering, pattern.name)
    if (source) slot.defs.push(source)
    if (pattern.typeAnnotation) slot.type = lowerType(lowering, pattern.typeAnnotation.typeAnnotation)
    return
  }
  if (!source) return
  if (pattern.type === 'AssignmentPattern') {
    bindPattern(lowering, pattern.left, follow(source, defaultStep(lowering, pattern.right)))
    return
  }
  if (pattern.type === 'ArrayPattern') {
    pattern.elements.forEach((one, index) => {
      if (one?.type === 'RestElement')
        bindPattern(lowering, one.argument, follow(source, { k: 'restItems', from: index }))
      else if (one) bindPattern(lowering, one, follow(source, { k: 'item', index }))
    })
    return
  }
  const without: string[] = []
  for (const one of pattern.properties) {
    if (one.type === 'RestElement') {
      bindPattern(lowering, one.argument, follow(source, { k: 'rest', without }))
      continue
    }
    const step = keyStep(lowering, one.key, one.computed)
    if (step.k === 'member') without.push(step.name)
    bindPattern(lowering, one.value, follow(source, step))
  }
}

/** Adds a step to where a value comes from. */
function follow(source: Source, step: Step): Source {
  return source.k === 'other' ? source : { ...source, path: [...(source.path ?? []), step] }
}

function defaultStep(lowering: Lowering, value: Parameters<typeof lowerExpression>[1]): Step {
  return { k: 'default', value: share(lowering, lowerExpression(lowering, value)) }
}

/** The name of a member as far as it is written down. */
export function keyName(key: PropertyKey, computed: boolean): string | null {
  if (key.type === 'PrivateIdentifier') return `#${key.name}`
  if (key.type === 'Literal')
    return typeof key.value === 'string' || typeof key.value === 'number' ? `${key.value}` : null
  if (computed) return null
  return key.type === 'Identifier' ? key.name : null
}

function keyStep(lowering: Lowering, key: PropertyKey, computed: boolean): Step {
  const name = keyName(key, computed)
  if (name !== null || key.type === 'PrivateIdentifier') return { k: 'member', name: name ?? '' }
  return { k: 'computed', value: share(lowering, lowerExpression(lowering, key)) }
}

/** `target = value`, in all its forms; `path` leads from the value to the part that is meant. */
export function assignPattern(
  lowering: Lowering,
  target: AssignmentTarget | AssignmentTargetMaybeDefault | AssignmentTargetRest,
  value: number,
  path: Step[] = [],
): void {
  const { ir, within } = lowering
  switch (target.type) {
    case 'Identifier': {
      const slot = findValue(lowering.scope, target.name)
      if (slot !== undefined)
        ir.slots[slot]?.defs.push({ k: 'value', value, within, ...(path.length > 0 ? { path } : {}) })
      return
    }
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
      assignPattern(lowering, target.expression as AssignmentTarget, value, path)
      return
    case 'MemberExpression':
      if (path.length === 0) assignMember(lowering, target, value)
      return
    case 'AssignmentPattern':
      assignPattern(lowering, target.left, value, [...path, defaultStep(lowering, target.right)])
      return
    case 'RestElement':
      assignPattern(lowering, target.argument, value, path)
      return
    case 'ArrayPattern':
      target.elements.forEach((one, index) => {
        if (one?.type === 'RestElement') assignPattern(lowering, one, value, [...path, { k: 'restItems', from: index }])
        else if (one) assignPattern(lowering, one, value, [...path, { k: 'item', index }])
      })
      return
    case 'ObjectPattern':
      for (const one of target.properties) {
        if (one.type === 'RestElement') assignPattern(lowering, one, value, [...path, { k: 'rest', without: [] }])
        else assignPattern(lowering, one.value, value, [...path, keyStep(lowering, one.key, one.computed)])
      }
  }
}

type Member = Extract<AssignmentTarget, { type: 'MemberExpression' }>

function assignMember(lowering: Lowering, target: Member, value: number): void {
  const { ir, within } = lowering
  const name = keyName(target.property, target.computed)
  if (name === null) {
    assignKeyed(lowering, target, value)
    return
  }
  const set: Assignment = { name, value, within }
  const object = bare(target.object)
  if (object.type === 'ThisExpression' && lowering.class !== null) ir.classes[lowering.class]?.sets.push(set)
  else if (object.type === 'Identifier') {
    const slot = findValue(lowering.scope, object.name)
    const known = slot === undefined ? undefined : ir.slots[slot]
    if (known) known.sets = [...(known.sets ?? []), set]
    else if (object.name === 'exports') ir.exports.push({ k: 'value', name, value })
    else if (object.name === 'module' && name === 'exports') ir.wholeExports.push(value)
    else if (GLOBAL.has(object.name)) ir.globals.push(set)
  } else if (isModuleExports(object)) ir.exports.push({ k: 'value', name, value })
}

/** `name[key] = …` */
function assignKeyed(lowering: Lowering, target: Member, value: number): void {
  const object = bare(target.object)
  const slot = object.type === 'Identifier' ? findValue(lowering.scope, object.name) : undefined
  const known = slot === undefined ? undefined : lowering.ir.slots[slot]
  if (!known || target.property.type === 'PrivateIdentifier') return
  const key = share(lowering, lowerExpression(lowering, target.property))
  known.keyed = [...(known.keyed ?? []), { key, value, within: lowering.within }]
}

const GLOBAL = new Set(['globalThis', 'global', 'window', 'self'])

function isModuleExports(node: Member['object']): boolean {
  return (
    node.type === 'MemberExpression' &&
    node.object.type === 'Identifier' &&
    node.object.name === 'module' &&
    keyName(node.property, node.computed) === 'exports'
  )
}

/** Without what only the types see. */
function bare(node: Member['object']): Member['object'] {
  return node.type === 'TSAsExpression' || node.type === 'TSNonNullExpression' || node.type === 'TSTypeAssertion'
    ? bare(node.expression)
    : node
}
