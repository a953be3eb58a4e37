import type { Node } from 'oxc-parser'
import { type Client, sameText } from './clients.ts'
import { insert } from './edits.ts'
import type { Imported } from './imported.ts'
import { type Source, surroundings } from './source.ts'
import type { WrapResult } from './wrap-fetch.ts'

/** `crossfade(new Pool(…))`; `own` is what crossfade is called in the file. */
export function wrapPool(source: Source, imported: Imported, { node }: Client, own: string): WrapResult {
  if (isWrapped(source, imported, node)) return { is: 'wrapped' }
  return { is: 'edits', edits: [insert(node.start, `${own}(`), insert(node.end, ')')] }
}

/** `crossfade(new Pool())`, or `crossfade(pool)` of what it is kept in. */
function isWrapped(source: Source, imported: Imported, node: Node): boolean {
  const { outer, parent } = surroundings(source, node)
  if (parent === null) return false
  if (isOwnCall(imported, parent)) return parent.arguments[0] === outer
  const kept = keptIn(parent, outer)
  return (
    kept !== null &&
    source.nodes.some((one) => {
      const [first] = isOwnCall(imported, one) ? one.arguments : []
      return first !== undefined && sameText(source, first, kept)
    })
  )
}

function isOwnCall(imported: Imported, node: Node): node is Node & { type: 'CallExpression' } {
  return node.type === 'CallExpression' && imported.resolve(node.callee)?.library === 'own/pg'
}

function keptIn(parent: Node, value: Node): Node | null {
  if (parent.type === 'VariableDeclarator') return parent.id
  return parent.type === 'AssignmentExpression' && parent.right === value ? parent.left : null
}
