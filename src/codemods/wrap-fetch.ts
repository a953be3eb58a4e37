import type { Node, ObjectProperty } from 'oxc-parser'
import type { Client, Unsure } from './clients.ts'
import { type Edit, insert } from './edits.ts'
import type { Imported } from './imported.ts'
import { findMember, insertMember, nameOf, type ObjectNode, separatorBefore } from './object-members.ts'
import { isPlain } from './plain-expression.ts'
import { bare, lineOf, type Source } from './source.ts'

export type WrapResult =
  | { readonly is: 'edits'; readonly edits: readonly Edit[] }
  | { readonly is: 'wrapped' }
  | { readonly is: 'unsure'; readonly unsure: Unsure }

/** `global: { fetch: crossfade({ url, key }) }` in the options of a client; `own` is what crossfade is called in the file. */
export function wrapFetch(source: Source, imported: Imported, client: Client, own: string): WrapResult {
  const [url, key, options, ...others] = client.node.arguments
  const unsure = (why: string, write: string): WrapResult => ({
    is: 'unsure',
    unsure: { at: client.node.start, why, write },
  })
  if (url === undefined || key === undefined || others.length > 0 || client.node.arguments.some(isSpread))
    return unsure(
      'its arguments are not a URL, a key and options, one by one',
      `${own}({ url, key }) as global.fetch of its options`,
    )
  if (options !== undefined && isWrappedIn(source, imported, options)) return { is: 'wrapped' }
  const names = { url: source.text.slice(url.start, url.end), key: source.text.slice(key.start, key.end) }
  for (const [name, node] of [['url', url] as const, ['key', key] as const])
    if (!isPlain(node))
      return unsure(
        `its ${name} is ${shorten(names[name])}, which would run twice`,
        `const ${name} = ${shorten(names[name])} before it, then crossfade codemod wrap again`,
      )
  const given = `${member('url', names.url)}, ${member('key', names.key)}`
  const wrapped = `${own}({ ${given} })`
  // What is told goes to logs; a key that stands in the code need not.
  const hidden = `${member('url', hide(url, names.url))}, ${member('key', hide(key, names.key))}`
  const edits = (...list: Edit[]): WrapResult => ({ is: 'edits', edits: list })
  if (options === undefined)
    return edits(insert(key.end, `,${separatorBefore(source, key)}{ global: { fetch: ${wrapped} } }`))

  const object = bare(options)
  if (object.type === 'Identifier') {
    const kept = keptObject(source, imported, object.name)
    if (kept.why !== null || object !== options)
      return unsure(
        kept.why ?? 'its options are cast to another type',
        `{ ...${object.name}, global: { ...${object.name}?.global, fetch: ${own}({ ${hidden}, fetch: ${object.name}?.global?.fetch }) } }`,
      )
    return edits(insert(object.start, '{ ...'), insert(object.end, `, global: { fetch: ${wrapped} } }`))
  }
  if (object.type !== 'ObjectExpression')
    return unsure(
      'its options are neither an object that is written there nor the name of one',
      `global: { fetch: ${own}({ ${hidden} }) } among them`,
    )
  const global = findMember(object, 'global')
  if (global.is === 'none') return edits(insertMember(source, object, `global: { fetch: ${wrapped} }`))
  if (global.is === 'unsure')
    return unsure(
      'what is spread into its options may have global, too',
      `global: { …, fetch: ${own}({ ${hidden} }) } after what is spread, with what that has`,
    )
  const settings = bare(global.member.value)
  if (settings.type !== 'ObjectExpression')
    return unsure('its global is not an object that is written there', `fetch: ${own}({ ${hidden} }) in it`)
  const fetch = findMember(settings, 'fetch')
  if (fetch.is === 'none') return edits(insertMember(source, settings, `fetch: ${wrapped}`))
  if (fetch.is === 'unsure' || fetch.member.kind !== 'init' || fetch.member.method)
    return unsure(
      fetch.is === 'unsure' ? 'what is spread into its global may have fetch, too' : 'its fetch is a method',
      `fetch: ${own}({ ${hidden}, fetch: … }) in its place, with that one`,
    )
  return edits(...wrapGiven(fetch.member, own, given))
}

/** A fetch of theirs stays what sends the requests. */
function wrapGiven({ shorthand, value }: ObjectProperty, own: string, given: string): Edit[] {
  if (shorthand) return [insert(value.end, `: ${own}({ ${given}, fetch })`)]
  return [insert(value.start, `${own}({ ${given}, fetch: `), insert(value.end, ' })')]
}

/** `url`, where the variable has that name. */
function member(name: string, text: string): string {
  return text === name ? name : `${name}: ${text}`
}

function hide(node: Node, text: string): string {
  return bare(node).type === 'Literal' ? "'…'" : shorten(text)
}

/** The object that a name stands for all over the file, where it can be spread with nothing lost; or why not. */
function keptObject(source: Source, imported: Imported, name: string): { why: string | null } {
  const object = initialObject(source, imported, name)
  if (object === null) return { why: `its options are handed in as ${name}, and what they are isn't seen here` }
  const found = findMember(object, 'global')
  const line = lineOf(source.text, object.start)
  if (found.is === 'member') return { why: `${name} (line ${line}) has global of its own` }
  if (found.is === 'unsure') return { why: `what is spread into ${name} (line ${line}) may have global` }
  const changed = source.nodes.some(
    (node) => node.type === 'AssignmentExpression' && rootName(node.left) === name && node.left.type !== 'Identifier',
  )
  return { why: changed ? `${name} is changed after it was made` : null }
}

function rootName(node: Node): string | null {
  const inner = bare(node)
  if (inner.type === 'MemberExpression') return rootName(inner.object)
  return inner.type === 'Identifier' ? inner.name : null
}

/** What a `const` that is declared once in the file was made as. */
function initialValue(source: Source, imported: Imported, name: string): Node | null {
  const [place, ...others] = imported.declared.get(name) ?? []
  const declarator = place && source.parents.get(place)
  if (place === undefined || others.length > 0 || declarator?.type !== 'VariableDeclarator') return null
  const declaration = source.parents.get(declarator)
  const isConst = declaration?.type === 'VariableDeclaration' && declaration.kind === 'const'
  return isConst && declarator.id === place && declarator.init !== null ? bare(declarator.init) : null
}

function initialObject(source: Source, imported: Imported, name: string): ObjectNode | null {
  const value = initialValue(source, imported, name)
  return value?.type === 'ObjectExpression' ? value : null
}

/** Whether the fetch of these options is one of crossfade()'s already. */
function isWrappedIn(source: Source, imported: Imported, options: Node): boolean {
  const object = objectOf(source, imported, options)
  const global = object && memberValue(object, 'global')
  const settings = global ? objectOf(source, imported, global) : null
  const fetch = settings && memberValue(settings, 'fetch')
  if (!fetch) return false
  const made = bare(fetch)
  const value = made.type === 'Identifier' ? initialValue(source, imported, made.name) : made
  return value?.type === 'CallExpression' && imported.resolve(value.callee)?.library === 'own/supabase'
}

function objectOf(source: Source, imported: Imported, node: Node): ObjectNode | null {
  const object = bare(node)
  if (object.type === 'ObjectExpression') return object
  return object.type === 'Identifier' ? initialObject(source, imported, object.name) : null
}

function memberValue(object: ObjectNode, name: string): Node | null {
  for (const one of [...object.properties].reverse())
    if (one.type === 'Property' && nameOf(one) === name) return one.value
  return null
}

function isSpread(node: Node): boolean {
  return node.type === 'SpreadElement'
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 59)}…` : line
}
