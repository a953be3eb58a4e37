export type StatementError = Error & { readonly code: string }

/**
 * The server refused the statement and the connection lives on. A lost connection has no severity
 * or FATAL, and class 08 and 57P0x belong to it too.
 */
export function isStatementError(error: unknown): error is StatementError {
  if (!(error instanceof Error)) return false
  const { code, severity } = error as { code?: unknown; severity?: unknown }
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || typeof severity !== 'string') return false
  return !code.startsWith('08') && !code.startsWith('57P')
}
