import { type ParsedText, parseText } from './parser.ts'
import { BEFORE_NAME, type Placeholder, placeholdersOf } from './placeholders.ts'
import type { SqlPart, SqlText, SqlWords } from './sql-text.ts'
import { type Token, tokensOf, wordOf } from './tokens.ts'

/** How a hole is written so that the whole parses. */
export type Filling =
  /** As it stands: a `?` or `:name` that may belong to SQL itself. */
  | 'raw'
  /** `$n`: a value, a condition, an expression. */
  | 'value'
  /** A name nobody would give. */
  | 'name'
  /** Nothing: a clause that may be there. */
  | 'nothing'
  /** `name = $n`: what is set. */
  | 'assignment'
  /** `($n)`: a row. */
  | 'row'
  /** The digits of `$1` where only the `$` is written. */
  | 'digits'

interface Hole {
  readonly part: SqlPart
  /** Where it begins in the text as it is written, a hole being one character. */
  readonly source: number
  readonly text: string
  readonly fillings: readonly Filling[]
  chosen: number
}

/** A piece of the text that was parsed, and the part of the SqlText that it came from. */
export interface Piece {
  readonly part: SqlPart
  readonly start: number
  readonly end: number
  /** Where it begins in the text as it is written, a hole being one character. */
  readonly source: number
  readonly filling: Filling | null
  /** All that were possible. */
  readonly fillings: readonly Filling[]
}

export interface FilledText {
  readonly text: string
  readonly parsed: ParsedText
  readonly pieces: readonly Piece[]
}

const MOST_TRIES = 80
const FIRST_PARAMETER = 30_000
const HOLE_NAME = /__hole\d+__/
/** Stands for a hole while the text around it is looked at. */
const HOLE = '\u0001'

/** The offset in the text as it is written. */
export function sourceOffset({ pieces }: FilledText, offset: number): number {
  const piece = pieces.findLast((one) => one.start <= offset)
  return piece ? piece.source + (piece.part.kind === 'words' ? Math.max(offset - piece.start, 0) : 0) : offset
}

/** Whether a name was (in part) a hole. */
export function holdsHole(name: string): boolean {
  return HOLE_NAME.test(name)
}

/** The name as a person reads it: `posts_…`. */
export function withoutHoles(name: string): string {
  return name.replace(/__hole\d+__/g, '…')
}

/** Index into `pieces` of the hole that `$n` stands for; null for a parameter that the text has itself. */
export function holeOfParameter(number: number): number | null {
  return number >= FIRST_PARAMETER ? number - FIRST_PARAMETER : null
}

/**
 * Fills the holes of a text without choices so that PostgreSQL's parser takes it, and parses it. PostgreSQL's grammar
 * finds an error at the first token that can't stand where it stands, so it is the last hole at or before an error that
 * is filled in another way. What the text looks like when nothing parses is the text of the first try.
 */
export function fillHoles(text: SqlText): FilledText {
  const first = fillOnce(holesOf(text, false))
  if (!('message' in first.parsed)) return first
  const second = fillOnce(holesOf(text, true))
  return 'message' in second.parsed ? first : second
}

function fillOnce(holes: Hole[]): FilledText {
  const first = write(holes)
  let now = first
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const wrong = 'message' in now.parsed ? now.parsed.offset : misplaced(now)
    if (wrong === null) return now
    if (!advance(holes, now.pieces, wrong)) return { ...first, parsed: refused(first) }
    now = write(holes)
  }
  return { ...first, parsed: refused(first) }
}

function refused(first: FilledText): ParsedText {
  return 'message' in first.parsed
    ? first.parsed
    : { message: 'it is put together from parts that make no statement', offset: 0 }
}

function write(holes: readonly Hole[]): FilledText {
  const pieces: Piece[] = []
  let text = ''
  for (const [at, hole] of holes.entries()) {
    const filling = hole.fillings[hole.chosen] ?? null
    const start = text.length
    const more = written(hole, filling, at)
    // Two holes side by side must not become one word by the way they are written.
    text += filling === 'value' && /[\w$]$/.test(text) ? ` ${more}` : more
    pieces.push({ part: hole.part, start, end: text.length, source: hole.source, filling, fillings: hole.fillings })
  }
  return { text, parsed: parseText(text), pieces }
}

function written(hole: Hole, filling: Filling | null, at: number): string {
  if (filling === 'value') return `$${FIRST_PARAMETER + at}`
  if (filling === 'name') return `__hole${at}__`
  if (filling === 'assignment') return `__hole${at}__ = $${FIRST_PARAMETER + at}`
  if (filling === 'row') return `($${FIRST_PARAMETER + at})`
  if (filling === 'digits') return String(FIRST_PARAMETER + at)
  return filling === 'nothing' ? '' : hole.text
}

/** Takes the next filling of the last hole that begins at or before the error; those after it start again. */
function advance(holes: readonly Hole[], pieces: readonly Piece[], error: number): boolean {
  for (let at = holes.length - 1; at >= 0; at--) {
    const hole = holes[at]
    if (hole === undefined || hole.fillings.length === 0) continue
    if ((pieces[at]?.start ?? 0) <= error && hole.chosen + 1 < hole.fillings.length) {
      hole.chosen++
      return true
    }
    hole.chosen = 0
  }
  return false
}

/**
 * The offset of a hole that parses where it can't be meant: its name as an alias (`from posts ${where}`), its value as
 * the text of a constant (`id ${more}` reads like `date '…'`).
 */
function misplaced({ text, parsed, pieces }: FilledText): number | null {
  if ('message' in parsed || !pieces.some(isDoubtful)) return null
  const tokens = tokensOf(text)
  const tree = JSON.stringify(parsed.statements.map((statement) => statement.node))
  for (const [at, piece] of pieces.entries()) {
    if (!isDoubtful(piece)) continue
    const { filling, start, end } = piece
    if (filling === 'value' && constantOf(at).exec(tree)?.[1]?.match(TYPE_BEFORE_TEXT) === null) return start
    if (filling !== 'name' || !aliasOf(at).test(tree)) continue
    const token = tokens.findIndex((one) => one.start <= start && one.end >= end)
    const isSet = wordOf(text, tokens[token + 1]) === '='
    if (!isSet && wordOf(text, tokens[token - 1]) !== 'as') return start
  }
  return null
}

/** A hole of which only one filling is possible, or that is no clause, is where it is meant to be. */
function isDoubtful({ part, filling, fillings }: Piece): boolean {
  if (part.kind !== 'unknown' || part.name === true || fillings.length === 1) return false
  return filling === 'value' || (filling === 'name' && fillings[0] !== 'name')
}

/** Nothing but holes: `p_${n}` is an alias that somebody meant. */
function aliasOf(hole: number): RegExp {
  const name = `"(__hole\\d+__)*__hole${hole}__(__hole\\d+__)*"`
  return new RegExp(`"aliasname":${name}|"name":${name},"val"`)
}

const TYPE_BEFORE_TEXT = /"(interval|date|time|timetz|timestamp|timestamptz|uuid|jsonb?|numeric)"/

function constantOf(hole: number): RegExp {
  const value = `"TypeCast":{"arg":{"ParamRef":{"number":${FIRST_PARAMETER + hole},"location":\\d+}}`
  return new RegExp(`${value},"typeName":({"names":\\[[^\\]]*\\])[^}]*"location":\\d+},"location":-1}`)
}

/** The parts, those of known text cut where a placeholder of another driver stands. */
function holesOf(text: SqlText, placeholders: boolean): Hole[] {
  const whole = text.map((part) => (part.kind === 'words' ? part.text : HOLE)).join('')
  const tokens = tokensOf(whole)
  const marks = placeholdersOf(whole, tokens).filter((one) => placeholders || whole[one.start] === '@')
  const holes: Hole[] = []
  let offset = 0
  for (const part of text) {
    if (part.kind === 'words') {
      holes.push(...cut(part, offset, marks))
      offset += part.text.length
    } else {
      holes.push({ part, source: offset, text: '', fillings: fillingsOf(part, whole, tokens, offset), chosen: 0 })
      offset += HOLE.length
    }
  }
  return holes
}

function cut(part: SqlWords, offset: number, marks: readonly Placeholder[]): Hole[] {
  const holes: Hole[] = []
  const add = (start: number, end: number, fillings: readonly Filling[]) =>
    holes.push({ part, source: offset + start, text: part.text.slice(start, end), fillings, chosen: 0 })
  let from = 0
  for (const mark of marks) {
    const [start, end] = [mark.start - offset, mark.end - offset]
    if (start < from || end > part.text.length) continue
    add(from, start, [])
    add(start, end, mark.fillings)
    from = end
  }
  add(from, part.text.length, [])
  return holes
}

function fillingsOf(part: SqlPart, whole: string, tokens: readonly Token[], at: number): Filling[] {
  const [before, after] = [whole[at - 1] ?? ' ', whole[at + 1] ?? ' ']
  if (before === '$' && !/[\w$]/.test(whole[at - 2] ?? ' ')) return ['digits']
  if (tokens.some((token) => token.kind !== 'mark' && token.start < at && token.end > at)) return ['name']
  if (/\w/.test(before) || /\w/.test(after)) return ['name']
  if (part.kind === 'parameter') return ['value', 'row']
  if (part.kind === 'unknown' && part.name) return ['name', 'value']
  const previous = tokens.findLast((token) => token.end <= at)
  if (after === '.' || before === '.') return ['name']
  if (BEFORE_NAME.has(wordOf(whole, previous))) return ['name', 'value', 'nothing', 'assignment', 'row']
  return ['value', 'name', 'nothing', 'assignment', 'row']
}
