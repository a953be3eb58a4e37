import type { Node } from 'oxc-parser'
import { bindingsOf } from './bindings.ts'
import { type Library, libraryOf } from './libraries.ts'
import { bare, type Source } from './source.ts'

/** What of a library an expression is. */
export interface Exported {
  readonly library: Library
  /** `*` is the module itself. */
  readonly name: string
  readonly specifier: string
  readonly via: 'import' | 'require' | 'dynamic'
  /** False where the same name means something else in another place of the file. */
  readonly sure: boolean
}

export interface Imported {
  /** Null for what comes from nowhere that matters. */
  resolve(node: Node): Exported | null
  /** The module that a specifier names, as `*`. */
  moduleOf(specifier: Node): Exported | null
  /** The places where a name is declared. */
  readonly declared: ReadonlyMap<string, readonly Node[]>
}

/** What the names of a file mean, as far as they come from the libraries that make clients, or from Crossfade. */
export function findImported(source: Source): Imported {
  const declared = bindingsOf(source)
  const names = new Map<string, { exported: Exported; places: Set<Node> }>()

  const note = (local: Node, exported: Exported): void => {
    if (local.type !== 'Identifier') return
    const known = names.get(local.name)
    if (known === undefined) {
      names.set(local.name, { exported, places: new Set([local]) })
      return
    }
    known.places.add(local)
    const { library, name } = known.exported
    if (library !== exported.library || name !== exported.name) known.exported = { ...known.exported, sure: false }
  }

  const resolve = (given: Node): Exported | null => {
    const node = bare(given)
    switch (node.type) {
      case 'Identifier': {
        const known = names.get(node.name)
        if (known === undefined) return null
        const others = declared.get(node.name)?.some((place) => !known.places.has(place)) ?? false
        return others ? { ...known.exported, sure: false } : known.exported
      }
      case 'MemberExpression': {
        const name = memberName(node)
        const of = name === null ? null : resolve(node.object)
        return of === null || name === null ? null : memberOf(of, name)
      }
      case 'AwaitExpression':
        return bare(node.argument).type === 'ImportExpression' ? resolve(node.argument) : null
      case 'ImportExpression':
        return moduleOf(node.source, 'dynamic')
      case 'CallExpression': {
        const [path] = node.arguments
        const isRequire = node.callee.type === 'Identifier' && node.callee.name === 'require'
        return isRequire && path !== undefined ? moduleOf(path, 'require') : null
      }
      default:
        return null
    }
  }

  for (const node of source.nodes) noteImport(node, note)
  // Twice, since what a variable is made of may stand below it.
  for (let pass = 0; pass < 2; pass++)
    for (const node of source.nodes) if (node.type === 'VariableDeclarator') noteVariable(node, resolve, note)
  return { resolve, moduleOf: (specifier) => moduleOf(specifier, 'import'), declared }
}

type Note = (local: Node, exported: Exported) => void

function noteImport(node: Node, note: Note): void {
  if (node.type === 'TSImportEqualsDeclaration') {
    const { moduleReference: module, importKind } = node
    if (module.type !== 'TSExternalModuleReference' || importKind === 'type') return
    const exported = moduleOf(module.expression, 'import')
    if (exported !== null) note(node.id, exported)
  }
  if (node.type !== 'ImportDeclaration' || node.importKind === 'type') return
  const module = moduleOf(node.source, 'import')
  if (module === null) return
  for (const one of node.specifiers) {
    if (one.type === 'ImportNamespaceSpecifier') note(one.local, module)
    else if (one.type === 'ImportDefaultSpecifier') note(one.local, memberOf(module, 'default') ?? module)
    else if (one.importKind !== 'type') {
      const { imported } = one
      const name = imported.type === 'Literal' ? imported.value : imported.name
      note(one.local, { ...module, name })
    }
  }
}

function noteVariable(node: Node & { type: 'VariableDeclarator' }, resolve: Imported['resolve'], note: Note): void {
  const exported = node.init === null ? null : resolve(node.init)
  if (exported === null) return
  if (node.id.type === 'Identifier') note(node.id, exported)
  if (node.id.type !== 'ObjectPattern') return
  for (const one of node.id.properties) {
    if (one.type !== 'Property' || one.computed || one.key.type !== 'Identifier') continue
    const member = memberOf(exported, one.key.name)
    if (member !== null) note(one.value, member)
  }
}

function moduleOf(specifier: Node, via: Exported['via']): Exported | null {
  if (specifier.type !== 'Literal' || typeof specifier.value !== 'string') return null
  const library = libraryOf(specifier.value)
  return library === null ? null : { library, name: '*', specifier: specifier.value, via, sure: true }
}

/** The default export of a CommonJS package is the module, and `native` of pg has all that pg has. */
function memberOf(of: Exported, name: string): Exported | null {
  if (of.name !== '*') return null
  return name === 'default' || (of.library === 'pg' && name === 'native') ? of : { ...of, name }
}

export function memberName(node: Node & { type: 'MemberExpression' }): string | null {
  if (!node.computed) return node.property.type === 'Identifier' ? node.property.name : null
  return node.property.type === 'Literal' && typeof node.property.value === 'string' ? node.property.value : null
}
