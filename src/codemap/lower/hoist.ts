import type { BindingPattern, BindingRestElement, Directive, Statement, VariableDeclaration } from 'oxc-parser'
import { declareBoth, declareType, declareValue, type Lowering } from './scope.ts'
import { lowerHoistedFunction } from './statements.ts'

type Body = readonly (Statement | Directive)[]

/** Makes the names of a block known, its functions with them. */
export function hoist(lowering: Lowering, body: Body): void {
  const { scope, ir } = lowering
  const functions: Parameters<typeof lowerHoistedFunction>[1][] = []
  for (const outer of body) {
    const node = isExport(outer) ? outer.declaration : outer
    if (!node) continue
    switch (node.type) {
      case 'VariableDeclaration':
        if (node.kind !== 'var') for (const name of namesOf(node)) declareValue(scope, ir, name)
        break
      case 'FunctionDeclaration':
      case 'TSDeclareFunction':
        if (node.id) declareValue(scope, ir, node.id.name)
        functions.push(node)
        break
      case 'ClassDeclaration':
      case 'TSEnumDeclaration':
        if (node.id) declareBoth(scope, ir, node.id.name)
        break
      case 'TSInterfaceDeclaration':
      case 'TSTypeAliasDeclaration':
        declareType(scope, ir, node.id.name)
        break
      case 'TSImportEqualsDeclaration':
        declareBoth(scope, ir, node.id.name)
        break
      case 'ImportDeclaration':
        for (const { local } of node.specifiers) declareBoth(scope, ir, local.name)
    }
  }
  for (const node of functions) lowerHoistedFunction(lowering, node)
}

function isExport(node: Statement | Directive) {
  return node.type === 'ExportNamedDeclaration' || node.type === 'ExportDefaultDeclaration'
}

/** `var` belongs to the function, however deep it stands. */
export function hoistVars(lowering: Lowering, body: Body): void {
  for (const node of body) {
    for (const found of varsOf(node)) {
      for (const name of namesOf(found)) declareValue(lowering.scope, lowering.ir, name)
    }
  }
}

function varsOf(node: Statement | Directive): VariableDeclaration[] {
  switch (node.type) {
    case 'VariableDeclaration':
      return node.kind === 'var' ? [node] : []
    case 'ExportNamedDeclaration':
      return node.declaration ? varsOf(node.declaration) : []
    case 'BlockStatement':
      return node.body.flatMap(varsOf)
    case 'IfStatement':
      return [node.consequent, ...(node.alternate ? [node.alternate] : [])].flatMap(varsOf)
    case 'ForStatement':
      return [...(node.init?.type === 'VariableDeclaration' ? varsOf(node.init) : []), ...varsOf(node.body)]
    case 'ForInStatement':
    case 'ForOfStatement':
      return [...(node.left.type === 'VariableDeclaration' ? varsOf(node.left) : []), ...varsOf(node.body)]
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'LabeledStatement':
    case 'WithStatement':
      return varsOf(node.body)
    case 'SwitchStatement':
      return node.cases.flatMap((one) => one.consequent.flatMap(varsOf))
    case 'TryStatement':
      return [
        node.block,
        ...(node.handler ? [node.handler.body] : []),
        ...(node.finalizer ? [node.finalizer] : []),
      ].flatMap(varsOf)
    default:
      return []
  }
}

function namesOf({ declarations }: VariableDeclaration): string[] {
  return declarations.flatMap(({ id }) => boundNames(id))
}

/** All names that a pattern binds. */
export function boundNames(pattern: BindingPattern | BindingRestElement): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name]
    case 'AssignmentPattern':
      return boundNames(pattern.left)
    case 'RestElement':
      return boundNames(pattern.argument)
    case 'ArrayPattern':
      return pattern.elements.flatMap((one) => (one ? boundNames(one) : []))
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => boundNames(one.type === 'RestElement' ? one : one.value))
  }
}
