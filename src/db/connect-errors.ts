import { CrossfadeError, DatabaseError } from '../lib/errors.ts'
import { redact } from '../lib/redact.ts'
import { errorCode, isConnectionLost, SQLSTATE } from './sqlstates.ts'

/** Where a connection was tried, without the password. */
export interface ConnectTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
}

interface Known {
  readonly code: string
  readonly what: string
  readonly hint: string
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|ERR_TLS/

/**
 * A failed connection in plain words, as DatabaseError (exit code 3) with a hint, and without a password.
 * Errors that were translated before are returned as they are.
 */
export function translateConnectError(error: unknown, target: ConnectTarget): CrossfadeError {
  if (error instanceof CrossfadeError) return error
  const message = error instanceof Error ? error.message : String(error)
  const code = errorCode(error) ?? ''
  const known = networkError(code, message, target) ?? tlsError(code, message) ?? serverError(code, message, target)
  const at = `${target.host}:${target.port}`
  const {
    what,
    hint,
    code: name,
  } = known ?? {
    code: 'connect_failed',
    what: message === '' ? `the connection failed (${code})` : message,
    hint: 'Check the URL with psql, then try again.',
  }
  return new DatabaseError(name, redact(`Can't connect to ${at} as ${target.user}: ${what}.`), {
    hint: redact(hint),
    cause: error,
  })
}

/**
 * The same for one more connection, where others of this run were made: the server is there. `open`: how many are.
 * Anything but a wait in vain is returned as it is.
 */
export function translateNextConnectError(error: unknown, target: ConnectTarget, open: number): unknown {
  if (!(error instanceof DatabaseError) || !/timeout/i.test(String((error.cause as Error | undefined)?.message)))
    return error
  const at = `${target.host}:${target.port}`
  return new DatabaseError('no_free_connection', `${at} gives no further connection; this run has ${open}.`, {
    hint:
      'A pooler in session mode has none left: raise its pool size (at Supabase: Database, Connection pooling), end ' +
      'what nobody uses, or connect to the server itself. Crossfade needs about ten; sync.workers: 1 takes fewer.',
    cause: error,
  })
}

/**
 * An error of a statement that means the database itself: the session was lost, a right is missing, the server
 * is read-only or full. null for everything else, which is for the caller to explain.
 */
export function translateStatementError(error: unknown): DatabaseError | null {
  const message = redact(error instanceof Error ? error.message : String(error))
  const code = errorCode(error)
  if (isConnectionLost(error)) {
    return new DatabaseError('connection_lost', `The connection to the database was lost: ${message}.`, {
      hint: 'Nothing was left half done. Run the same command again once the server is up.',
      cause: error,
    })
  }
  const hints: { readonly [code: string]: readonly [string, string] } = {
    [SQLSTATE.insufficientPrivilege]: [
      'privilege_missing',
      'Connect as the owner of the tables and of the database (at Supabase: the role postgres).',
    ],
    [SQLSTATE.readOnlyTransaction]: ['read_only', READ_ONLY_HINT],
    [SQLSTATE.diskFull]: ['disk_full', 'Make room on the server, then run the same command again.'],
    [SQLSTATE.outOfMemory]: ['out_of_memory', 'Raise max_locks_per_transaction or the memory of the server.'],
    [SQLSTATE.tooManyConnections]: ['too_many_connections', CONNECTIONS_HINT],
  }
  const [name, hint] = hints[code ?? ''] ?? []
  if (name === undefined || hint === undefined) return null
  return new DatabaseError(name, `The database refused: ${message}.`, { hint, cause: error })
}

export const READ_ONLY_HINT =
  'Connect to the primary server, not to a replica. If default_transaction_read_only is on, find out why ' +
  '(Supabase sets it when the disk is nearly full) and turn it off.'
const CONNECTIONS_HINT = 'Close connections that nobody uses, or raise max_connections; Crossfade needs about ten.'

function networkError(code: string, message: string, target: ConnectTarget): Known | null {
  const supabase = /\.supabase\.co$/.test(target.host)
    ? ' Direct connections at Supabase are IPv6 only: elsewhere, use the session pooler ' +
      '(aws-….pooler.supabase.com, port 5432, user postgres.<project>).'
    : ''
  const name = 'unreachable'
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return { code: name, what: 'nothing listens there', hint: `Start the server, or correct host and port.${supabase}` }
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      code: 'host_unknown',
      what: `the host name "${target.host}" is not known`,
      hint:
        'Correct the host. If the password holds @ : / ? # or %, percent-encode them, ' +
        `or a part of it is taken for the host.${supabase}`,
    }
  }
  if (['ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL'].includes(code) || /timeout/i.test(message)) {
    const hint = `Check the firewall, the VPN and the allowed addresses of the server.${supabase}`
    return { code: name, what: 'the server does not answer', hint }
  }
  if (code === 'ECONNRESET' || /^Connection terminated/.test(message)) {
    const hint = 'Check that a PostgreSQL server listens on this port, then try again.'
    return { code: name, what: 'the other side closed the connection', hint }
  }
  return null
}

function tlsError(code: string, message: string): Known | null {
  if (/does not support SSL/.test(message)) {
    return {
      code: 'tls_refused',
      what: 'the server does not speak TLS, and the URL asks for it',
      hint: 'Use sslmode=disable in the URL if the way to the server is safe without.',
    }
  }
  if (CERTIFICATE.test(code)) {
    return {
      code: 'tls_certificate',
      what: `the certificate of the server can't be verified (${code})`,
      hint:
        'Put sslmode=verify-full&sslrootcert=<file of the CA> into the URL. ' +
        'uselibpqcompat=true&sslmode=require encrypts without verifying, as psql does.',
    }
  }
  if (code === SQLSTATE.invalidAuthorization && /no encryption|SSL off/.test(message)) {
    const hint = 'Add sslmode=require to the URL. If TLS was used already, pg_hba.conf does not let this role in.'
    return { code: 'tls_required', what: 'the server lets nobody in without TLS', hint }
  }
  return null
}

function serverError(code: string, message: string, target: ConnectTarget): Known | null {
  if (code === SQLSTATE.invalidPassword || /password must be a string|password authentication/.test(message)) {
    return {
      code: 'auth_failed',
      what: 'user name or password is wrong',
      hint: 'Check both; @ : / ? # and % in a password are written percent-encoded in a URL.',
    }
  }
  if (/Tenant or user not found/i.test(message)) {
    const hint = 'At the Supabase pooler the user is postgres.<project>, and the region of the host must be right.'
    return { code: 'auth_failed', what: 'the pooler does not know this user', hint }
  }
  if (code === SQLSTATE.invalidAuthorization) {
    return { code: 'auth_failed', what: message, hint: 'Check the user name, and pg_hba.conf on the server.' }
  }
  if (code === SQLSTATE.invalidCatalogName || /no such database/.test(message)) {
    const hint = 'Correct the name at the end of the URL, or create the database.'
    return { code: 'database_missing', what: `there is no database "${target.database}"`, hint }
  }
  if (code === SQLSTATE.insufficientPrivilege) {
    const hint = `Run GRANT CONNECT ON DATABASE for the role, or connect as another.`
    return { code: 'privilege_missing', what: message, hint }
  }
  if (code === SQLSTATE.tooManyConnections) {
    return { code: 'too_many_connections', what: 'the server has no connection left', hint: CONNECTIONS_HINT }
  }
  if (code === SQLSTATE.cannotConnectNow) {
    return { code: 'unreachable', what: message, hint: 'The server starts or stops. Try again in a moment.' }
  }
  return null
}
