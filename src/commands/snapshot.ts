import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { readConfiguredPlaces } from '../control/read-config.ts'
import { connect } from '../db/connect.ts'
import { CrossfadeError, UsageError } from '../lib/errors.ts'
import { createLogger } from '../lib/log.ts'
import { formatCount } from '../lib/progress-line.ts'
import { buildSnapshot } from '../snapshot/build-snapshot.ts'
import { writeSnapshotPage } from '../snapshot/page/snapshot-page.ts'
import { formatBytes } from '../snapshot/page/words.ts'
import { protectSession, readSnapshot, type SnapshotReading } from '../snapshot/read-snapshot.ts'
import type { SchemaSnapshot } from '../snapshot/schema-snapshot.ts'
import { writeSqlFile } from '../snapshot/sql-file.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'

interface SnapshotFlags {
  readonly database?: string
  readonly config?: string
  readonly schema?: string[]
  readonly exact?: true
  readonly showValues?: true
  readonly timeout: string
  readonly out: string
  readonly json?: true
}

/**
 * `crossfade snapshot`: exit code 0, also where the role may not read everything; 1 where the SQL could not be written;
 * 2 for a schema that isn't there; 3 where the database can't be reached or refuses.
 */
export function addSnapshotCommand(program: Command): void {
  program
    .command('snapshot')
    .description('what is in the database, exactly: the DDL as SQL, a JSON and a page; only reads')
    .option(...DATABASE_OPTION)
    .option('--config <file>', 'the configuration, where there is one; default: crossfade.config.ts, .js or .mjs')
    .option(
      '--schema <name...>',
      'only these schemas; default: all but those of the server, of extensions, of Supabase',
    )
    .option('--exact', 'count the rows of every table; without, as the server estimates them')
    .option('--show-values', 'keep what looks like a secret in definitions (passwords in URLs, tokens)')
    .option('--timeout <seconds>', 'for each query of the catalog', '60')
    .option('--out <dir>', 'folder for artifacts', 'crossfade')
    .option('--json', 'print the snapshot as one JSON document on stdout')
    .action(runSnapshot)
}

async function runSnapshot(flags: SnapshotFlags): Promise<void> {
  const place = { ...flags, cwd: process.cwd() }
  // One that was named must be there, also where the URL is.
  if (flags.config !== undefined) await readConfiguredPlaces(place)
  const url = await readDatabaseUrl(place)
  const timeoutMs = readTimeout(flags.timeout)
  const log = createLogger({ stream: process.stderr })
  const db = await connect(url, { applicationName: 'snapshot', readOnly: true, poolSize: 1 })
  try {
    const session = await db.session()
    await protectSession(session, timeoutMs)
    const reading = await readSnapshot(session, url, {
      schemas: flags.schema ?? [],
      exactCounts: flags.exact === true,
      showValues: flags.showValues === true,
      onProgress: (line) => log.progress(line),
    })
    log.end()
    const snapshot = buildSnapshot(reading, { showValues: flags.showValues === true })
    const document = `${JSON.stringify(snapshot, null, 2)}\n`
    const written = await writeSnapshotFiles(resolve(process.cwd(), flags.out), snapshot, reading, document)
    process.stdout.write(flags.json ? document : `${describe(snapshot, written).join('\n')}\n`)
    process.exitCode = reading.dump instanceof CrossfadeError ? 1 : 0
  } finally {
    await db.close()
  }
}

function readTimeout(text: string): number {
  const seconds = Number(text)
  // The server takes no more than an int of milliseconds.
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 2_000_000) return Math.ceil(seconds * 1000)
  throw new UsageError('timeout', `--timeout ${text} is no number of seconds.`, { hint: 'For example --timeout 300' })
}

/** Returns the paths of what was written, as seen from where the person is. */
async function writeSnapshotFiles(
  folder: string,
  snapshot: SchemaSnapshot,
  reading: SnapshotReading,
  document: string,
): Promise<string[]> {
  const texts: [file: string, text: string][] = [
    ['SCHEMA_SNAPSHOT.json', document],
    ['SCHEMA_SNAPSHOT.md', writeSnapshotPage(snapshot)],
  ]
  if (!(reading.dump instanceof CrossfadeError))
    texts.unshift(['PRODUCTION_SCHEMA_SNAPSHOT.sql', writeSqlFile(snapshot, reading.dump, reading.strayTriggers)])
  await mkdir(folder, { recursive: true })
  await Promise.all(texts.map(async ([file, text]) => await writeFile(join(folder, file), text)))
  return texts.map(([file]) => {
    const short = relative(process.cwd(), join(folder, file))
    return short.startsWith('..') ? join(folder, file) : short
  })
}

const MOST_SHOWN = 10

function describe({ summary, leftOut, findings, schemas }: SchemaSnapshot, written: readonly string[]): string[] {
  const shown = findings.slice(0, MOST_SHOWN).map(({ what, message }) => `  ${what}: ${message}`)
  const left = findings.length - shown.length
  return [
    `${formatCount(summary.tables)} tables, ${formatCount(summary.columns)} columns, ${formatCount(summary.views)} views, ` +
      `${formatCount(summary.functions)} functions in ${schemas.map(({ name }) => name).join(', ') || 'no schema'}; ` +
      `about ${formatCount(summary.rows)} rows, ${formatBytes(summary.bytes)}`,
    ...(leftOut.length === 0
      ? []
      : [`Left out: ${leftOut.map(({ name, reason }) => `${name} (${reason})`).join(', ')}`]),
    ...(findings.length === 0 ? [] : ['To know:', ...shown]),
    ...(left > 0 ? [`  and ${left} more, in SCHEMA_SNAPSHOT.md`] : []),
    '',
    `Written: ${written.join(', ')}`,
  ]
}
