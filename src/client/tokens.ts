/**
 * The lexical structure of SQL, after PostgreSQL's own scanner, as far as it is needed to know where
 * strings, comments and names end. Whatever could be read in two ways gives null.
 */
export interface Token {
  /** `word` is an unquoted name or keyword, folded to lower case; `name` a quoted one, unquoted. */
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'parameter' | 'symbol'
  readonly text: string
}

const SPACE = /[ \t\n\r\f]+/y
const LINE_COMMENT = /--[^\n\r]*/y
// As in PostgreSQL, every character outside ASCII can stand in a name, a no-break space too.
const WORD = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y
const PARAMETER = /\$\d+/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y
const SYMBOL = /[-+*/<>=~!@#%^&|`?()[\],;:.]/y
// PostgreSQL 14 and 15 differ in what they make of `1x`, so nothing of the kind is accepted.
const JUNK_AFTER_DIGITS = /[\w$'"\u0080-\uffff]/y

/** The tokens of an SQL text without its comments, or null when they are not certain. */
export function tokenize(text: string): Token[] | null {
  const tokens: Token[] = []
  let at = 0
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }

  while (at < text.length) {
    const skipped = match(SPACE) ?? match(LINE_COMMENT)
    if (skipped !== undefined) {
      at += skipped.length
      continue
    }
    if (text.startsWith('/*', at)) {
      const end = findCommentEnd(text, at)
      if (end === null) return null
      at = end
      continue
    }

    const character = text[at]
    let end: number | null
    let token: Token
    if (character === "'") {
      end = findStringEnd(text, at)
      token = { kind: 'string', text: '' }
    } else if ((character === 'E' || character === 'e') && text[at + 1] === "'") {
      end = findEscapeStringEnd(text, at + 1)
      token = { kind: 'string', text: '' }
    } else if (/^[Uu]&"/.test(text.slice(at, at + 3))) {
      return null
    } else if (/^[Uu]&'/.test(text.slice(at, at + 3))) {
      end = findStringEnd(text, at + 2)
      token = { kind: 'string', text: '' }
    } else if (character === '"') {
      end = findQuotedNameEnd(text, at)
      token = { kind: 'name', text: text.slice(at + 1, (end ?? 0) - 1).replaceAll('""', '"') }
    } else {
      const word = match(WORD)
      const digits = word === undefined ? (match(PARAMETER) ?? match(NUMBER)) : undefined
      const tag = word === undefined && digits === undefined ? match(DOLLAR_TAG) : undefined
      if (word !== undefined) {
        end = at + word.length
        token = { kind: 'word', text: foldCase(word) }
      } else if (digits !== undefined) {
        end = at + digits.length
        token = { kind: digits.startsWith('$') ? 'parameter' : 'number', text: digits }
        at = end
        if (match(JUNK_AFTER_DIGITS) !== undefined) return null
      } else if (tag !== undefined) {
        const close = text.indexOf(tag, at + tag.length)
        end = close < 0 ? null : close + tag.length
        token = { kind: 'string', text: '' }
      } else {
        const symbol = match(SYMBOL)
        if (symbol === undefined) return null
        end = at + 1
        token = { kind: 'symbol', text: symbol }
      }
    }
    if (end === null) return null
    tokens.push(token)
    at = end
  }
  return tokens
}

/** PostgreSQL folds ASCII only (in UTF-8), so `toLowerCase` on the whole would fold too much. */
function foldCase(word: string): string {
  return word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function findCommentEnd(text: string, start: number): number | null {
  let depth = 0
  let at = start
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      depth += 1
      at += 2
    } else if (text.startsWith('*/', at)) {
      depth -= 1
      at += 2
      if (depth === 0) return at
    } else {
      at += 1
    }
  }
  return null
}

function findStringEnd(text: string, start: number): number | null {
  let at = start + 1
  for (;;) {
    const quote = text.indexOf("'", at)
    if (quote < 0) return null
    // Ends the string or not, by standard_conforming_strings, or when this continues an E'' string.
    if (text[quote - 1] === '\\') return null
    if (text[quote + 1] !== "'") return quote + 1
    at = quote + 2
  }
}

function findEscapeStringEnd(text: string, start: number): number | null {
  let at = start + 1
  while (at < text.length) {
    if (text[at] === '\\') at += 2
    else if (text[at] !== "'") at += 1
    else if (text[at + 1] === "'") at += 2
    else return at + 1
  }
  return null
}

function findQuotedNameEnd(text: string, start: number): number | null {
  let at = start + 1
  for (;;) {
    const quote = text.indexOf('"', at)
    if (quote < 0) return null
    if (text[quote + 1] !== '"') return quote + 1
    at = quote + 2
  }
}
