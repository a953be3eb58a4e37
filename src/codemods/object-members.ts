import type { Node, ObjectProperty } from 'oxc-parser'
import { type Edit, insert, nextThing, nextToken, remove } from './edits.ts'
import { breakBefore, lineStart, type Source } from './source.ts'

export type ObjectNode = Node & { readonly type: 'ObjectExpression' }

/** A member by its name, and whether it is sure that it is the one that counts: the last, and no spread after it. */
export type FoundMember =
  | { readonly is: 'member'; readonly member: ObjectProperty }
  /** A spread or a computed name may bring it. */
  | { readonly is: 'unsure' }
  | { readonly is: 'none' }

export function findMember(object: ObjectNode, name: string): FoundMember {
  for (const one of [...object.properties].reverse()) {
    if (one.type !== 'Property' || one.computed) return { is: 'unsure' }
    if (nameOf(one) === name) return { is: 'member', member: one }
  }
  return { is: 'none' }
}

/** The member of an object that a node is; null for anything else, the part of a pattern too. */
export function asMember({ parents }: Source, node: Node | null): ObjectProperty | null {
  if (node?.type !== 'Property') return null
  return parents.get(node)?.type === 'ObjectExpression' ? (node as ObjectProperty) : null
}

/** Null where it is computed. */
export function nameOf(property: ObjectProperty): string | null {
  const { key } = property
  if (property.computed) return null
  if (key.type === 'Identifier') return key.name
  return key.type === 'Literal' ? String(key.value) : null
}

/**
 * Puts a member before all others, in the way that the object is written. An object that is empty is left without blanks and
 * with a comma (`{fetch: …,}`), so that it can be told from one that was made for the member.
 */
export function insertMember({ text }: Source, object: ObjectNode, member: string): Edit {
  const open = object.start + 1
  if (object.properties.length === 0) return insert(open, `${member},`)
  const blank = text.slice(open, nextThing(text, open))
  if (blank === '') return insert(open, `${member}, `)
  const line = blank.lastIndexOf('\n')
  return insert(open, `${line === -1 ? blank : blank.slice(blank[line - 1] === '\r' ? line - 1 : line)}${member},`)
}

/** Takes a member out of an object that has others, or that was there before it: see `wasMadeFor`. */
export function removeMember(source: Source, object: ObjectNode, member: ObjectProperty): Edit[] {
  const { text } = source
  const { properties } = object
  const index = properties.indexOf(member)
  const after = nextToken(source, member.end)
  const end = text[after] === ',' ? after + 1 : member.end
  const previous = properties[index - 1]
  if (previous !== undefined) {
    if (properties[index + 1] === undefined) return remove(source, previous.end, member.end)
    return remove(source, nextToken(source, previous.end) + 1, end)
  }
  if (properties.length === 1) return remove(source, member.start, end)
  const open = object.start + 1
  if (open !== member.start) return remove(source, open, end)
  return remove(source, open, text[end] === ' ' ? end + 1 : end)
}

/** Whether an object holds nothing but this member, and was made for it. */
export function wasMadeFor({ text }: Source, object: ObjectNode, member: ObjectProperty): boolean {
  if (object.properties.length !== 1) return false
  return !(text[member.start - 1] === '{' && text[member.end] === ',')
}

/** What stands between two arguments of a call, or members: a line break with the indentation, or a blank. */
export function separatorBefore({ text }: Source, node: Node): string {
  const start = lineStart(text, node.start)
  const indentation = text.slice(start, node.start)
  const isOnOwnLine = start > 0 && indentation.trim() === ''
  return isOnOwnLine ? breakBefore(text, start) + indentation : ' '
}
