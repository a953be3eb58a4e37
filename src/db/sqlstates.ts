/** The sqlstates that Crossfade tells apart, and what each means here. */
export const SQLSTATE = {
  /** lock_timeout passed, or NOWAIT found a lock: somebody else holds it; try again later. */
  lockNotAvailable: '55P03',
  /** The server chose us as the victim of a cycle: everything is undone; try again. */
  deadlockDetected: '40P01',
  /** Two transactions cannot both have happened, or the two sides of a row moved under a native write: try again. */
  serializationFailure: '40001',
  /** statement_timeout passed, or somebody cancelled. No handler in PL/pgSQL catches it. */
  queryCanceled: '57014',
  /** An administrator ended the session, or the server stops. */
  adminShutdown: '57P01',
  /** The server crashed and takes all sessions with it. */
  crashShutdown: '57P02',
  /** The server starts, stops, or is in recovery. */
  cannotConnectNow: '57P03',
  /** idle_in_transaction_session_timeout passed: we held a transaction and did nothing. */
  idleInTransactionTimeout: '25P03',
  /** A write where none can be: a standby, or default_transaction_read_only. */
  readOnlyTransaction: '25006',
  /** An earlier statement of the transaction failed and nobody rolled back: a bug of ours. */
  inFailedTransaction: '25P02',
  /** The role may not do this. Also what an application gets that uses a new name after a rollback. */
  insufficientPrivilege: '42501',
  invalidPassword: '28P01',
  /** pg_hba.conf has no line for us, the role does not exist, or TLS is missing. */
  invalidAuthorization: '28000',
  /** The database does not exist. */
  invalidCatalogName: '3D000',
  invalidSchemaName: '3F000',
  undefinedTable: '42P01',
  undefinedColumn: '42703',
  undefinedFunction: '42883',
  undefinedObject: '42704',
  duplicateTable: '42P07',
  duplicateSchema: '42P06',
  duplicateObject: '42710',
  syntaxError: '42601',
  uniqueViolation: '23505',
  foreignKeyViolation: '23503',
  notNullViolation: '23502',
  checkViolation: '23514',
  exclusionViolation: '23P01',
  /** A setting of that value is not possible on this server. */
  invalidParameterValue: '22023',
  tooManyConnections: '53300',
  diskFull: '53100',
  /** The lock table is full: max_locks_per_transaction. */
  outOfMemory: '53200',
  /** What poolers answer for whatever they do not understand. */
  protocolViolation: '08P01',
  /** What Supabase's pooler answers for an unknown project or user. */
  internalError: 'XX000',
} as const

/** What one more try can cure. The transaction has been undone by then. */
const RETRYABLE: ReadonlySet<string> = new Set([
  SQLSTATE.lockNotAvailable,
  SQLSTATE.deadlockDetected,
  SQLSTATE.serializationFailure,
])

const CONNECTION_LOST: ReadonlySet<string> = new Set([
  SQLSTATE.adminShutdown,
  SQLSTATE.crashShutdown,
  SQLSTATE.cannotConnectNow,
  SQLSTATE.idleInTransactionTimeout,
  'ECONNRESET',
  'ECONNREFUSED',
  'EPIPE',
  'ETIMEDOUT',
])

/** The sqlstate of a server's error, or the code of a system's; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** True for a lock that was not granted in time, a deadlock, and a serialization failure. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(errorCode(error) ?? '')
}

/** True when the session is gone, so nothing more can be asked of it. */
export function isConnectionLost(error: unknown): boolean {
  if (CONNECTION_LOST.has(errorCode(error) ?? '')) return true
  const message = error instanceof Error ? error.message : ''
  return /^Connection terminated|^Client (has encountered a connection error|was closed)/.test(message)
}

/** True where the data itself is at fault: a value that doesn't fit (class 22), a constraint that it breaks (class 23), an index that it is too long for (54000), a cast that has no place for it (0A000, NaN as an integer). */
export function isDataError(error: unknown): boolean {
  return /^(2[23]|54000|0A000)/.test(errorCode(error) ?? '')
}

/** Undefined function, schema, table: the stage was rolled back under us, and what they were for is gone. */
const GONE = new Set(['42883', '3F000', '42P01'])

export function isGone(error: unknown): boolean {
  return GONE.has(errorCode(error) ?? '')
}
