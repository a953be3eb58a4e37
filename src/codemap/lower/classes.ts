import type { Class, ClassElement, Decorator } from 'oxc-parser'
import type { ClassIr, FunctionIr, MemberIr } from '../ir.ts'
import { lowerExpression } from './expressions.ts'
import { lowerFunctionInto } from './functions.ts'
import { keyName } from './patterns.ts'
import { innerScope, type Lowering, share } from './scope.ts'
import { lowerStatements } from './statements.ts'
import { declareTypeParameters, lowerType, lowerTypeArguments } from './types.ts'

/** Lowers a class with its methods; gives its number. */
export function lowerClass(outer: Lowering, node: Class, name: string | null): number {
  const { ir } = outer
  const shown = name ?? '(class)'
  const number = ir.classes.length
  // The initial values of fields are evaluated as if they stood in a method.
  const fields: FunctionIr = {
    name: shown,
    own: true,
    at: outer.position(node.start),
    end: outer.position(node.end),
    parent: outer.within,
    parameters: [],
    body: [],
    calls: [],
    returns: [],
    arrow: false,
    class: number,
  }
  const initial = ir.functions.push(fields) - 1
  const made: ClassIr = {
    name: shown,
    at: outer.position(node.id?.start ?? node.start),
    within: outer.within,
    decorators: [],
    members: [],
    sets: [],
    initial,
    abstract: node.abstract === true,
  }
  ir.classes.push(made)
  const lowering = innerScope(outer)
  declareTypeParameters(lowering, node.typeParameters)
  made.decorators.push(...lowerDecorators(lowering, node.decorators))
  if (node.superClass) made.base = share(lowering, lowerExpression(lowering, node.superClass))
  const types = lowerTypeArguments(lowering, node.superTypeArguments)
  if (types) made.baseTypes = types
  for (const element of node.body.body) lowerElement(lowering, element, number, made)
  return number
}

function lowerDecorators(lowering: Lowering, decorators: readonly Decorator[] | undefined): number[] {
  return (decorators ?? []).map((one) => share(lowering, lowerExpression(lowering, one.expression)))
}

function lowerElement(lowering: Lowering, node: ClassElement, number: number, made: ClassIr): void {
  const inside: Lowering = { ...innerFields(lowering, made.initial), class: number }
  if (node.type === 'StaticBlock') {
    lowerStatements(inside, node.body)
    return
  }
  if (node.type === 'TSIndexSignature') return
  const name = keyName(node.key, node.computed)
  if (name === null) return
  const about = {
    name,
    static: node.static,
    at: lowering.position(node.key.start),
    decorators: lowerDecorators(lowering, node.decorators),
  }
  if ('kind' in node) {
    made.members.push({ ...about, k: node.kind, ...lowerMethod(lowering, node.value, number, made, about) })
    if (node.kind === 'constructor') addParameterFields(lowering, node.value.params, made)
    return
  }
  const field: MemberIr = { ...about, k: 'field' }
  if (node.typeAnnotation) field.type = lowerType(lowering, node.typeAnnotation.typeAnnotation)
  if (node.value) {
    field.value = share(inside, lowerExpression(inside, node.value, `${made.name}.${name}`))
    lowering.ir.functions[made.initial]?.body.push({ k: 'shared', value: field.value })
  }
  made.members.push(field)
}

/** The scope in which the initial values of fields stand. */
function innerFields(lowering: Lowering, initial: number): Lowering {
  const { scope } = lowering
  return { ...lowering, within: initial, scope: { parent: scope, owner: initial, values: new Map(), types: new Map() } }
}

function lowerMethod(
  lowering: Lowering,
  node: Parameters<typeof lowerFunctionInto>[1],
  number: number,
  made: ClassIr,
  { name, static: isStatic }: { name: string; static: boolean },
): { function?: number; type?: NonNullable<MemberIr['type']> } {
  if (!node.body) return node.returnType ? { type: lowerType(lowering, node.returnType.typeAnnotation) } : {}
  return {
    function: lowerFunctionInto(lowering, node, { name: `${made.name}.${name}`, class: number, static: isStatic }),
  }
}

function addParameterFields(
  lowering: Lowering,
  params: Parameters<typeof lowerFunctionInto>[1]['params'],
  made: ClassIr,
): void {
  params.forEach((node, parameter) => {
    if (node.type !== 'TSParameterProperty') return
    const inner = node.parameter.type === 'AssignmentPattern' ? node.parameter.left : node.parameter
    if (inner.type !== 'Identifier') return
    made.members.push({
      name: inner.name,
      k: 'field',
      static: false,
      at: lowering.position(inner.start),
      decorators: lowerDecorators(lowering, node.decorators),
      parameter,
      ...(inner.typeAnnotation ? { type: lowerType(lowering, inner.typeAnnotation.typeAnnotation) } : {}),
    })
  })
}
