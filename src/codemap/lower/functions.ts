import type { ArrowFunctionExpression, Function as FunctionNode, ParamPattern } from 'oxc-parser'
import type { FunctionIr, Parameter } from '../ir.ts'
import { lowerExpression } from './expressions.ts'
import { bindPattern } from './patterns.ts'
import { declareValue, type Lowering, type Scope, share } from './scope.ts'
import { lowerStatements, returnValue } from './statements.ts'
import { declareTypeParameters, lowerType } from './types.ts'

interface About {
  /** The name that it is given; null for a callback. */
  readonly name: string | null
  /** The class whose method it is. */
  readonly class?: number
  readonly static?: boolean
}

/** Lowers a function with its body; gives its number. */
export function lowerFunctionInto(outer: Lowering, node: FunctionNode | ArrowFunctionExpression, about: About): number {
  const { ir } = outer
  const arrow = node.type === 'ArrowFunctionExpression'
  const name = about.name ?? (node.id?.name || null)
  const around = ir.functions[outer.within]
  const made: FunctionIr = {
    name: name ?? around?.name ?? null,
    own: name !== null,
    at: outer.position(node.start),
    end: outer.position(node.end),
    parent: outer.within,
    parameters: [],
    body: [],
    calls: [],
    returns: [],
    arrow,
    class: about.class ?? null,
    ...(about.static ? { static: true } : {}),
  }
  const number = ir.functions.push(made) - 1
  const scope: Scope = { parent: outer.scope, owner: number, values: new Map(), types: new Map() }
  const lowering: Lowering = {
    ...outer,
    scope,
    within: number,
    class: about.class ?? (arrow ? outer.class : null),
  }
  if (node.type === 'FunctionExpression' && node.id)
    declareValue(scope, ir, node.id.name).defs.push({ k: 'function', function: number })
  declareTypeParameters(lowering, node.typeParameters)
  node.params.forEach((pattern, index) => {
    made.parameters.push(lowerParameter(lowering, pattern, index))
  })
  if (node.returnType) made.returnType = lowerType(lowering, node.returnType.typeAnnotation)
  if (!node.body) return number
  if (node.body.type === 'BlockStatement') lowerStatements(lowering, node.body.body)
  else returnValue(lowering, lowerExpression(lowering, node.body))
  return number
}

function lowerParameter(lowering: Lowering, node: ParamPattern, index: number): Parameter {
  const pattern = node.type === 'TSParameterProperty' ? node.parameter : node
  if (pattern.type === 'RestElement') {
    bindPattern(lowering, pattern.argument, { k: 'parameter', index })
    return { name: labelOf(pattern.argument), rest: true }
  }
  const inner = pattern.type === 'AssignmentPattern' ? pattern.left : pattern
  const made: Parameter = { name: labelOf(inner) }
  if (pattern.type === 'AssignmentPattern') made.default = share(lowering, lowerExpression(lowering, pattern.right))
  bindPattern(lowering, inner, { k: 'parameter', index })
  // The parameter has the type; a name in it would repeat it.
  if (inner.type === 'Identifier') {
    const slot = lowering.ir.slots[lowering.scope.values.get(inner.name) ?? -1]
    if (slot?.type) {
      made.type = slot.type
      delete slot.type
    }
  } else if (inner.type !== 'AssignmentPattern' && inner.typeAnnotation)
    made.type = lowerType(lowering, inner.typeAnnotation.typeAnnotation)
  return made
}

function labelOf(pattern: { type: string; name?: string }): string {
  return pattern.name ?? (pattern.type === 'ArrayPattern' ? '[…]' : '{…}')
}
