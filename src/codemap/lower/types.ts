import type {
  ParamPattern,
  PropertyKey,
  TSInterfaceDeclaration,
  TSSignature,
  TSType,
  TSTypeAliasDeclaration,
  TSTypeName,
  TSTypeParameterDeclaration,
  TSTypeParameterInstantiation,
} from 'oxc-parser'
import type { Expr, TypeIr } from '../ir.ts'
import { lowerExpression, requestModule } from './expressions.ts'
import { keyName } from './patterns.ts'
import { declareType, findType, findValue, innerScope, type Lowering } from './scope.ts'

const UNKNOWN: TypeIr = { k: 'unknown' }

/** A type as far as it can say which values there are: names of classes and libraries, objects, literals. */
export function lowerType(lowering: Lowering, node: TSType): TypeIr {
  const lower = (one: TSType): TypeIr => lowerType(lowering, one)
  switch (node.type) {
    case 'TSTypeReference':
      return lowerReference(lowering, node.typeName, lowerTypeArguments(lowering, node.typeArguments))
    case 'TSUnionType':
      return { k: 'union', of: node.types.map(lower) }
    case 'TSIntersectionType':
      return { k: 'intersection', of: node.types.map(lower) }
    case 'TSLiteralType':
      return node.literal.type === 'Literal' && typeof node.literal.value !== 'bigint'
        ? { k: 'literal', value: node.literal.value }
        : UNKNOWN
    case 'TSTypeLiteral':
      return { k: 'object', members: lowerMembers(lowering, node.members), ...optionalIn(node.members) }
    case 'TSNullKeyword':
    case 'TSUndefinedKeyword':
    case 'TSVoidKeyword':
      return { k: 'literal', value: null }
    case 'TSArrayType':
      return { k: 'array', of: lower(node.elementType) }
    case 'TSTupleType':
      return {
        k: 'tuple',
        of: node.elementTypes.map((one) =>
          one.type === 'TSNamedTupleMember'
            ? lower(one.elementType as TSType)
            : lower(one.type === 'TSOptionalType' || one.type === 'TSRestType' ? one.typeAnnotation : one),
        ),
      }
    case 'TSFunctionType':
      return {
        k: 'function',
        returns: lower(node.returnType.typeAnnotation),
        ...parametersIn(lowering, node.params),
      }
    case 'TSParenthesizedType':
      return lower(node.typeAnnotation)
    case 'TSTypeOperator':
      return node.operator === 'readonly' ? lower(node.typeAnnotation) : UNKNOWN
    case 'TSTypeQuery':
      return node.exprName.type === 'TSImportType'
        ? UNKNOWN
        : { k: 'typeof', value: lowerQueried(lowering, node.exprName) }
    case 'TSIndexedAccessType':
      return { k: 'index', object: lower(node.objectType), index: lower(node.indexType) }
    case 'TSImportType': {
      requestModule(lowering, node.source.value)
      const args = lowerTypeArguments(lowering, node.typeArguments)
      if (node.qualifier?.type !== 'Identifier') return UNKNOWN
      return { k: 'import', from: node.source.value, name: node.qualifier.name, ...(args ? { args } : {}) }
    }
    case 'TSConditionalType':
      return { k: 'union', of: [lower(node.trueType), lower(node.falseType)] }
    default:
      return UNKNOWN
  }
}

export function lowerTypeArguments(
  lowering: Lowering,
  node: TSTypeParameterInstantiation | null | undefined,
): TypeIr[] | undefined {
  return node?.params.map((one) => lowerType(lowering, one))
}

function lowerReference(lowering: Lowering, name: TSTypeName, args: TypeIr[] | undefined): TypeIr {
  const more = args ? { args } : {}
  const path = namePath(name)
  const [first, ...rest] = path
  if (first === undefined) return UNKNOWN
  // A namespace is a value; so are classes and imports, under the same slot.
  const slot = findType(lowering.scope, first) ?? findValue(lowering.scope, first)
  if (slot !== undefined) return { k: 'ref', slot, ...(rest.length > 0 ? { path: rest } : {}), ...more }
  return { k: 'global', name: path.join('.'), ...more }
}

function namePath(name: TSTypeName): string[] {
  if (name.type === 'ThisExpression') return []
  return name.type === 'Identifier' ? [name.name] : [...namePath(name.left), name.right.name]
}

function lowerQueried(lowering: Lowering, name: TSTypeName): Expr {
  if (name.type === 'ThisExpression') return { k: 'this' }
  if (name.type === 'TSQualifiedName')
    return {
      k: 'member',
      object: lowerQueried(lowering, name.left),
      name: name.right.name,
      at: lowering.position(name.right.start),
    }
  return lowerExpression(lowering, name)
}

function lowerMembers(lowering: Lowering, members: readonly TSSignature[]): [string, TypeIr][] {
  return members.flatMap((one): [string, TypeIr][] => {
    if (one.type !== 'TSPropertySignature' && one.type !== 'TSMethodSignature') return []
    const name = keyName(one.key as PropertyKey, one.computed)
    if (name === null) return []
    if (one.type === 'TSPropertySignature')
      return one.typeAnnotation ? [[name, lowerType(lowering, one.typeAnnotation.typeAnnotation)]] : []
    const returns = one.returnType ? lowerType(lowering, one.returnType.typeAnnotation) : UNKNOWN
    return [[name, one.kind === 'get' ? returns : { k: 'function', returns, ...parametersIn(lowering, one.params) }]]
  })
}

function parametersIn(lowering: Lowering, params: readonly ParamPattern[]): { parameters?: TypeIr[] } {
  const parameters = params.map((one) =>
    one.type === 'Identifier' && one.typeAnnotation ? lowerType(lowering, one.typeAnnotation.typeAnnotation) : UNKNOWN,
  )
  return parameters.some((one) => one.k !== 'unknown') ? { parameters } : {}
}

function optionalIn(members: readonly TSSignature[]): { optional?: string[] } {
  const optional = members.flatMap((one) => {
    if ((one.type !== 'TSPropertySignature' && one.type !== 'TSMethodSignature') || !one.optional) return []
    return keyName(one.key as PropertyKey, one.computed) ?? []
  })
  return optional.length > 0 ? { optional } : {}
}

export function lowerAlias(lowering: Lowering, node: TSTypeAliasDeclaration): void {
  const inner = innerScope(lowering)
  declareTypeParameters(inner, node.typeParameters)
  declareType(lowering.scope, lowering.ir, node.id.name).means = lowerType(inner, node.typeAnnotation)
}

/** Interfaces of one name are one. */
export function lowerInterface(lowering: Lowering, node: TSInterfaceDeclaration): void {
  const inner = innerScope(lowering)
  declareTypeParameters(inner, node.typeParameters)
  const slot = declareType(lowering.scope, lowering.ir, node.id.name)
  const bases = node.extends.flatMap((one): TypeIr[] => {
    const name = heritageName(one.expression)
    return name ? [lowerReference(inner, name, lowerTypeArguments(inner, one.typeArguments))] : []
  })
  const members = lowerMembers(inner, node.body.body)
  const before = slot.means?.k === 'object' ? slot.means : undefined
  const optional = [...(before?.optional ?? []), ...(optionalIn(node.body.body).optional ?? [])]
  slot.means = {
    k: 'object',
    members: [...(before?.members ?? []), ...members],
    ...(optional.length > 0 ? { optional } : {}),
    extends: [...(before?.extends ?? []), ...bases],
  }
}

function heritageName(node: TSInterfaceDeclaration['extends'][number]['expression']): TSTypeName | null {
  return node.type === 'Identifier' ? node : null
}

/** A type parameter means its bound, else its default: what is put there for it is not followed. */
export function declareTypeParameters(lowering: Lowering, node: TSTypeParameterDeclaration | null | undefined): void {
  for (const { name, constraint, default: otherwise } of node?.params ?? []) {
    const slot = declareType(lowering.scope, lowering.ir, name.name)
    const bound = constraint ?? otherwise
    slot.means = bound ? lowerType(lowering, bound) : UNKNOWN
  }
}
