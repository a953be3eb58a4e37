import { DatabaseError } from '../lib/errors.ts'
import type { DumpConnection } from './dump-connection.ts'
import { dumpWithNative, readNativeMajor } from './dump-native.ts'
import { dumpWithWasm } from './dump-wasm.ts'

/** The newest server that the WASM pg_dump knows. */
const WASM_MAJOR = 18
/** What every dump of ours has. A table that DDL of others holds is waited for, but not for minutes: the dump has locks of its own by then. */
export const DUMP_OPTIONS: readonly string[] = [
  '--schema-only',
  '--encoding=UTF8',
  '--no-password',
  '--lock-wait-timeout=3000',
]

/** Not ident(): pg_dump's patterns know `""` but no `U&"…"`. */
export function pattern(...path: string[]): string {
  return path.map((name) => `"${name.replaceAll('"', '""')}"`).join('.')
}

/**
 * The text of pg_dump: the one on PATH where it is of the server's major version or newer, the bundled one else. Throws
 * DatabaseError where neither knows the server, or the server refuses.
 */
export async function runDump(
  url: string,
  connection: DumpConnection,
  major: number,
  args: readonly string[],
): Promise<string> {
  const nativeMajor = await readNativeMajor()
  const hasNative = nativeMajor !== null && nativeMajor >= major
  if (major > WASM_MAJOR && !hasNative) {
    throw new DatabaseError('server_too_new', `There is no pg_dump here for PostgreSQL ${major}.`, {
      hint: `Install pg_dump ${major} or newer and put it on PATH.`,
    })
  }
  if (hasNative) {
    try {
      return await dumpWithNative(url, connection.client, args)
    } catch (error) {
      // libpq may not come through where pg did (TLS settings, a wrapper that picks another version).
      if (major > WASM_MAJOR) throw error
    }
  }
  return await dumpWithWasm(connection, args)
}

/** Throws DatabaseError for a server that is too old. */
export function readMajor(connection: DumpConnection): number {
  const version = connection.parameters.get('server_version') ?? 'of an unknown version'
  const major = Number.parseInt(version, 10)
  if (major >= 15) return major
  throw new DatabaseError('server_too_old', `The server is PostgreSQL ${version}.`, {
    hint: 'Crossfade needs PostgreSQL 15 or later. Upgrade the server first.',
  })
}
