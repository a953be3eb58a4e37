import { parseRoutine } from './parser.ts'
import { nextToken, type Token, wordOf } from './tokens.ts'

/**
 * libpg_query has no catalog, so it takes every type that isn't PostgreSQL's own for a row, and refuses what can't be
 * done with rows. What it complains of is given the type `text`, as wide as the type that was there, and tried again.
 */
export function parseLoosely(statement: string): ReturnType<typeof parseRoutine> {
  let text = statement
  for (let tries = 0; tries < MOST_TYPES; tries++) {
    const parsed = parseRoutine(text)
    if (!('message' in parsed)) return parsed
    const loose = loosen(text, parsed.message)
    if (loose === null) return parsed
    text = loose
  }
  return parseRoutine(text)
}

const MOST_TYPES = 12
/** Behind these words a declaration of a variable, or of an argument, has told its type. */
const BEHIND_TYPE = new Set([';', ',', ')', ':=', '=', 'default', 'not', 'collate'])

function loosen(text: string, message: string): string | null {
  const variable = /^"(\w+)" is not a scalar variable|record variable "(\w+)"/.exec(message)
  if (variable) return withText(text, variable[1] ?? variable[2] ?? '', true)
  return /cannot return type/.test(message) ? withText(text, 'returns', false) : null
}

/** The first type behind the word, where a type stands behind it. */
function withText(text: string, word: string, isDeclared: boolean): string | null {
  for (let token = nextInside(text, 0); token !== null; token = nextInside(text, token.end)) {
    if (wordOf(text, token) !== word) continue
    const first = nextInside(text, token.end)
    if (first?.kind !== 'word' && first?.kind !== 'quoted') continue
    const end = typeEnd(text, first, isDeclared)
    if (end === null || end - first.start < 4 || text.slice(first.start, end).trim() === 'text') continue
    return `${text.slice(0, first.start)}${'text'.padEnd(end - first.start)}${text.slice(end)}`
  }
  return null
}

/** A type is words with dots and brackets; the one that a function returns ends at the next clause. */
function typeEnd(text: string, first: Token, isDeclared: boolean): number | null {
  let last = first
  for (let token: Token | null = first; token !== null; token = nextInside(text, token.end)) {
    const word = wordOf(text, token)
    if (isDeclared && BEHIND_TYPE.has(word)) return last.end
    if (!isDeclared && token !== first && token.kind === 'word' && text[last.start] !== '.') return last.end
    if (token.kind !== 'word' && token.kind !== 'quoted' && !['.', '[', ']', '%'].includes(word)) return null
    last = token
  }
  return null
}

/** Also inside of the body's quotes. */
function nextInside(text: string, from: number): Token | null {
  const token = nextToken(text, from)
  if (token?.kind === 'comment') return nextInside(text, token.end)
  if (token?.kind !== 'dollar') return token
  return nextInside(text, text.indexOf('$', token.start + 1) + 1)
}
