import type { Argument, Expression, ObjectPropertyKind, TemplateLiteral } from 'oxc-parser'
import type { Expr, ObjectMember, Position, TypeIr } from '../ir.ts'
import { lowerClass } from './classes.ts'
import { lowerFunctionInto } from './functions.ts'
import { lowerJsx } from './jsx.ts'
import { assignPattern, keyName } from './patterns.ts'
import { currentFunction, findValue, type Lowering, share } from './scope.ts'
import { lowerType, lowerTypeArguments } from './types.ts'

/** `name` is what the value is given to, for a function or class that has no name of its own. */
export function lowerExpression(lowering: Lowering, node: Expression, name: string | null = null): Expr {
  const lower = (one: Expression): Expr => lowerExpression(lowering, one)
  switch (node.type) {
    case 'Literal':
      if (typeof node.value === 'string') return { k: 'text', text: node.value }
      return typeof node.value === 'number' ||
        typeof node.value === 'boolean' ||
        (node.value === null && node.raw === 'null')
        ? { k: 'literal', value: node.value }
        : { k: 'effects', of: [] }
    case 'Identifier':
      return lowerName(lowering, node.name)
    case 'TemplateLiteral':
      return lowerTemplate(lowering, node)
    case 'TaggedTemplateExpression':
      noteCall(lowering, null)
      return {
        k: 'tag',
        tag: lower(node.tag),
        parts: node.quasi.quasis.map(({ value }) => value.cooked ?? value.raw),
        holes: node.quasi.expressions.map(lower),
        ...typeArguments(lowering, node.typeArguments),
        at: calleePosition(lowering, node.tag),
      }
    case 'MemberExpression': {
      const object = lower(node.object)
      const key = keyName(node.property, node.computed)
      const at = lowering.position(node.property.start)
      if (key !== null || node.property.type === 'PrivateIdentifier')
        return { k: 'member', object, name: key ?? '', at }
      return { k: 'index', object, index: lower(node.property), at }
    }
    case 'CallExpression':
      return lowerCall(lowering, node)
    case 'NewExpression': {
      const callee = lower(node.callee)
      noteCall(lowering, callee)
      return {
        k: 'new',
        callee,
        ...lowerArguments(lowering, node.arguments),
        ...typeArguments(lowering, node.typeArguments),
        at: lowering.position(node.start),
      }
    }
    case 'FunctionExpression':
    case 'FunctionDeclaration':
    case 'ArrowFunctionExpression':
      return { k: 'function', function: lowerFunctionInto(lowering, node as never, { name }) }
    case 'ClassExpression':
    case 'ClassDeclaration':
      return { k: 'class', class: lowerClass(lowering, node, node.id?.name ?? name) }
    case 'ObjectExpression':
      return { k: 'object', members: node.properties.map((one) => lowerMember(lowering, one)) }
    case 'ArrayExpression':
      return {
        k: 'array',
        items: node.elements.map((one) => (one === null ? UNDEFINED : lowerArgument(lowering, one))),
      }
    case 'ConditionalExpression':
      return sequence([lower(node.test)], {
        k: 'either',
        of: [lowerExpression(lowering, node.consequent, name), lowerExpression(lowering, node.alternate, name)],
      })
    case 'LogicalExpression': {
      const [left, right] = [lower(node.left), lowerExpression(lowering, node.right, name)]
      return node.operator === '&&' ? sequence([left], right) : { k: 'either', of: [left, right] }
    }
    case 'AssignmentExpression':
      return lowerAssignment(lowering, node)
    case 'AwaitExpression':
      return { k: 'await', value: lower(node.argument) }
    case 'YieldExpression':
      return { k: 'effects', of: node.argument ? [lower(node.argument)] : [] }
    case 'SequenceExpression':
      return { k: 'sequence', of: node.expressions.map(lower) }
    case 'BinaryExpression': {
      if (node.left.type === 'PrivateIdentifier') return { k: 'effects', of: [lower(node.right)] }
      const [left, right] = [lower(node.left), lower(node.right)]
      return node.operator === '+' ? { k: 'add', left, right } : { k: 'effects', of: [left, right] }
    }
    case 'UnaryExpression': {
      const of = lower(node.argument)
      return node.operator === '-' && of.k === 'literal' && typeof of.value === 'number'
        ? { k: 'literal', value: -of.value }
        : { k: 'effects', of: [of] }
    }
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'TSNonNullExpression':
    case 'TSInstantiationExpression':
    case 'TSSatisfiesExpression':
      return lowerExpression(lowering, node.expression as Expression, name)
    case 'TSAsExpression':
    case 'TSTypeAssertion': {
      const value = lowerExpression(lowering, node.expression, name)
      const type = lowerType(lowering, node.typeAnnotation)
      return type.k === 'unknown' ? value : { k: 'as', value, type }
    }
    case 'ThisExpression':
      return { k: 'this' }
    case 'Super':
      return { k: 'super' }
    case 'ImportExpression':
      return lowerImport(lowering, node.source)
    case 'JSXElement':
    case 'JSXFragment':
      return lowerJsx(lowering, node)
    default:
      return { k: 'effects', of: [] }
  }
}

const UNDEFINED: Expr = { k: 'literal', value: undefined }

function lowerName(lowering: Lowering, name: string): Expr {
  const slot = findValue(lowering.scope, name)
  if (slot !== undefined) return { k: 'ref', slot }
  return name === 'undefined' ? UNDEFINED : { k: 'global', name }
}

function sequence(first: Expr[], last: Expr): Expr {
  const rest = first.filter((one) => one.k !== 'ref' && one.k !== 'literal' && one.k !== 'text')
  return rest.length === 0 ? last : { k: 'sequence', of: [...rest, last] }
}

function lowerTemplate(lowering: Lowering, node: TemplateLiteral): Expr {
  const parts = node.quasis.map(({ value }) => value.cooked ?? value.raw)
  return node.expressions.length === 0
    ? { k: 'text', text: parts[0] ?? '' }
    : { k: 'template', parts, holes: node.expressions.map((one) => lowerExpression(lowering, one)) }
}

function typeArguments(lowering: Lowering, node: Parameters<typeof lowerTypeArguments>[1]): { types?: TypeIr[] } {
  const types = lowerTypeArguments(lowering, node)
  return types ? { types } : {}
}

function lowerArgument(lowering: Lowering, node: Argument): Expr {
  return node.type === 'SpreadElement'
    ? { k: 'spread', value: lowerExpression(lowering, node.argument) }
    : lowerExpression(lowering, node)
}

function lowerArguments(lowering: Lowering, nodes: readonly Argument[]): { args: Expr[]; ats: Position[] } {
  return {
    args: nodes.map((one) => lowerArgument(lowering, one)),
    ats: nodes.map((one) => lowering.position(one.start)),
  }
}

/** Of `a.b.c` the place of `c`: in a long chain each call stands on a line of its own. */
function calleePosition(lowering: Lowering, node: Expression): Position {
  switch (node.type) {
    case 'MemberExpression':
      return lowering.position(node.property.start)
    case 'ChainExpression':
    case 'ParenthesizedExpression':
    case 'TSNonNullExpression':
    case 'TSInstantiationExpression':
      return calleePosition(lowering, node.expression)
    default:
      return lowering.position(node.start)
  }
}

function lowerCall(lowering: Lowering, node: Extract<Expression, { type: 'CallExpression' }>): Expr {
  const [first] = node.arguments
  const { callee } = node
  if (
    callee.type === 'Identifier' &&
    callee.name === 'require' &&
    first &&
    first.type !== 'SpreadElement' &&
    findValue(lowering.scope, 'require') === undefined
  )
    return lowerImport(lowering, first)
  const called = lowerExpression(lowering, callee)
  noteCall(lowering, called)
  const given = lowerArguments(lowering, node.arguments)
  noteHandedOn(lowering, given.args)
  const expr: Expr = {
    k: 'call',
    callee: called,
    ...given,
    ...typeArguments(lowering, node.typeArguments),
    at: calleePosition(lowering, callee),
  }
  if (called.k === 'member' && called.object.k === 'ref' && (called.name === 'push' || called.name === 'unshift'))
    return growSlot(lowering, called.object.slot, expr)
  if (called.k !== 'super' || lowering.class === null) return expr
  const value = share(lowering, expr)
  const around = lowering.ir.classes[lowering.class]
  if (around) around.superCall = { value, within: lowering.within }
  return { k: 'shared', value }
}

function growSlot(lowering: Lowering, number: number, expr: Extract<Expr, { k: 'call' | 'new' }>): Expr {
  const slot = lowering.ir.slots[number]
  const args = expr.args.map((one): Expr => {
    if (!slot || one.k === 'spread') return one
    const value = share(lowering, one)
    slot.pushes = [...(slot.pushes ?? []), { value, within: lowering.within }]
    return { k: 'shared', value }
  })
  return { ...expr, args }
}

/** What is handed on under another name. */
export function noteAlias({ ir }: Lowering, name: string, value: Expr): Expr {
  const given = value.k === 'ref' ? ir.slots[value.slot]?.name : undefined
  if (given !== undefined && given !== name) ir.aliases.push([name, given])
  return value
}

/** A function that is handed to another is as good as called. */
function noteHandedOn({ ir, ...lowering }: Lowering, args: readonly Expr[]): void {
  const { calls } = currentFunction({ ir, ...lowering })
  for (const arg of args) {
    const name = arg.k === 'ref' ? ir.slots[arg.slot]?.name : arg.k === 'member' ? arg.name : undefined
    if (name !== undefined && !calls.includes(name)) calls.push(name)
  }
}

/** What the function calls: a name, a variable, or something else. */
export function noteCall(lowering: Lowering, callee: Expr | null): void {
  const { calls } = currentFunction(lowering)
  const what =
    callee?.k === 'member'
      ? callee.name
      : callee?.k === 'ref'
        ? callee.slot
        : callee?.k === 'global'
          ? callee.name
          : null
  if (!calls.includes(what)) calls.push(what)
}

function lowerImport(lowering: Lowering, source: Expression): Expr {
  if (source.type !== 'Literal' || typeof source.value !== 'string') {
    lowering.ir.loads = true
    return { k: 'load', of: [lowerExpression(lowering, source)] }
  }
  requestModule(lowering, source.value)
  return { k: 'import', from: source.value }
}

export function requestModule({ ir }: Lowering, specifier: string): void {
  if (!ir.requests.includes(specifier)) ir.requests.push(specifier)
}

function lowerMember(lowering: Lowering, node: ObjectPropertyKind): ObjectMember {
  if (node.type === 'SpreadElement') return { k: 'spread', value: lowerExpression(lowering, node.argument) }
  const name = keyName(node.key, node.computed)
  if (name === null) {
    const key = lowerExpression(lowering, node.key as Expression)
    return { k: 'computed', name: key, value: lowerExpression(lowering, node.value) }
  }
  const value = noteAlias(lowering, name, lowerExpression(lowering, node.value, name))
  if (node.kind === 'get' && value.k === 'function') return { k: 'get', name, function: value.function }
  return { k: 'value', name, value }
}

function lowerAssignment(lowering: Lowering, node: Extract<Expression, { type: 'AssignmentExpression' }>): Expr {
  const { left, operator } = node
  const name =
    left.type === 'Identifier'
      ? left.name
      : left.type === 'MemberExpression'
        ? keyName(left.property, left.computed)
        : null
  let value = lowerExpression(lowering, node.right, name)
  if (operator === '+=' && left.type === 'Identifier')
    value = { k: 'add', left: lowerName(lowering, left.name), right: value }
  else if (!['=', '??=', '||=', '&&='].includes(operator)) return { k: 'effects', of: [value] }
  const shared = share(lowering, value)
  assignPattern(lowering, left, shared)
  const result: Expr = { k: 'shared', value: shared }
  const target = left.type === 'MemberExpression' ? lowerExpression(lowering, left.object) : null
  const whole = operator === '=' || left.type === 'ObjectPattern' || left.type === 'ArrayPattern'
  const effects = target && target.k !== 'ref' && target.k !== 'this' ? [target] : []
  return sequence(
    effects,
    whole ? result : { k: 'either', of: [lowerExpression(lowering, left as Expression), result] },
  )
}
