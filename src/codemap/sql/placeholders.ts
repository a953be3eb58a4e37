import type { Filling } from './fill-holes.ts'
import { type Token, wordOf } from './tokens.ts'

/** What drivers and tools put in the place of values and names, and PostgreSQL's grammar doesn't know. */
export interface Placeholder {
  readonly start: number
  readonly end: number
  readonly fillings: readonly Filling[]
}

/** `$name`, and pg-promise's `${name}`, `$<name>`, `$(name)`, `$[name]`, `$/name/`, each with what it may end in. */
const DOLLAR = /\$(?:[A-Za-z_]\w*|\{[^{}]+\}|<[^<>]+>|\([^()]+\)|\[[^[\]]+\]|\/[^/]+\/)(?:~|\^|#|:[a-z]+)?/y

/** Words behind which a value stands, and not an operator. */
const BEFORE_VALUE = new Set(
  `all and any as between by case distinct else from having ilike in interval is like limit not offset on or returning
   select set similar some then to using values when where`.split(/\s+/),
)

/** Words behind which the name of a table stands. */
export const BEFORE_NAME = new Set(['from', 'join', 'into', 'table', 'only', 'truncate', 'update'])

/** `?`, `:name`, `:'name'`, `:"name"`, `@name` and `$name`, outside of quotes; and where a name is missing. */
export function placeholdersOf(whole: string, tokens: readonly Token[]): Placeholder[] {
  const found: Placeholder[] = []
  for (const [at, token] of tokens.entries()) {
    if (token.start < (found.at(-1)?.end ?? 0)) continue
    const one = placeholderAt(whole, tokens, at)
    if (one) found.push(one)
  }
  return found
}

function placeholderAt(whole: string, tokens: readonly Token[], at: number): Placeholder | null {
  const token = tokens[at] as Token
  const { start } = token
  const sign = wordOf(whole, token)
  const next = tokens[at + 1]
  if (sign === '?') {
    const isOperator = endsOperand(whole, tokens[at - 1])
    return { start, end: token.end, fillings: isOperator ? ['raw', 'value'] : ['value', 'raw'] }
  }
  // `update ${schema}.jobs` where the schema is an empty text before it gets its name.
  if (sign === '.' && BEFORE_NAME.has(wordOf(whole, tokens[at - 1])) && next?.start === token.end)
    return { start, end: start, fillings: ['name'] }
  if (sign === '$' || token.kind === 'dollar') {
    DOLLAR.lastIndex = start
    return DOLLAR.test(whole) ? { start, end: DOLLAR.lastIndex, fillings: ['value', 'name', 'raw'] } : null
  }
  if ((sign !== ':' && sign !== '@') || next?.start !== token.end) return null
  const isQuoted = sign === ':' && (next.kind === 'string' || next.kind === 'quoted')
  if (!isQuoted && next.kind !== 'word') return null
  const fillings: Filling[] = sign === '@' ? ['value'] : next.kind === 'quoted' ? ['name'] : ['value', 'name', 'raw']
  return { start, end: next.end, fillings }
}

/** Whether a value may end here, so that `?` behind it is the operator of jsonb. */
function endsOperand(whole: string, token: Token | undefined): boolean {
  if (token === undefined) return false
  if (token.kind === 'word') return !BEFORE_VALUE.has(wordOf(whole, token))
  return token.kind === 'mark' ? [')', ']', '\u0001'].includes(wordOf(whole, token)) : token.kind !== 'operator'
}
