import { spawn } from 'node:child_process'
import type pg from 'pg'
import { buildDumpError } from './dump-text.ts'

const PROGRAM = 'pg_dump'

/** The major version of the pg_dump on PATH, or null where there is none that runs. */
export async function readNativeMajor(): Promise<number | null> {
  try {
    const { status, output } = await run(['--version'], process.env)
    const found = /^pg_dump \(PostgreSQL\) (\d+)/.exec(output)
    return status === 0 && found ? Number(found[1]) : null
  } catch {
    return null
  }
}

/** Runs the pg_dump on PATH; where to connect and as whom goes through its environment, never its arguments. */
export async function dumpWithNative(url: string, client: pg.Client, args: readonly string[]): Promise<string> {
  const { status, output, errors } = await run(args, buildLibpqEnvironment(url, client, process.env))
  if (status === 0) return output
  throw buildDumpError(errors)
}

/** The settings that pg made of the URL, as libpq's variables; never weaker TLS than pg itself used. */
export function buildLibpqEnvironment(url: string, client: pg.Client, base: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const environment = { ...base }
  // A service file, or an address, would outrank the host that is set here.
  for (const name of ['PGSERVICE', 'PGSERVICEFILE', 'PGSYSCONFDIR', 'PGHOSTADDR', 'PGOPTIONS']) delete environment[name]
  const query = readQuery(url)
  const sslMode = client.ssl ? libpqSslMode(query) : 'disable'
  const settings: Record<string, string | null | undefined> = {
    PGHOST: client.host,
    PGPORT: String(client.port),
    PGUSER: client.user,
    PGDATABASE: client.database,
    PGPASSWORD: typeof client.password === 'string' ? client.password : null,
    PGAPPNAME: 'crossfade dump',
    PGOPTIONS: query.get('options'),
    PGSSLMODE: sslMode,
    // libpq trusts nobody by default, pg whom the system trusts.
    PGSSLROOTCERT: query.get('sslrootcert') ?? (sslMode === 'verify-full' ? 'system' : null),
    PGSSLCERT: query.get('sslcert'),
    PGSSLKEY: query.get('sslkey'),
  }
  for (const [name, value] of Object.entries(settings)) if (value) environment[name] = value
  return environment
}

/** pg verifies the certificate under every mode but no-verify, unless it is told to do as libpq does. */
function libpqSslMode(query: URLSearchParams): string {
  const mode = query.get('sslmode')
  if (mode === 'no-verify') return 'require'
  return query.get('uselibpqcompat') === 'true' && mode ? mode : 'verify-full'
}

function readQuery(url: string): URLSearchParams {
  const start = url.indexOf('?')
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1))
}

interface Finished {
  readonly status: number | null
  readonly output: string
  readonly errors: string
}

function run(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(PROGRAM, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.once('error', reject)
    child.once('close', (status) =>
      resolve({ status, output: Buffer.concat(output).toString(), errors: Buffer.concat(errors).toString() }),
    )
  })
}
