import type { Node } from 'oxc-parser'
import { type Exported, findImported, type Imported, memberName } from './imported.ts'
import { bare, type Source, surroundings } from './source.ts'

/** `createClient(url, key, …)` and its kin, of which the fetch is wrapped; or `new Pool(…)`, which is wrapped itself. */
export interface Client {
  readonly kind: 'fetch' | 'pool'
  readonly node: Node & { readonly type: 'CallExpression' | 'NewExpression' }
  readonly exported: Exported
}

/** What a codemod leaves as it is, since it can't be sure. */
export interface Unsure {
  readonly at: number
  readonly why: string
  /** What a person writes in its place. */
  readonly write: string
}

export interface FoundClients {
  readonly imported: Imported
  readonly clients: readonly Client[]
  readonly unsure: readonly Unsure[]
}

const FETCH_BY_HAND = '{ global: { fetch: crossfade({ url, key }) } } as the last argument'
const POOL_BY_HAND = 'crossfade(new Pool(…)) where the pool is made'

const CREATING = /^(createClient|createBrowserClient|createServerClient)$/
const HELPERS = /^create\w*Client$/

/** Where a file makes clients; and where it hands on what makes them, so that they are made where nobody can see it. */
export function findClients(source: Source): FoundClients {
  const imported = findImported(source)
  const clients: Client[] = []
  const unsure: Unsure[] = []
  for (const node of source.nodes) {
    if (node.type === 'CallExpression' || node.type === 'NewExpression') {
      const exported = imported.resolve(node.callee)
      const kind = exported && kindOf(exported, node.type)
      if (exported === null || kind === null) continue
      if (kind === 'unknown') unsure.push(unknownMaker(node, exported))
      else if (exported.sure) clients.push({ kind, node, exported })
      else unsure.push(ambiguous(source, node, kind))
      continue
    }
    const passed = passedOn(source, imported, node)
    if (passed !== null) unsure.push(passed)
  }
  return { imported, clients, unsure }
}

function kindOf({ library, name }: Exported, type: Client['node']['type']): Client['kind'] | 'unknown' | null {
  const isNew = type === 'NewExpression'
  switch (library) {
    case 'pg':
      return isNew && name === 'Pool' ? 'pool' : null
    case 'supabase-js':
      if (isNew) return name === 'SupabaseClient' ? 'fetch' : name === 'PostgrestClient' ? 'unknown' : null
      return name === 'createClient' ? 'fetch' : null
    case 'ssr':
      return !isNew && CREATING.test(name) ? 'fetch' : null
    case 'auth-helpers':
      return !isNew && HELPERS.test(name) ? 'unknown' : null
    default:
      return null
  }
}

function unknownMaker(node: Client['node'], { name }: Exported): Unsure {
  const write =
    name === 'PostgrestClient'
      ? 'fetch: crossfade({ url, key }) among its options'
      : 'options: { global: { fetch: crossfade({ url, key }) } } in its argument'
  return { at: node.start, why: `${name} isn't among the functions whose arguments are known here`, write }
}

function ambiguous(source: Source, node: Client['node'], kind: Client['kind']): Unsure {
  const name = source.text.slice(node.callee.start, node.callee.end)
  return {
    at: node.start,
    why: `${name} is the name of something else, too, in this file`,
    write: kind === 'pool' ? POOL_BY_HAND : FETCH_BY_HAND,
  }
}

/** Where what makes a client is used as a value, exported again, or a base class. */
function passedOn(source: Source, imported: Imported, node: Node): Unsure | null {
  if (node.type === 'ExportNamedDeclaration' && node.source !== null) return passedByExport(node, imported)
  if (node.type !== 'Identifier' && node.type !== 'MemberExpression') return null
  const exported = imported.resolve(node)
  if (exported === null || !makesClients(exported)) return null
  const { outer, parent } = surroundings(source, node)
  if (parent === null || !isValue(source, parent, outer) || isAlias(parent)) return null
  const name = node.type === 'Identifier' ? node.name : (memberName(node) ?? '')
  const isPool = exported.library === 'pg'
  const isBase = parent.type === 'ClassDeclaration' || parent.type === 'ClassExpression'
  return {
    at: node.start,
    why: isBase ? `a class is made of ${name}` : `${name} is handed on here, and what is made with it isn't seen`,
    write: isPool
      ? isBase
        ? 'crossfade(…) around each place where that class is made with new'
        : POOL_BY_HAND
      : FETCH_BY_HAND,
  }
}

function passedByExport(node: Node & { type: 'ExportNamedDeclaration' }, imported: Imported): Unsure | null {
  if (node.source === null || node.exportKind === 'type') return null
  const module = imported.moduleOf(node.source)
  const names = node.specifiers.flatMap((one) => {
    const name = one.local.type === 'Identifier' ? one.local.name : null
    return one.exportKind !== 'type' && module && name !== null && makesClients({ ...module, name }) ? [name] : []
  })
  const [name] = names
  if (name === undefined || module === null) return null
  return {
    at: node.start,
    why: `${name} is exported from here, and what is made with it isn't seen`,
    write: module.library === 'pg' ? POOL_BY_HAND : FETCH_BY_HAND,
  }
}

function makesClients(exported: Exported): boolean {
  return (['CallExpression', 'NewExpression'] as const).some((type) => kindOf(exported, type) !== null)
}

/** `const make = createClient`, which is followed. */
function isAlias(parent: Node): boolean {
  return parent.type === 'VariableDeclarator' && parent.id.type === 'Identifier'
}

function isValue(source: Source, parent: Node, node: Node): boolean {
  switch (parent.type) {
    case 'CallExpression':
    case 'NewExpression':
      return parent.arguments.some((one) => one === node)
    case 'VariableDeclarator':
      return parent.init === node
    case 'AssignmentExpression':
      return parent.right === node
    case 'Property':
      return parent.value === node && source.parents.get(parent)?.type === 'ObjectExpression'
    case 'PropertyDefinition':
      return parent.value === node
    case 'ArrayExpression':
      return true
    case 'ReturnStatement':
      return true
    case 'ArrowFunctionExpression':
      return parent.body === node
    case 'ConditionalExpression':
      return parent.test !== node
    case 'LogicalExpression':
      return parent.right === node
    case 'ClassDeclaration':
    case 'ClassExpression':
      return parent.superClass === node
    case 'ExportDefaultDeclaration':
      return true
    case 'ExportSpecifier':
      return parent.local === node
    default:
      return false
  }
}

/** Whether a variable, or a part of something, is this expression: by their texts, which is enough within one file. */
export function sameText(source: Source, a: Node, b: Node): boolean {
  const [first, second] = [bare(a), bare(b)]
  return source.text.slice(first.start, first.end) === source.text.slice(second.start, second.end)
}
