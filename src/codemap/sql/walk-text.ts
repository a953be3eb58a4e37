import { type Definition, EMPTY_CATALOG, type SqlCatalog } from './catalog.ts'
import { type FilledText, fillHoles, sourceOffset } from './fill-holes.ts'
import type { SqlSettings } from './parse-statements.ts'
import { keyOfParameters, keyOfText, type SqlPart, type SqlText } from './sql-text.ts'
import { nextToken } from './tokens.ts'
import type { Gap, Touch, Walk } from './touch.ts'
import { walkFilled } from './walk-filled.ts'

export type TransactionStep = 'begin' | 'end'

/** What the walk of a text without choices has found. */
export interface TextWalk {
  readonly touches: readonly Touch[]
  readonly gaps: readonly Gap[]
  readonly definitions: readonly Definition[]
  /** Of several statements the last one counts: `begin; …` leaves a transaction open, `begin; … commit` doesn't. */
  readonly transaction: TransactionStep | null
  readonly unsure: boolean
}

/** A statement of a longer text: where it begins in it, and the parts of the text that its parts were. */
interface Statement {
  readonly text: SqlText
  readonly offset: number
}

/**
 * Walks a text without choices, statement by statement: a script of sixty statements comes in as many forms as its first
 * has, and the others are the same in all of them. Origins are numbers of leaves, reasons are those numbers in braces.
 */
export function walkText(text: SqlText, settings: SqlSettings): TextWalk {
  const walks = splitStatements(text).map((one) => walkOnce(one, settings))
  // What was cut where no statement ends: the body of a function in SQL.
  if (walks.length > 1 && !walks.every(isParsed)) return walkWhole(text, settings)
  return {
    touches: walks.flatMap((walk) => walk.touches),
    gaps: walks.flatMap((walk) => walk.gaps),
    definitions: walks.flatMap((walk) => walk.definitions),
    transaction: walks.findLast((walk) => walk.transaction !== null)?.transaction ?? null,
    unsure: walks.some((walk) => walk.unsure),
  }
}

export function isParsed({ gaps }: TextWalk): boolean {
  return !gaps.some((gap) => gap.isUnparsed)
}

const REMEMBERED = new WeakMap<SqlCatalog, Map<string, TextWalk>>()
const MOST_REMEMBERED = 10_000

function walkOnce({ text, offset }: Statement, settings: SqlSettings): TextWalk {
  if (typeof settings.parameters === 'function') return moved(walkWhole(text, settings), offset, (leaf) => leaf)
  const catalog = settings.catalog ?? EMPTY_CATALOG
  const remembered = REMEMBERED.get(catalog) ?? new Map<string, TextWalk>()
  REMEMBERED.set(catalog, remembered)
  const isNumbered = text.some((part) => part.kind === 'words' && /\$\d/.test(part.text))
  const key = keyOfText(text, isNumbered ? keyOfParameters(settings.parameters) : '')
  const known = remembered.get(key)
  const walk = known ?? walkWhole(text.map(numbered), settings)
  if (!known) {
    if (remembered.size >= MOST_REMEMBERED) remembered.clear()
    remembered.set(key, walk)
  }
  return moved(walk, offset, (leaf) => originOf(text[leaf]))
}

function numbered(part: SqlPart, origin: number): SqlPart {
  if (part.kind === 'words') return { ...part, origin }
  return part.kind === 'unknown' ? { ...part, origin, reason: `{${origin}}` } : part
}

function originOf(part: SqlPart | undefined): unknown {
  return part && 'origin' in part ? part.origin : undefined
}

/** The same walk in a text in which the statement begins at `offset`, and in which its leaves have other numbers. */
function moved(walk: TextWalk, offset: number, originOfLeaf: (leaf: number) => unknown): TextWalk {
  const move = <Found extends Touch | Gap>(one: Found): Found => ({
    ...one,
    offset: one.offset + offset,
    origin: typeof one.origin === 'number' ? originOfLeaf(one.origin) : undefined,
  })
  const reasonIn = (reason: string): string =>
    reason.replace(/\{(\d+)\}/g, (_, leaf) => `{${originOfLeaf(Number(leaf))}}`)
  return {
    ...walk,
    touches: walk.touches.map(move),
    gaps: walk.gaps.map((gap) => ({ ...move(gap), reason: reasonIn(gap.reason) })),
  }
}

function walkWhole(text: SqlText, { catalog = EMPTY_CATALOG, parameters }: SqlSettings): TextWalk {
  const filled = fillHoles(text)
  const walk: Walk = {
    catalog,
    touches: [],
    gaps: [],
    definitions: [],
    variables: new Set(),
    parameter: (number) => ({
      literals: (typeof parameters === 'function' ? parameters(number) : parameters?.[number - 1]) ?? [],
      isFragment: false,
    }),
    indexOf: (byte) => byte,
    routine: null,
    unsure: false,
  }
  walkFilled(filled, walk, (offset) => sourceOffset(filled, offset))
  const { touches, gaps, definitions, unsure } = walk
  return { touches, gaps, definitions, transaction: transactionIn(filled), unsure }
}

function transactionIn({ parsed }: FilledText): TransactionStep | null {
  const statements = 'message' in parsed ? [] : parsed.statements
  let last: TransactionStep | null = null
  for (const { node } of statements) {
    const kind = 'TransactionStmt' in node ? node.TransactionStmt.kind : undefined
    if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') last = 'begin'
    if (kind === 'TRANS_STMT_COMMIT' || kind === 'TRANS_STMT_ROLLBACK') last = 'end'
  }
  return last
}

/** Stands for a hole while the text around it is looked at. */
const HOLE = '\u0001'

/** The text cut behind each semicolon outside of quotes and parentheses. */
function splitStatements(text: SqlText): Statement[] {
  const whole = text.map((part) => (part.kind === 'words' ? part.text : HOLE)).join('')
  if (!whole.includes(';')) return [{ text, offset: 0 }]
  const ends = endsIn(whole)
  const statements: Statement[] = []
  let from = 0
  for (const end of ends) {
    const parts = cut(text, from, end)
    if (nextToken(whole, from) !== null && parts.some(maySay)) statements.push({ text: parts, offset: from })
    from = end
  }
  return statements.length > 0 ? statements : [{ text, offset: 0 }]
}

/** Whether it may be a statement, or part of one. */
function maySay(part: SqlPart): boolean {
  return part.kind === 'words' ? !/^[\s;]*$/.test(part.text) : part.kind === 'unknown' && !part.more
}

function endsIn(whole: string): number[] {
  const ends: number[] = []
  let depth = 0
  for (let token = nextToken(whole, 0); token !== null; token = nextToken(whole, token.end)) {
    const sign = whole[token.start]
    if (token.kind !== 'mark') continue
    if (sign === '(') depth += 1
    else if (sign === ')') depth -= 1
    else if (sign === ';' && depth === 0) ends.push(token.end)
  }
  return [...ends, whole.length]
}

/** The parts between two offsets, a hole being one character. */
function cut(text: SqlText, from: number, to: number): SqlText {
  const parts: SqlPart[] = []
  let offset = 0
  for (const part of text) {
    const length = part.kind === 'words' ? part.text.length : HOLE.length
    const [start, end] = [Math.max(from - offset, 0), Math.min(to - offset, length)]
    if (start < end) parts.push(part.kind === 'words' ? { ...part, text: part.text.slice(start, end) } : part)
    offset += length
  }
  return parts
}
