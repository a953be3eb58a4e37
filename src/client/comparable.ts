import { type Token, tokenize } from './tokens.ts'

/** What a statement orders its rows by, as far as it can be found among the columns that it gives. */
export type OrderKey = { readonly column: string } | { readonly position: number }

/** How the answers of both sides to a statement can be compared, or why they can't. */
export type Comparison =
  | { readonly kind: 'left out'; readonly reason: string }
  | {
      readonly kind: 'compared'
      /** The leading keys that are columns of the answer; empty where the order says nothing. */
      readonly order: readonly OrderKey[]
      /** It gives a part of its rows, so that equal keys at its ends may stand for other rows. */
      readonly isPart: boolean
    }

/** Two calls in one transaction give two answers. now() and its like don't. */
const CHANGING = new Set(['random', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'clock_timestamp', 'statement_timestamp'])

/** Their result depends on the order of the rows, which nobody promises, unless they say it. */
const ORDERED_AGGREGATES = new Set(
  'array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg any_value'.split(' '),
)

/**
 * Whether two runs of a plain read over the same rows must give the same answer. What depends on the plan is left out:
 * which rows a LIMIT without an order keeps, or in which order an aggregate sees them.
 */
export function readComparison(text: string): Comparison {
  const tokens = tokenize(text)
  if (tokens === null) return leaveOut('not understood')
  while (tokens.at(-1)?.text === ';') tokens.pop()
  const depths = readDepths(tokens)

  let isPart = false
  let orderAt: number | null = null
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'word' && token.kind !== 'name') continue
    const isCall = tokens[i + 1]?.text === '(' && tokens[i + 1]?.kind === 'symbol'
    if (isCall && CHANGING.has(token.text)) return leaveOut(`${token.text}()`)
    if (isCall && ORDERED_AGGREGATES.has(token.text) && !saysOrder(tokens, i + 1)) {
      return leaveOut(`${token.text}() without an order`)
    }
    if (token.kind === 'name') continue
    if (token.text === 'over' && tokens[i - 1]?.text === ')' && (!isCall || saysOrder(tokens, i + 1))) {
      return leaveOut('window function with an order')
    }
    if (token.text === 'distinct' && tokens[i + 1]?.text === 'on') return leaveOut('DISTINCT ON')
    if (token.text === 'limit' || token.text === 'fetch' || token.text === 'offset') {
      if (depths[i] !== 0) return leaveOut('LIMIT in a subquery')
      isPart = true
    }
    if (token.text === 'order' && tokens[i + 1]?.text === 'by' && depths[i] === 0) orderAt = i + 2
  }
  const order = orderAt === null ? [] : readOrder(tokens, depths, orderAt)
  if (isPart && order.length === 0) return leaveOut(orderAt === null ? 'LIMIT without ORDER BY' : NOT_SHOWN)
  return { kind: 'compared', order, isPart }
}

/** Also said of an answer in which the column isn't found. */
export const NOT_SHOWN = 'LIMIT, ordered by what is no column of the answer'

function leaveOut(reason: string): Comparison {
  return { kind: 'left out', reason }
}

function readDepths(tokens: readonly Token[]): number[] {
  let depth = 0
  return tokens.map(({ kind, text }) => {
    if (kind === 'symbol' && (text === ')' || text === ']')) depth -= 1
    const own = depth
    if (kind === 'symbol' && (text === '(' || text === '[')) depth += 1
    return own
  })
}

/** Whether ORDER BY stands in these parentheses, not deeper. */
function saysOrder(tokens: readonly Token[], open: number): boolean {
  let depth = 0
  for (let i = open; i < tokens.length; i += 1) {
    const { kind, text } = tokens[i] as Token
    if (kind === 'symbol' && text === '(') depth += 1
    if (kind === 'symbol' && text === ')') depth -= 1
    if (depth === 0) return false
    if (depth === 1 && kind === 'word' && text === 'order') return true
  }
  return false
}

const ENDS_ORDER = new Set(['limit', 'offset', 'fetch'])
const AFTER_KEY = new Set(['asc', 'desc', 'nulls', 'first', 'last'])

/** Keys up to the first that is an expression. */
function readOrder(tokens: readonly Token[], depths: readonly number[], from: number): OrderKey[] {
  const items: Token[][] = [[]]
  for (let i = from; i < tokens.length; i += 1) {
    const token = tokens[i] as Token
    if (depths[i] === 0 && token.kind === 'word' && ENDS_ORDER.has(token.text)) break
    if (depths[i] === 0 && token.kind === 'symbol' && token.text === ',') items.push([])
    else items.at(-1)?.push(token)
  }
  const keys: OrderKey[] = []
  for (const item of items) {
    while (item.at(-1)?.kind === 'word' && AFTER_KEY.has(item.at(-1)?.text ?? '') && item.length > 1) item.pop()
    const key = readKey(item)
    if (key === null) break
    keys.push(key)
  }
  return keys
}

/** `title`, `p.title`, or the number of a column. */
function readKey(item: readonly Token[]): OrderKey | null {
  const [first, dot, second] = item
  const name = item.length === 1 ? first : item.length === 3 && dot?.text === '.' ? second : undefined
  if (name?.kind === 'word' || name?.kind === 'name') return { column: name.text }
  return name?.kind === 'number' && item.length === 1 ? { position: Number(name.text) } : null
}
