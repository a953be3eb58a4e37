import type { Node } from 'oxc-parser'
import type { Unsure } from './clients.ts'
import { type Edit, remove } from './edits.ts'
import type { Imported } from './imported.ts'
import { breakAt, breakBefore, lineEnd, lineStart, type Source } from './source.ts'

/** Takes out the imports of crossfade that nothing uses but calls that are gone; says of the others where they are used. */
export function removeImports(
  source: Source,
  imported: Imported,
  gone: ReadonlySet<Node>,
): { readonly edits: readonly Edit[]; readonly unsure: readonly Unsure[] } {
  const edits: Edit[] = []
  const unsure: Unsure[] = []
  for (const [name, places] of imported.declared) {
    for (const place of places) {
      const exported = imported.resolve(place)
      if (exported?.name !== 'crossfade' || !exported.library.startsWith('own/')) continue
      const uses = source.nodes.filter((node) => isUse(source, node, name, places))
      const kept = uses.find((node) => !gone.has(node))
      if (uses.length > 0 && kept === undefined) edits.push(...takeOut(source, place, edits.at(-1)?.end ?? 0))
      else if (kept !== undefined && !isCallee(source, kept))
        unsure.push({ at: kept.start, why: `${name} is used here in a way of its own`, write: 'the code without it' })
    }
  }
  return { edits, unsure }
}

/** The name as a value: neither where it is declared, nor the member or the key of something. */
function isUse(source: Source, node: Node, name: string, places: readonly Node[]): boolean {
  if (node.type !== 'Identifier' || node.name !== name || places.includes(node)) return false
  const parent = source.parents.get(node)
  if (parent?.type === 'MemberExpression') return parent.object === node || parent.computed
  if (parent?.type === 'Property') return parent.value === node || parent.computed
  return parent?.type !== 'ImportSpecifier'
}

/** Of a call that stays, and that has been told already. */
function isCallee(source: Source, node: Node): boolean {
  const parent = source.parents.get(node)
  return parent?.type === 'CallExpression' && parent.callee === node
}

/** The import, or what of it brings this name. */
function takeOut(source: Source, place: Node, takenTo: number): Edit[] {
  const member = source.parents.get(place)
  const list = member && source.parents.get(member)
  if (member === undefined || list === undefined) return []
  if (list.type === 'ImportDeclaration')
    return list.specifiers.length === 1
      ? takeStatement(source, list, takenTo)
      : takeFromList(source, list.specifiers, member)
  if (list.type !== 'ObjectPattern') return []
  if (list.properties.length > 1) return takeFromList(source, list.properties, member)
  const declarator = source.parents.get(list)
  const statement = declarator && source.parents.get(declarator)
  return statement?.type === 'VariableDeclaration' && statement.declarations.length === 1
    ? takeStatement(source, statement, takenTo)
    : []
}

function takeFromList(source: Source, list: readonly Node[], member: Node): Edit[] {
  const index = list.indexOf(member)
  const next = list[index + 1]
  if (next !== undefined) return remove(source, member.start, next.start)
  const previous = list[index - 1]
  return previous === undefined ? [] : remove(source, previous.end, member.end)
}

/** With its line, where nothing else stands on it: what is left is as if it had never been there. */
function takeStatement({ text, comments }: Source, { start, end }: Node, takenTo: number): Edit[] {
  const from = lineStart(text, start)
  const stop = lineEnd(text, end)
  const only = [{ start, end, text: '' }]
  if (text.slice(from, start).trim() !== '') return only
  const rest = text.slice(end, stop).trim()
  // The break above may have gone with the import there.
  const above = from > takenTo ? breakBefore(text, from) : ''
  if (above === '') return rest === '' ? [{ start: from, end: stop + breakAt(text, stop).length, text: '' }] : only
  if (rest === '') return [{ start: from - above.length, end: stop, text: '' }]
  // Something else goes on in the line: it goes up, unless it would become part of what stands there.
  const top = from - above.length
  const isCommented = comments.some((one) => one.type === 'Line' && one.end === top)
  const line = text.slice(lineStart(text, top), top).trimEnd()
  const mayFollow = comments.some((one) => one.start === end + text.slice(end).search(/\S/)) || /[;}]$/.test(line)
  return isCommented || !mayFollow ? only : [{ start: top, end, text: '' }]
}
