import { tokensOf } from '../../sql/tokens.ts'

/**
 * Whether a script has what only MySQL, SQLite, SQL Server or Oracle take. To be asked of a file of which something
 * doesn't parse as PostgreSQL.
 */
export function isOtherDialect(text: string): boolean {
  if (LINES.some((pattern) => pattern.test(text))) return true
  const words = tokensOf(text).filter((token) => token.kind !== 'string' && token.kind !== 'dollar')
  const bare = words.map((token) => text.slice(token.start, token.end)).join(' ')
  return WORDS.some((pattern) => pattern.test(bare))
}

const LINES = [/^\s*pragma\s+\w+/im, /^\s*delimiter\s+\S+\s*$/im, /^\s*go\s*;?\s*$/im]
const WORDS = [
  /`/,
  /\bengine\s*=\s*(innodb|myisam|mergetree)/i,
  /\bauto_?increment\b/i,
  /\[ dbo \]/i,
  /\bn?varchar2?\s*\(\s*max\s*\)/i,
  /\bvarchar2\s*\(/i,
]
