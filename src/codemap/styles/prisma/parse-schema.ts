/** A block of a Prisma schema, as it is written: `model Post { … }`. */
export interface SchemaBlock {
  readonly keyword: string
  readonly name: string
  readonly lines: readonly SchemaLine[]
}

/** One line of a block: a field with its attributes, an attribute of the block, or `key = value` of a generator. */
export interface SchemaLine {
  /** The name of a field, a value of an enum, or a key; null for an attribute of the block. */
  readonly name: string | null
  /** The type without `?` and `[]`; null where there is none. */
  readonly type: string | null
  readonly list: boolean
  readonly attributes: readonly SchemaAttribute[]
  /** What stands behind `=`, if that is a string or a list of strings. */
  readonly value: readonly string[]
}

/** `@map("full_name")`, `@relation(fields: [authorId], references: [id])`; the name without its signs. */
export interface SchemaAttribute {
  readonly name: string
  /** By name; without one under its number. Strings without quotes; of `[a, b(sort: Desc)]` the names. */
  readonly args: ReadonlyMap<string, readonly string[]>
}

type TokenKind = 'word' | 'string' | 'sign' | 'newline'

interface Token {
  readonly kind: TokenKind
  readonly text: string
}

const TOKEN = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|\r?\n|[\p{L}\p{N}_][\p{L}\p{N}_.-]*|@@?|[^\s]/gu

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith('//') || token.startsWith('/*')) continue
    if (token.endsWith('\n')) tokens.push({ kind: 'newline', text: '' })
    else if (token.startsWith('"') && token.length > 1) tokens.push({ kind: 'string', text: unescaped(token) })
    else tokens.push({ kind: /^[\p{L}\p{N}_]/u.test(token) ? 'word' : 'sign', text: token })
  }
  return tokens
}

function unescaped(token: string): string {
  return token.slice(1, -1).replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
}

/**
 * Reads the text of a `.prisma` file into its blocks. Only what names tables and columns is of interest, so text that
 * isn't a block, and what it doesn't know within one, is passed over and never an error: Prisma itself checks schemas.
 */
export function parseSchema(text: string): SchemaBlock[] {
  const tokens = tokensOf(text)
  const blocks: SchemaBlock[] = []
  let at = 0
  while (at < tokens.length) {
    const [keyword, name, open] = tokens.slice(at, at + 3)
    if (keyword?.kind === 'word' && name?.kind === 'word' && open?.text === '{') {
      const end = blockEnd(tokens, at + 3)
      blocks.push({ keyword: keyword.text, name: name.text, lines: linesOf(tokens.slice(at + 3, end)) })
      at = end + 1
    } else {
      at += 1
    }
  }
  return blocks
}

function blockEnd(tokens: readonly Token[], start: number): number {
  let depth = 1
  for (let at = start; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] as Token
    if (kind !== 'sign') continue
    if (text === '{') depth += 1
    if (text === '}') depth -= 1
    if (depth === 0) return at
  }
  return tokens.length
}

/** A line ends at a line break outside of brackets. */
function linesOf(tokens: readonly Token[]): SchemaLine[] {
  const lines: SchemaLine[] = []
  let line: Token[] = []
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'sign' && /[([{]/.test(token.text)) depth += 1
    if (token.kind === 'sign' && /[)\]}]/.test(token.text)) depth -= 1
    if (token.kind !== 'newline') line.push(token)
    else if (depth <= 0 && line.length > 0) {
      lines.push(lineOf(line))
      line = []
    }
  }
  if (line.length > 0) lines.push(lineOf(line))
  return lines
}

function lineOf(tokens: readonly Token[]): SchemaLine {
  const [first, second] = tokens
  const attributes = attributesOf(tokens)
  if (first?.kind !== 'word') return { name: null, type: null, list: false, attributes, value: [] }
  if (second?.text === '=') {
    const value = tokens.slice(2).filter((token) => token.kind === 'string')
    return { name: first.text, type: null, list: false, attributes: [], value: value.map((token) => token.text) }
  }
  // `name: Type` is an older way to write it that Prisma's formatter still takes.
  const at = second?.text === ':' ? 2 : 1
  const type = tokens[at]?.kind === 'word' ? (tokens[at]?.text ?? null) : null
  const list = type !== null && tokens[at + 1]?.text === '['
  return { name: first.text, type, list, attributes, value: [] }
}

function attributesOf(tokens: readonly Token[]): SchemaAttribute[] {
  const attributes: SchemaAttribute[] = []
  let depth = 0
  for (let at = 0; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] as Token
    if (kind !== 'sign') continue
    if (/[([{]/.test(text)) depth += 1
    else if (/[)\]}]/.test(text)) depth -= 1
    const name = tokens[at + 1]
    if (depth === 0 && text.startsWith('@') && name?.kind === 'word') {
      const open = tokens[at + 2]?.text === '('
      attributes.push({ name: name.text, args: open ? argsOf(tokens, at + 3) : new Map() })
    }
  }
  return attributes
}

/** From behind the opening bracket to the one that closes it. */
function argsOf(tokens: readonly Token[], start: number): ReadonlyMap<string, readonly string[]> {
  const args = new Map<string, string[]>()
  let name: string | null = null
  let values: string[] = []
  let depth = 0
  let round = 0
  const finish = () => {
    if (values.length > 0) args.set(name ?? String(args.size), values)
    name = null
    values = []
  }
  for (let at = start; at < tokens.length; at += 1) {
    const { kind, text } = tokens[at] as Token
    if (kind === 'sign') {
      if (/[([{]/.test(text)) depth += 1
      if (text === '(') round += 1
      if (/[)\]}]/.test(text)) depth -= 1
      if (text === ')') round -= 1
      if (depth < 0) break
      if (text === ',' && depth === 0) finish()
    } else if (kind === 'word' && depth === 0 && tokens[at + 1]?.text === ':') {
      name = text
    } else if (kind !== 'newline' && round === 0) {
      values.push(text)
    }
  }
  finish()
  return args
}
