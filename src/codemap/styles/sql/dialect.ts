/**
 * Whether a text has what only MySQL, SQLite, SQL Server or Oracle take. Told of a file of which something doesn't parse
 * as PostgreSQL, so a name in a comment does no harm.
 */
export function isOtherDialect(text: string): boolean {
  return OTHER.some((pattern) => pattern.test(text))
}

const OTHER = [
  /`\w+`/,
  /\bengine\s*=\s*(innodb|myisam|mergetree)/i,
  /\bauto_?increment\b/i,
  /^\s*pragma\s+\w+/im,
  /^\s*delimiter\s+\S+\s*$/im,
  /^\s*go\s*;?\s*$/im,
  /\[dbo\]/i,
  /\bn?varchar2?\s*\(\s*max\s*\)/i,
  /\bvarchar2\s*\(/i,
]
