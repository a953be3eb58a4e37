/**
 * No password leaves this process in text. Where one was found, `***` stands for it. Too much is
 * hidden rather than too little: a password that should have been percent-encoded may hold anything.
 */

/**
 * postgres://user:p@ss/word@host: from the first colon of the userinfo to the last @ of the word.
 * A user name may be empty or percent-encoded; other schemes end their authority at the first slash.
 */
const POSTGRES_URL = /\b((?:postgres(?:ql)?|socket):\/\/[^\s:@/?#'"`]*:)([^\s'"`<>]*)@/gi
const OTHER_URL = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:@/?#'"`]*:)([^\s/?#'"`<>]*)@/gi

/** password=…, PGPASSWORD=…, sslpassword = '…' (libpq), ?password=…& (URL), "password": "…" (JSON). */
const QUOTED = String.raw`'(?:[^'\\]|\\.|'')*'?|"(?:[^"\\]|\\.|"")*"?`
const ASSIGNED = new RegExp(
  String.raw`(\b[a-z_]*(?:password|passwd|pwd)["']?\s*=>?\s*)(?:${QUOTED}|[^\s&'",;)]+)`,
  'gi',
)
const IN_JSON = new RegExp(String.raw`(\b[a-z_]*(?:password|passwd|pwd)["']?\s*:\s*)(?:${QUOTED})`, 'gi')
/** CREATE ROLE … PASSWORD '…', OPTIONS (password '…') */
const IN_SQL = /(\bpassword\s+)[eE]?'(?:[^'\\]|\\.|'')*'?/gi

/**
 * The text without passwords: connection URLs, libpq keyword strings, environment assignments, JSON and
 * SQL. `secrets` are further strings to hide wherever they occur.
 */
export function redact(text: string, secrets: readonly string[] = []): string {
  let safe = text
    .replace(POSTGRES_URL, '$1***@')
    .replace(OTHER_URL, '$1***@')
    .replace(ASSIGNED, '$1***')
    .replace(IN_JSON, '$1"***"')
    .replace(IN_SQL, "$1'***'")
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    if (secret !== '') safe = safe.replaceAll(secret, '***')
  }
  return safe
}
