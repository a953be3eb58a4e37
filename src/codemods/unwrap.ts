import type { Node, ObjectProperty } from 'oxc-parser'
import { type Changed, NOTHING, type Place, unparsed } from './changed.ts'
import type { Unsure } from './clients.ts'
import { applyEdits, type Edit, hasComment, nextToken, remove } from './edits.ts'
import { findImported } from './imported.ts'
import { asMember, nameOf, type ObjectNode, removeMember, wasMadeFor } from './object-members.ts'
import { removeImports } from './remove-import.ts'
import { bare, lineOf, parseText, type Source, surroundings } from './source.ts'

type Call = Node & { readonly type: 'CallExpression' }

/**
 * Takes out what `wrapText` has put in, and the same where a person wrote it: by the tree, so that what has been edited
 * meanwhile stays. A text that nobody has edited is as it was, to the byte.
 */
export function unwrapText(file: string, text: string): Changed {
  const { source, error } = parseText(file, text)
  if (source === null) return unparsed(text, error)
  const imported = findImported(source)
  const [clients, edits, unsure]: [Place[], Edit[], Unsure[]] = [[], [], []]
  const gone = new Set<Node>()
  for (const node of source.nodes) {
    if (node.type !== 'CallExpression') continue
    const exported = imported.resolve(node.callee)
    if (exported?.name !== 'crossfade') continue
    const taken = exported.library === 'own/pg' ? takePool(source, node) : takeFetch(source, node)
    if ('why' in taken) {
      unsure.push({ at: node.start, ...taken })
      continue
    }
    gone.add(node.callee)
    edits.push(...taken.edits)
    clients.push({ line: lineOf(text, node.start), what: exported.library === 'own/pg' ? 'pool' : 'fetch' })
  }
  const left = removeImports(source, imported, gone)
  edits.push(...left.edits)
  const told = [...unsure, ...left.unsure].map(({ at, why, write }) => ({ line: lineOf(text, at), why, write }))
  const result = { text: applyEdits(text, edits), edits, clients, done: [], unsure: told }
  const { error: broken } = parseText(file, result.text)
  if (broken === null) return result
  const why = `it could not be taken out: ${broken} would be wrong then`
  return { ...NOTHING, text, unsure: clients.map(({ line }) => ({ line, why, write: 'it without crossfade()' })) }
}

type Taken = { readonly edits: readonly Edit[] } | Omit<Unsure, 'at'>

function takePool(source: Source, call: Call): Taken {
  const [pool, ...others] = call.arguments
  if (pool === undefined || pool.type === 'SpreadElement' || others.length > 0)
    return { why: 'it has options that you gave it', write: textOf(source, pool) }
  const { parent, outer } = surroundings(source, call)
  if (parent?.type === 'ExpressionStatement' && bare(pool).type === 'Identifier')
    return { why: 'it is a statement of its own', write: 'the file without that line' }
  const isHead =
    (parent?.type === 'MemberExpression' && parent.object === outer) ||
    ((parent?.type === 'CallExpression' || parent?.type === 'NewExpression') && parent.callee === outer)
  const keeps =
    hasComment(source, call.start, pool.start) ||
    hasComment(source, pool.end, call.end) ||
    !isSimple(source, pool, isHead)
  if (!keeps) return { edits: [...remove(source, call.start, pool.start), ...remove(source, pool.end, call.end)] }
  if (mayContinue(source, call)) return { why: 'it begins a statement', write: textOf(source, pool) }
  const comma = nextToken(source, pool.end)
  const trailing = source.text[comma] === ',' ? remove(source, comma, comma + 1) : []
  return { edits: [...remove(source, call.start, call.callee.end), ...trailing] }
}

/** Whether a parenthesis in its place could be taken for arguments of what stands above it. */
function mayContinue({ program, nodes, text }: Source, { start }: Node): boolean {
  const begins = nodes.some((one) => one.type === 'ExpressionStatement' && one.start === start)
  return begins && start > program.start && !/[;{}]\s*$/.test(text.slice(0, start))
}

/** Whether an expression means the same without parentheses, whatever stands around it. */
function isSimple(source: Source, node: Node, isHead: boolean): boolean {
  switch (node.type) {
    case 'Identifier':
    case 'MemberExpression':
    case 'CallExpression':
    case 'ThisExpression':
    case 'ParenthesizedExpression':
      return true
    case 'NewExpression':
      return !isHead || source.text[node.end - 1] === ')'
    default:
      return false
  }
}

function takeFetch(source: Source, call: Call): Taken {
  const { outer, parent } = surroundings(source, call)
  const member = asMember(source, parent)
  if (member === null || member.value !== outer || nameOf(member) !== 'fetch')
    return { why: 'it is not where a client gets its fetch', write: 'the client without it' }
  const [given, ...others] = call.arguments
  const options = given === undefined ? null : bare(given)
  const known = options?.type === 'ObjectExpression' ? membersOf(options, ['url', 'key', 'fetch']) : null
  if (known === null || others.length > 0)
    return { why: 'it has options that you gave it', write: 'the client without it' }
  const theirs = known.get('fetch')
  if (theirs !== undefined) {
    if (theirs.shorthand && member.key.type === 'Identifier')
      return { edits: remove(source, member.key.end, member.end) }
    return {
      edits: [...remove(source, outer.start, theirs.value.start), ...remove(source, theirs.value.end, outer.end)],
    }
  }
  return { edits: takeMember(source, member) }
}

/** The members by their names; null where there are others, or what isn't plain. */
function membersOf(object: ObjectNode, names: readonly string[]): Map<string, ObjectProperty> | null {
  const members = new Map<string, ObjectProperty>()
  for (const one of object.properties) {
    const name = one.type === 'Property' && one.kind === 'init' && !one.method ? nameOf(one) : null
    if (one.type !== 'Property' || name === null || !names.includes(name)) return null
    members.set(name, one)
  }
  return members
}

/** Takes out a member, and the object around it where that was made for it: up to the argument of the call. */
function takeMember(source: Source, member: ObjectProperty): Edit[] {
  const object = source.parents.get(member)
  if (object?.type !== 'ObjectExpression') return []
  const { outer, parent } = surroundings(source, object)
  const spread = spreadFor(object, member)
  if (spread !== null && isArgument(parent, outer))
    return [...remove(source, outer.start, spread.start), ...remove(source, spread.end, outer.end)]
  if (!wasMadeFor(source, object, member)) return removeMember(source, object, member)
  const around = asMember(source, parent)
  if (around !== null && nameOf(around) === 'global') return takeMember(source, around)
  if (!isArgument(parent, outer)) return removeMember(source, object, member)
  const index = (parent.arguments as readonly Node[]).indexOf(outer)
  const before = parent.arguments[index - 1]
  return before === undefined || index < parent.arguments.length - 1
    ? removeMember(source, object, member)
    : remove(source, before.end, outer.end)
}

/** Of `{ ...options, global: { … } }` the options. */
function spreadFor({ properties }: ObjectNode, member: ObjectProperty): Node | null {
  const [first, second, ...others] = properties
  if (first?.type !== 'SpreadElement' || second !== member || others.length > 0) return null
  return nameOf(member) === 'global' && first.argument.type === 'Identifier' ? first.argument : null
}

function isArgument(parent: Node | null, node: Node): parent is Node & { type: 'CallExpression' | 'NewExpression' } {
  return (
    (parent?.type === 'CallExpression' || parent?.type === 'NewExpression') &&
    parent.arguments.some((one) => one === node)
  )
}

function textOf(source: Source, node: Node | undefined): string {
  return node === undefined ? 'the file without it' : source.text.slice(node.start, node.end)
}
