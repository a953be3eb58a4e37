import type { Node, Statement } from 'oxc-parser'
import { type Edit, insert, nextThing } from './edits.ts'
import type { Exported, Imported } from './imported.ts'
import { type OwnLibrary, ownSpecifier } from './libraries.ts'
import { breakAt, breakBefore, lineEnd, lineStart, type Source } from './source.ts'

/** How a file gets its half of Crossfade. */
export interface OwnImport {
  /** What crossfade is called in the file. */
  readonly name: string
  /** What has to be added for it; empty where it is there. */
  readonly edits: readonly Edit[]
}

/** Comments that must stay at the top of their file. */
const TOPMOST =
  /licen[cs]e|copyright|@preserve|@ts-(no)?check|eslint-disable(?!-(next-)?line)|@(jest|vitest)-environment|@jsx|@flow|biome-ignore-all/i

/**
 * The import of crossfade in the style of the file: after its last import, or its first requires. Null where it can't be told
 * whether the file is a module or a script. `taken` are names that other edits will use.
 */
export function ownImport(
  source: Source,
  imported: Imported,
  own: OwnLibrary,
  client: Exported,
  taken: ReadonlySet<string>,
): OwnImport | null {
  const known = knownName(source, imported, own)
  if (known !== null) return { name: known, edits: [] }
  const form = formOf(source, client)
  if (form === null) return null
  const name = freeName(source, own, taken)
  const last = form === 'import' ? lastImport(source) : lastRequire(source)
  const quote = quoteOf(source, last)
  const path = `${quote}${ownSpecifier(own, client.specifier)}${quote}`
  const isSame = name === 'crossfade'
  const text =
    form === 'import'
      ? `import { crossfade${isSame ? '' : ` as ${name}`} } from ${path}`
      : `const { crossfade${isSame ? '' : `: ${name}`} } = require(${path})`
  const semicolon = endsWithSemicolon(source, last) ? ';' : ''
  return { name, edits: [last === null ? atTop(source, text + semicolon) : after(source, last, text, semicolon)] }
}

/** The name that a person, or an earlier run, has imported it by. */
function knownName(source: Source, imported: Imported, own: OwnLibrary): string | null {
  for (const [name, places] of imported.declared) {
    for (const place of places) {
      const exported = imported.resolve(place)
      if (exported?.library === own && exported.name === 'crossfade' && exported.sure && isAtTop(source, place))
        return name
    }
  }
  return null
}

function isAtTop(source: Source, node: Node): boolean {
  for (let at = source.parents.get(node); at; at = source.parents.get(at)) {
    if (at.type === 'BlockStatement' || at.type === 'ArrowFunctionExpression') return false
  }
  return true
}

function formOf({ file, isModule }: Source, { via }: Exported): 'import' | 'require' | null {
  if (isModule || via === 'import' || /\.(mjs|mts)$/.test(file)) return 'import'
  if (via === 'require' || /\.(cjs|cts)$/.test(file)) return 'require'
  return /\.tsx?$/.test(file) ? 'import' : null
}

function freeName(source: Source, own: OwnLibrary, taken: ReadonlySet<string>): string {
  const used = new Set(taken)
  for (const node of source.nodes) if (node.type === 'Identifier' && !isMember(source, node)) used.add(node.name)
  const plain = own === 'own/pg' ? 'crossfadePool' : 'crossfadeFetch'
  let name = 'crossfade'
  for (let number = 1; used.has(name); number++) name = number === 1 ? plain : `${plain}${number}`
  return name
}

/** The `b` of `a.b`, which is nobody's name. */
function isMember(source: Source, node: Node): boolean {
  const parent = source.parents.get(node)
  return parent?.type === 'MemberExpression' && parent.property === node && !parent.computed
}

function lastImport({ program }: Source): Node | null {
  return program.body.findLast((one) => one.type === 'ImportDeclaration' || isImportEquals(one)) ?? null
}

function isImportEquals(statement: Statement | Node): boolean {
  return (
    statement.type === 'TSImportEqualsDeclaration' && statement.moduleReference.type === 'TSExternalModuleReference'
  )
}

/** The last of the requires that a script begins with: everything else runs after it. */
function lastRequire({ program }: Source): Node | null {
  let last: Node | null = null
  for (const one of program.body) {
    if (isDirective(one)) continue
    if (!requires(one)) break
    last = one
  }
  return last
}

/** `const a = require('a')`, `require('dotenv').config()` */
function requires(statement: Node): boolean {
  if (statement.type === 'ExpressionStatement') return isRequired(statement.expression)
  if (statement.type !== 'VariableDeclaration') return false
  return statement.declarations.every(({ init }) => init !== null && isRequired(init))
}

function isRequired(node: Node): boolean {
  if (node.type === 'MemberExpression') return isRequired(node.object)
  if (node.type !== 'CallExpression') return false
  return (node.callee.type === 'Identifier' && node.callee.name === 'require') || isRequired(node.callee)
}

function isDirective(statement: Node): boolean {
  return statement.type === 'ExpressionStatement' && 'directive' in statement && statement.directive != null
}

function quoteOf(source: Source, last: Node | null): string {
  const texts = source.nodes.filter((one) => one.type === 'Literal' && typeof one.value === 'string')
  const within = last === null ? [] : texts.filter((one) => one.start >= last.start && one.end <= last.end)
  const [first] = [...within, ...texts]
  return first !== undefined && source.text[first.start] === '"' ? '"' : "'"
}

function endsWithSemicolon({ program, text }: Source, last: Node | null): boolean {
  const [like = null] = last === null ? program.body : [last]
  return like !== null && text[like.end - 1] === ';'
}

/** On a line of its own below; before what else stands on the line, where that is more than a comment. */
function after({ text, comments }: Source, { end }: Node, own: string, semicolon: string): Edit {
  const stop = lineEnd(text, end)
  let rest = end
  for (;;) {
    rest = nextThing(text, rest)
    const comment = comments.find((one) => one.start === rest)
    if (comment === undefined || rest >= stop) break
    rest = comment.end
  }
  // A comment that goes on below the line, or code.
  const isAlone = rest >= stop && !comments.some((one) => one.start >= end && one.start < stop && one.end > stop)
  const newLine = breakAt(text, stop) || firstBreak(text)
  return isAlone ? insert(stop, `${newLine}${own}${semicolon}`) : insert(end, `${newLine}${own};`)
}

/** Before the first statement and what is said about it, after everything that must come first. */
function atTop(source: Source, own: string): Edit {
  const { text, comments, program } = source
  const directive = program.body.findLast(isDirective)
  const first = program.body.find((one) => !isDirective(one))
  const floor = directive?.end ?? program.hashbang?.end ?? 0
  let at = first === undefined ? text.length : lineStart(text, first.start)
  // Comments that the statement hangs on, line by line upwards.
  for (const comment of [...comments].reverse()) {
    if (comment.start < at && comment.end > at) at = lineStart(text, comment.start)
    if (comment.start < floor || comment.end > at || text.slice(comment.end, at).trim() !== '') continue
    const isApart = (text.slice(comment.end, at).match(/\n/g)?.length ?? 0) > 1
    if (isApart || TOPMOST.test(comment.value) || lineStart(text, comment.start) < floor) break
    at = lineStart(text, comment.start)
  }
  // All on one line.
  if (at < floor) return insert(floor, `${firstBreak(text)}${own}${own.endsWith(';') ? '' : ';'}`)
  return insert(at, `${own}${breakBefore(text, at) || firstBreak(text)}`)
}

function firstBreak(text: string): string {
  const end = lineEnd(text, 0)
  return breakAt(text, end) || '\n'
}
