import type { Node } from 'libpg-query'
import { noteCall } from './calls.ts'
import { walkDefinition } from './definition.ts'
import { pathOf, walkExpression } from './expression.ts'
import { fillHoles } from './fill-holes.ts'
import { parseText } from './parser.ts'
import { walkQuery } from './query.ts'
import { walkDo, walkRoutine } from './routine.ts'
import { openScope } from './scope.ts'
import type { SqlText } from './sql-text.ts'
import { addGap, openTouch, type Walk } from './touch.ts'
import { walkFilled } from './walk-filled.ts'
import { walkCopied } from './write.ts'

/** Walks one statement. `text` is its own text, which begins at `start` of the text that the walk counts in. */
export function walkStatement(node: Node, text: string, start: number, walk: Walk): void {
  if ('CreateFunctionStmt' in node) walkRoutine(node.CreateFunctionStmt, text, start, walk)
  else if ('DoStmt' in node) walkDo(node.DoStmt.args, text, start, walk)
  else if ('CopyStmt' in node) {
    const { relation, query, attlist, is_from, whereClause } = node.CopyStmt
    if (relation) walkCopied(relation, pathOf(attlist), is_from ?? false, whereClause, walk)
    else walkQuery(query, null, walk)
  } else if ('TruncateStmt' in node) {
    for (const relation of node.TruncateStmt.relations ?? [])
      if ('RangeVar' in relation) openTouch(walk, relation.RangeVar, 'truncate')
  } else if ('CallStmt' in node && node.CallStmt.funccall) {
    noteCall(node.CallStmt.funccall, 'call', walk)
    walkExpression(node.CallStmt.funccall.args, openScope(null), 'read', walk)
  } else if ('ExplainStmt' in node) walkInner(node.ExplainStmt.query, text, start, walk)
  else if ('PrepareStmt' in node) walkInner(node.PrepareStmt.query, text, start, walk)
  else if ('DeclareCursorStmt' in node) walkInner(node.DeclareCursorStmt.query, text, start, walk)
  else if (isQuery(node)) walkQuery(node, null, walk)
  else walkDefinition(node, text, start, walk)
}

function walkInner(node: Node | undefined, text: string, start: number, walk: Walk): void {
  if (node) walkStatement(node, text, start, walk)
}

function isQuery(node: Node): boolean {
  return ['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt'].some((kind) => kind in node)
}

/**
 * Walks SQL that stands inside of a statement (a body, a part of one). `prefix` makes a statement of an expression;
 * `offset` is where the text begins in the text that the walk counts in.
 */
export function walkNested(text: string, offset: number, walk: Walk, prefix = ''): void {
  const parsed = parseText(prefix + text)
  if ('message' in parsed) {
    addGap(walk, offset, `the SQL in it doesn't parse: ${parsed.message}`)
    return
  }
  const base = offset - prefix.length
  const inside: Walk = { ...walk, indexOf: (byte) => base + parsed.indexOf(byte) }
  for (const [at, { node, start }] of parsed.statements.entries()) {
    const end = parsed.statements[at + 1]?.start
    walkStatement(node, (prefix + text).slice(start, end), base + start, inside)
  }
  if (inside.unsure) walk.unsure = true
}

/** Walks text that SQL itself puts together. All of it is said to stand at `offset`. */
export function walkPieces(text: SqlText, offset: number, walk: Walk): void {
  walkFilled(fillHoles(text), { ...walk, indexOf: () => offset }, () => offset)
}
