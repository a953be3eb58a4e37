/** A token of SQL as PostgreSQL cuts it, psql's backslash and colon as tokens of their own. Offsets in UTF-16 units. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'string' | 'dollar' | 'number' | 'parameter' | 'comment' | 'operator' | 'mark'
  readonly start: number
  readonly end: number
  /** False for a string, a quoted name or a comment that runs into the end of the text. */
  readonly closed: boolean
}

const BLANK = /\s/
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const NUMBER = /(?:\d[\w.]*(?:(?<=[eE])[+-]\d+)?|\.\d+\w*)/y
const PARAMETER = /\$\d+/y
const DOLLAR = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const OPERATOR = /[+\-*/<>=~!@#%^&|`?]+/y
const COLONS = /::|:=/y

/** The next token at or after `from`, comments included; null at the end of the text. */
export function nextToken(text: string, from: number): Token | null {
  let start = from
  while (start < text.length && BLANK.test(text[start] ?? '')) start++
  if (start >= text.length) return null
  const first = text[start] ?? ''
  if (first === "'") return quoted(text, start, start, "'", false)
  if (first === '"') return quoted(text, start, start, '"', false)
  if (text.startsWith('--', start)) return lineComment(text, start)
  if (text.startsWith('/*', start)) return blockComment(text, start)
  const word = at(WORD, text, start)
  if (word > start) return prefixed(text, start, word) ?? token('word', start, word)
  if (first === '$') {
    const parameter = at(PARAMETER, text, start)
    if (parameter > start) return token('parameter', start, parameter)
    const opening = at(DOLLAR, text, start)
    if (opening > start) return dollarQuoted(text, start, opening)
    return token('mark', start, start + 1)
  }
  const number = at(NUMBER, text, start)
  if (number > start) return token('number', start, number)
  const colons = at(COLONS, text, start)
  if (colons > start) return token('operator', start, colons)
  const operator = at(OPERATOR, text, start)
  if (operator > start) return token('operator', start, beforeComment(text, start, operator))
  return token('mark', start, start + 1)
}

/** All tokens but comments. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (let next = nextToken(text, 0); next !== null; next = nextToken(text, next.end)) {
    if (next.kind !== 'comment') tokens.push(next)
  }
  return tokens
}

/** The text of a word in lower case, of any other token as it stands. */
export function wordOf(text: string, token: Token | null | undefined): string {
  if (!token) return ''
  const word = text.slice(token.start, token.end)
  return token.kind === 'word' ? word.toLowerCase() : word
}

function token(kind: Token['kind'], start: number, end: number, closed = true): Token {
  return { kind, start, end, closed }
}

function at(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start
  return pattern.test(text) ? pattern.lastIndex : start
}

/** `E'…'` takes backslashes; `B`, `X`, `N` and `U&` only change what the string means. */
function prefixed(text: string, start: number, end: number): Token | null {
  const prefix = text.slice(start, end).toLowerCase()
  if (text[end] === "'" && ['e', 'b', 'x', 'n'].includes(prefix)) return quoted(text, start, end, "'", prefix === 'e')
  if (prefix !== 'u' || text[end] !== '&') return null
  const quote = text[end + 1]
  return quote === "'" || quote === '"' ? quoted(text, start, end + 1, quote, false) : null
}

function quoted(text: string, start: number, opening: number, quote: "'" | '"', backslashes: boolean): Token {
  const kind = quote === '"' ? 'quoted' : 'string'
  for (let i = opening + 1; i < text.length; i++) {
    if (backslashes && text[i] === '\\') i++
    else if (text[i] === quote) {
      if (text[i + 1] !== quote) return token(kind, start, i + 1)
      i++
    }
  }
  return token(kind, start, text.length, false)
}

function dollarQuoted(text: string, start: number, end: number): Token {
  const closing = text.indexOf(text.slice(start, end), end)
  return closing === -1 ? token('dollar', start, text.length, false) : token('dollar', start, closing + end - start)
}

function lineComment(text: string, start: number): Token {
  const end = text.indexOf('\n', start)
  return token('comment', start, end === -1 ? text.length : end)
}

function blockComment(text: string, start: number): Token {
  let depth = 1
  for (let i = start + 2; i < text.length; i++) {
    if (text.startsWith('*/', i)) depth--
    else if (text.startsWith('/*', i)) depth++
    else continue
    if (depth === 0) return token('comment', start, i + 2)
    i++
  }
  return token('comment', start, text.length, false)
}

/** An operator ends where a comment begins, and in a sign only if it holds one of the characters behind. */
function beforeComment(text: string, start: number, end: number): number {
  const operator = text.slice(start, end)
  const comment = [operator.indexOf('--'), operator.indexOf('/*')].filter((index) => index > 0)
  let last = comment.length > 0 ? start + Math.min(...comment) : end
  if (!/[~!@#%^&|`?]/.test(text.slice(start, last)))
    while (last > start + 1 && /[+-]/.test(text[last - 1] ?? '')) last--
  return last
}
