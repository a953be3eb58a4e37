import { nextToken, wordOf } from './tokens.ts'

const LONG = 60_000
const KEPT_ROWS = 50

/**
 * A long `insert … values` with its first 50 rows only: what the others hold says nothing new of tables and columns, and
 * the tree of a few megabytes of rows takes seconds and hundreds of megabytes. Other texts come back as they are.
 */
export function shortenValues(text: string): string {
  if (text.length < LONG || !/^\s*insert\b/i.test(text)) return text
  let depth = 0
  let rows = 0
  let isBehindValues = false
  let keptEnd = 0
  let lastEnd = 0
  for (let token = nextToken(text, 0); token !== null; token = nextToken(text, token.end)) {
    const word = wordOf(text, token)
    if (word === '(') depth++
    else if (word === ')') depth--
    else if (depth === 0 && word === 'values') isBehindValues = true
    else if (depth === 0 && isBehindValues && word !== ',') break
    if (word !== ')' || depth !== 0 || !isBehindValues) continue
    rows++
    lastEnd = token.end
    if (rows === KEPT_ROWS) keptEnd = token.end
  }
  return rows > KEPT_ROWS ? text.slice(0, keptEnd) + text.slice(lastEnd) : text
}
