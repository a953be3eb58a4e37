import type { Token } from './tokens.ts'

const LONGEST_FORM = 2_000
const NO_SPACE_BEFORE = new Set([',', ')', ']', '.', ':'])
const NO_SPACE_AFTER = new Set(['(', '[', '.', ':'])

/** A statement without its values, and a short name for it. */
export interface Form {
  /** 16 hexadecimal digits: the same for statements that differ in values, comments and spaces alone. */
  readonly fingerprint: string
  /** `select title from posts where id in (?)`. */
  readonly statement: string
}

export function formOfTokens(tokens: readonly Token[]): Form {
  const statement = writeForm(tokens)
  return { fingerprint: hashText(statement), statement: statement.slice(0, LONGEST_FORM) }
}

/** `in (1, 2, 3)` and `in (1)` are one form. */
function writeForm(tokens: readonly Token[]): string {
  let written = ''
  let before: Token | undefined
  for (const [i, token] of tokens.entries()) {
    const next = tokens[i + 1]
    if (before !== undefined && isValue(before) && token.text === ',' && next !== undefined && isValue(next)) continue
    if (before !== undefined && isValue(before) && isValue(token) && tokens[i - 1]?.text === ',') continue
    if (before !== undefined && !isGlued(before, token)) written += ' '
    written += wordOf(token)
    before = token
  }
  return written
}

function isGlued(before: Token, { kind, text }: Token): boolean {
  if (before.kind === 'symbol' && NO_SPACE_AFTER.has(before.text)) return true
  return kind === 'symbol' && (NO_SPACE_BEFORE.has(text) || (text === '(' && before.kind === 'word'))
}

function wordOf(token: Token): string {
  if (isValue(token)) return '?'
  return token.kind === 'name' ? `"${token.text.replaceAll('"', '""')}"` : token.text
}

function isValue({ kind }: Token): boolean {
  return kind === 'string' || kind === 'number' || kind === 'parameter'
}

/** Two murmur3-like hashes of 32 bits: enough to tell apart the statements of one program, and no secret. */
export function hashText(text: string): string {
  return [0x9747b28c, 0x3c6ef372].map((seed) => hash32(text, seed).toString(16).padStart(8, '0')).join('')
}

function hash32(text: string, seed: number): number {
  let hash = seed
  for (let i = 0; i < text.length; i += 1) {
    let mixed = Math.imul(text.charCodeAt(i), 0xcc9e2d51)
    mixed = Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
    hash ^= mixed
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  hash ^= text.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
