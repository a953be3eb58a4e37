import type { Operation } from '../interaction.ts'
import { type FilledText, holdsHole, holeOfParameter, type Piece, withoutHoles } from './fill-holes.ts'
import { walkStatement } from './statement.ts'
import { tokensOf, wordOf } from './tokens.ts'
import { addGap, type Gap, type Parameter, type Touch, type Walk } from './touch.ts'

/** Where something of the filled text is said to stand. */
export type PlaceOf = (offset: number) => number

/**
 * Walks a text whose holes are filled. What a hole hides is said: a table whose name is one becomes a gap, the columns
 * of a statement with an unknown clause aren't known.
 */
export function walkFilled(filled: FilledText, walk: Walk, place: PlaceOf): void {
  const { parsed, pieces, text } = filled
  if ('message' in parsed) {
    const unknown = pieces.find((piece) => piece.part.kind === 'unknown')
    addGap(walk, place(parsed.offset), failure(parsed.message, unknown), {
      operation: operationOf(text),
      origin: unknown && originOf(unknown),
      isUnparsed: true,
    })
    return
  }
  const [first] = pieces.filter((piece) => piece.part.kind === 'unknown')
  if (parsed.statements.length === 0 && first) addHole(walk, 'the statement', first, place)
  for (const [at, { node, start }] of parsed.statements.entries()) {
    const end = parsed.statements[at + 1]?.start ?? text.length
    const inside: Walk = {
      ...walk,
      touches: [],
      parameter: (number) => parameterOf(number, filled, walk),
      indexOf: (byte) => parsed.indexOf(byte),
    }
    walkStatement(node, text.slice(start, end), start, inside)
    if (inside.unsure) walk.unsure = true
    const [from, to] = [at === 0 ? 0 : start, end === text.length ? end + 1 : end]
    const open = pieces.filter((piece) => isOpen(piece) && piece.start >= from && piece.start < to)
    for (const touch of inside.touches) {
      if (open.length > 0) touch.known = false
      keep(touch, filled, walk, place)
    }
    const hiding = open.find((piece) => mayHideTables(text, piece))
    if (hiding) addHole(walk, 'a part of the statement', hiding, place)
  }
}

function keep(touch: Touch, { pieces, text }: FilledText, walk: Walk, place: PlaceOf): void {
  if (!holdsHole(touch.table)) {
    const name = touch.schema === null ? touch.offset : touch.offset + lengthOfSchema(text.slice(touch.offset))
    const piece = pieces.find((one) => one.start <= name && name < one.end)
    const schema =
      touch.schema !== null && holdsHole(touch.schema) ? ({ schema: null, isSchemaOpen: true } as const) : {}
    walk.touches.push({ ...touch, ...schema, offset: place(touch.offset), origin: piece && originOf(piece) })
    return
  }
  const piece = pieces[Number(/__hole(\d+)__/.exec(touch.table)?.[1])]
  const isTable = /^__hole\d+__$/.test(touch.table)
  const what = isTable ? 'the name of the table' : `the name of the table, "${withoutHoles(touch.table)}",`
  if (piece) addHole(walk, what, piece, place, { operation: touch.operation, isTable, routine: touch.routine })
}

/** Who hands the schema in doesn't name the table. */
function lengthOfSchema(text: string): number {
  return /^(?:"(?:[^"]|"")*"|[^\s."]+)\s*\.\s*/.exec(text)?.[0].length ?? 0
}

function addHole(walk: Walk, what: string, piece: Piece, place: PlaceOf, more: Partial<Gap> = {}): void {
  addGap(walk, place(piece.start), notKnown(what, piece), { origin: originOf(piece), ...more })
}

function originOf({ part }: Piece): unknown {
  return 'origin' in part ? part.origin : undefined
}

function notKnown(what: string, piece: Piece): string {
  return piece.part.kind === 'unknown' ? `${what} is not known: ${piece.part.reason}` : `${what} is a parameter`
}

function failure(message: string, unknown: Piece | undefined): string {
  return unknown?.part.kind === 'unknown'
    ? `the statement is put together from parts that are not known: ${unknown.part.reason}`
    : `the SQL doesn't parse: ${withoutHoles(message).replace(/\$3\d{4}/g, '…')}`
}

function parameterOf(number: number, { pieces }: FilledText, walk: Walk): Parameter {
  const hole = holeOfParameter(number)
  if (hole === null) return walk.parameter(number)
  const part = pieces[hole]?.part
  if (part?.kind === 'parameter') return { literals: part.literals, isFragment: false }
  return { literals: [], isFragment: part?.kind === 'unknown' }
}

/** A clause of which nothing is known. */
function isOpen(piece: Piece): boolean {
  return piece.part.kind === 'unknown' && ['nothing', 'assignment', 'row'].includes(piece.filling ?? '')
}

/** Whether it can only stand for something that names tables: before a WHERE or a JOIN, or before the statement. */
function mayHideTables(text: string, piece: Piece): boolean {
  if (piece.filling !== 'nothing') return false
  const tokens = tokensOf(text)
  const next = wordOf(
    text,
    tokens.find((token) => token.start >= piece.end),
  )
  const before = tokens.filter((token) => token.end <= piece.start).map((token) => wordOf(text, token))
  if (before.length === 0) return true
  const isBehindWhere = before.lastIndexOf('where') > before.lastIndexOf('from')
  return !isBehindWhere && before.includes('from') && BEFORE_JOIN.has(next)
}

const BEFORE_JOIN = new Set(['where', 'join', 'left', 'right', 'inner', 'full', 'cross', 'natural'])

const OPERATIONS: Readonly<Record<string, Operation>> = {
  select: 'select',
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  truncate: 'truncate',
  create: 'ddl',
  alter: 'ddl',
  drop: 'ddl',
}

/** What a text that doesn't parse begins with, where that is certain. */
function operationOf(text: string): Operation | null {
  return OPERATIONS[wordOf(text, tokensOf(text)[0])] ?? null
}
