import { nextToken, type Token, wordOf } from './tokens.ts'

/** One statement of a script, without its semicolon. */
export interface ScriptStatement {
  readonly text: string
  /** Where `text` begins in the script, in UTF-16 units. */
  readonly start: number
  /** It stands behind the mark of a migration's way back (`-- migrate:down` and the like). */
  readonly down: boolean
}

const WAY_BACK = /^--\s*(\+goose\s+down|migrate:down|\+migrate\s+down|down\s+migration|rambler\s+down|!?down\s*$)/i
const WAY_ON = /^--\s*(\+goose\s+up|migrate:up|\+migrate\s+up|up\s+migration|rambler\s+up|!?up\s*$)/i
/** Backslash commands that send what was typed so far, as a semicolon does. */
const SENDS = /^\\(g|gx|gset|gexec|gdesc|crosstabview|watch|bind|parse)\b/

/**
 * Cuts a script where psql would: at semicolons outside of quotes, parentheses and `begin atomic … end`; without psql's
 * backslash commands and the data lines behind `copy … from stdin`. `\copy` is given as the `copy` that it runs.
 */
export function splitScript(script: string): ScriptStatement[] {
  const statements: ScriptStatement[] = []
  let down = false
  let at = 0
  let open = startOf(0)
  const take = (end: number) => {
    const text = script.slice(open.start, end)
    if (open.words.length > 0) statements.push({ text, start: open.start, down })
  }
  for (let token = nextToken(script, at); token !== null; token = nextToken(script, at)) {
    at = token.end
    if (token.kind === 'comment') {
      const comment = script.slice(token.start, token.end)
      if (open.words.length === 0 && (WAY_BACK.test(comment) || WAY_ON.test(comment))) down = WAY_BACK.test(comment)
    } else if (token.kind === 'mark' && script[token.start] === '\\') {
      at = lineEnd(script, token.start)
      const command = script.slice(token.start, at)
      const copy = /^\\copy\b/i.test(command) ? clientCopy(command) : null
      if (copy !== null) statements.push({ text: copy, start: token.start, down })
      else if (SENDS.test(command)) take(token.start)
      else if (open.words.length > 0) continue
      open = startOf(at)
    } else if (isEnd(script, token, open)) {
      take(token.start)
      if (isCopyFromStdin(open.words)) at = dataEnd(script, token.end)
      open = startOf(at)
    } else {
      follow(script, token, open)
    }
  }
  take(script.length)
  return statements
}

interface Open {
  start: number
  /** Its words in lower case, the first dozen. */
  words: string[]
  parentheses: number
  /** Of `begin atomic`, with the `case`s in it. */
  blocks: number
}

function startOf(start: number): Open {
  return { start, words: [], parentheses: 0, blocks: 0 }
}

function isEnd(script: string, token: Token, open: Open): boolean {
  return script[token.start] === ';' && token.kind === 'mark' && open.parentheses === 0 && open.blocks === 0
}

function follow(script: string, token: Token, open: Open): void {
  const word = wordOf(script, token)
  if (open.words.length === 0) open.start = token.start
  // What comes later in a long statement tells nothing, but for a `copy` with many columns.
  if (open.words.length < 16 || open.words[0] === 'copy') open.words.push(word)
  if (token.kind === 'mark') {
    if (word === '(') open.parentheses++
    if (word === ')' && open.parentheses > 0) open.parentheses--
  }
  if (token.kind !== 'word' || !isRoutine(open.words)) return
  if (word === 'atomic' && open.words.at(-2) === 'begin') open.blocks++
  else if (open.blocks > 0 && word === 'case') open.blocks++
  else if (open.blocks > 0 && word === 'end') open.blocks--
}

function isRoutine(words: readonly string[]): boolean {
  return words[0] === 'create' && words.slice(1, 4).some((word) => word === 'function' || word === 'procedure')
}

function isCopyFromStdin(words: readonly string[]): boolean {
  return words[0] === 'copy' && words.some((word, at) => word === 'from' && words[at + 1] === 'stdin')
}

function lineEnd(script: string, from: number): number {
  const end = script.indexOf('\n', from)
  return end === -1 ? script.length : end
}

/** Behind the line `\.` that ends the data; the end of the script where there is none. */
function dataEnd(script: string, from: number): number {
  const end = /^\\\.\r?$/m.exec(script.slice(from))
  return end ? from + end.index + end[0].length : script.length
}

/** psql takes file names and `pstdin` that the grammar has not: what follows FROM or TO is replaced. Keeps offsets. */
function clientCopy(command: string): string | null {
  const text = ` ${command.slice(1)}`
  let depth = 0
  for (let token = nextToken(text, 0); token !== null; token = nextToken(text, token.end)) {
    const word = wordOf(text, token)
    if (word === '(') depth++
    if (word === ')') depth--
    if (depth === 0 && token.kind === 'word' && (word === 'from' || word === 'to'))
      return `${text.slice(0, token.end)} ${word === 'from' ? 'stdin' : 'stdout'}`
  }
  return null
}
