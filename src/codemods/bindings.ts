import type { Node } from 'oxc-parser'
import type { Source } from './source.ts'

/** Each name that is declared in a file, with the places where it is; what is only a type is left out. */
export function bindingsOf(source: Source): Map<string, Node[]> {
  const found = new Map<string, Node[]>()
  for (const node of source.nodes) {
    for (const place of declaredBy(source, node)) {
      if (place.type !== 'Identifier') continue
      const places = found.get(place.name)
      if (places) places.push(place)
      else found.set(place.name, [place])
    }
  }
  return found
}

function declaredBy(source: Source, node: Node): Node[] {
  switch (node.type) {
    case 'VariableDeclarator':
      return namesIn(node.id)
    case 'FunctionDeclaration':
    case 'FunctionExpression':
      return [...(node.id ? [node.id] : []), ...node.params.flatMap(namesIn)]
    case 'ArrowFunctionExpression':
      return node.params.flatMap(namesIn)
    case 'ClassDeclaration':
    case 'ClassExpression':
      return node.id ? [node.id] : []
    case 'TSEnumDeclaration':
      return [node.id]
    case 'CatchClause':
      return node.param ? namesIn(node.param) : []
    case 'ImportSpecifier':
      return node.importKind === 'type' || isTypeImport(source.parents.get(node)) ? [] : [node.local]
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return isTypeImport(source.parents.get(node)) ? [] : [node.local]
    case 'TSImportEqualsDeclaration':
      return [node.id]
    default:
      return []
  }
}

function isTypeImport(node: Node | undefined): boolean {
  return node?.type === 'ImportDeclaration' && node.importKind === 'type'
}

function namesIn(pattern: Node): Node[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern]
    case 'AssignmentPattern':
      return namesIn(pattern.left)
    case 'RestElement':
      return namesIn(pattern.argument)
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => namesIn(one.type === 'Property' ? one.value : one))
    case 'ArrayPattern':
      return pattern.elements.flatMap((one) => (one === null ? [] : namesIn(one)))
    case 'TSParameterProperty':
      return namesIn(pattern.parameter)
    default:
      return []
  }
}
