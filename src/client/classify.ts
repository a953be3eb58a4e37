import { type Form, formOfTokens } from './fingerprint.ts'
import { PURE_FUNCTIONS } from './pure-functions.ts'
import { type Token, tokenize } from './tokens.ts'

/** Longer texts stay on the old side: they would cost more to look at, and to remember, than they are worth. */
const LONGEST_TEXT = 32_768
const REMEMBERED_TEXTS = 1_000

// Data-modifying CTEs and SELECT INTO write; the others ask a table what a view can't answer.
const REFUSED_WORDS = new Set(['insert', 'update', 'delete', 'merge', 'into', 'tablesample', 'only', 'current_schema'])

// The answer is about the relation that holds the row, or is looked up by name on the search path.
const REFUSED_NAMES = new Set([
  ...['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'],
  ...['regclass', 'regtype', 'regproc', 'regprocedure', 'regoper', 'regoperator', 'regnamespace', 'regcollation'],
])

/** Reserved, or not allowed as the name of a function, so that a parenthesis behind them is no call. */
const WORDS_BEFORE_PARENTHESIS = new Set(
  `select from where having and or not in any some all as on using join lateral union intersect except distinct
   when then else case limit offset between symmetric exists values array row group for to`.split(/\s+/),
)

/** Words that can name a function, and the tokens before them that make them a part of the grammar instead. */
const WORDS_BY_PREDECESSOR: Readonly<Record<string, readonly string[]>> = {
  by: ['order', 'group', 'partition'],
  over: [')'],
  filter: [')'],
  sets: ['grouping'],
  rollup: ['by'],
  cube: ['by'],
  materialized: ['as', 'not'],
  varying: ['character', 'char', 'bit'],
}

const BEFORE_TABLE = new Set(['from', 'join', ',', '('])

/** One plain read that may be answered by either side. */
export interface PlainRead {
  /** Unqualified, where a table can stand; some may be columns or aliases. Folded as PostgreSQL folds them. */
  readonly names: ReadonlySet<string>
  readonly form: Form
}

const remembered = new Map<string, PlainRead | null>()

/**
 * A statement as one plain read, or null for everything else: writes, locks, several statements, calls of functions that
 * are not known to be pure, and whatever this lexer is not certain of. Answers are remembered for the last 1,000 texts.
 */
export function classify(text: string): PlainRead | null {
  if (text.length > LONGEST_TEXT) return null
  const known = remembered.get(text)
  if (known !== undefined) {
    // Deleting and setting again moves it to the young end of the map.
    remembered.delete(text)
    remembered.set(text, known)
    return known
  }
  const read = readPlain(text)
  remembered.set(text, read)
  if (remembered.size > REMEMBERED_TEXTS) {
    const oldest = remembered.keys().next()
    if (!oldest.done) remembered.delete(oldest.value)
  }
  return read
}

function readPlain(text: string): PlainRead | null {
  const tokens = tokenize(text)
  if (tokens === null) return null
  while (isSymbol(tokens.at(-1), ';')) tokens.pop()
  if (!isWord(tokens[0], 'select') && !isWord(tokens[0], 'with')) return null

  const names = new Set<string>()
  for (const [i, token] of tokens.entries()) {
    if (isRefused(token, tokens[i + 1])) return null
    if (isSymbol(token, '(') && !mayOpenParenthesis(tokens, i)) return null
    if (standsForTable(tokens, i)) names.add(token.text)
  }
  return { names, form: formOfTokens(tokens) }
}

function isRefused(token: Token, next: Token | undefined): boolean {
  if (token.kind === 'symbol') return token.text === ';'
  if (token.kind === 'name') return REFUSED_NAMES.has(token.text)
  if (token.kind !== 'word') return false
  if (REFUSED_WORDS.has(token.text) || REFUSED_NAMES.has(token.text)) return true
  return token.text === 'for' && next?.kind === 'word' && ['update', 'share', 'no', 'key'].includes(next.text)
}

function mayOpenParenthesis(tokens: readonly Token[], at: number): boolean {
  const called = tokens[at - 1]
  if (called === undefined || (called.kind !== 'word' && called.kind !== 'name')) return true
  const before = tokens[at - 2]
  if (isSymbol(before, '.')) {
    const schema = tokens[at - 3]
    const isCatalog = schema?.text === 'pg_catalog' && !isSymbol(tokens[at - 4], '.')
    return isCatalog && PURE_FUNCTIONS.has(called.text)
  }
  if (called.kind === 'word') {
    if (WORDS_BEFORE_PARENTHESIS.has(called.text)) return true
    const predecessors = Object.hasOwn(WORDS_BY_PREDECESSOR, called.text) ? WORDS_BY_PREDECESSOR[called.text] : []
    if (before !== undefined && before.kind !== 'name' && predecessors?.includes(before.text)) return true
  }
  return PURE_FUNCTIONS.has(called.text)
}

function standsForTable(tokens: readonly Token[], at: number): boolean {
  const token = tokens[at]
  if (token?.kind !== 'word' && token?.kind !== 'name') return false
  const before = tokens[at - 1]
  if (before === undefined || before.kind === 'name' || !BEFORE_TABLE.has(before.text)) return false
  const after = tokens[at + 1]
  return !isSymbol(after, '.') && !isSymbol(after, '(')
}

function isWord(token: Token | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text === text
}

function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}
