import { dirname, relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { SuspectGroup } from '../codemap/interaction-map.ts'
import { loadSqlParser } from '../codemap/sql/parser.ts'
import { type ConfigPlace, readConfiguredPlaces } from '../control/read-config.ts'
import { UsageError } from '../lib/errors.ts'
import { createLogger, type Logger } from '../lib/log.ts'
import { type MigrationFolder, readMigrationFolder } from '../overlap/migrations/read-folder.ts'
import { tellOverlap } from '../overlap/page/tell-overlap.ts'
import { readOverlap } from '../overlap/read-overlap.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'
import { writeOverlapFiles } from './overlap-files.ts'
import { readArtifact, readingFrom, readSeconds, untilInterrupted } from './reading-command.ts'

interface OverlapFlags {
  readonly database?: string
  readonly config?: string
  readonly out: string
  readonly schema?: readonly string[]
  readonly migrations?: string
  readonly sample?: number
  readonly timeout: number
  readonly showValues?: true
  readonly json?: true
}

const MAP = 'DATABASE_INTERACTION_MAP.json'

/**
 * `crossfade overlap`: exit code 0, also where some tables could not be read (the report says which); 2 for a table or a
 * schema that isn't there; 3 where the database can't be reached.
 */
export function addOverlapCommand(program: Command): void {
  program
    .command('overlap [tables...]')
    .description('which tables hold the same facts, and how well they agree, over all rows; only reads')
    .option(...DATABASE_OPTION)
    .option('--out <dir>', 'folder for artifacts', 'crossfade')
    .option('--config <file>', 'the configuration, where there is one; default: crossfade.config.ts, .js or .mjs')
    .option(
      '--schema <name...>',
      'schemas to look into; default: as the configuration says or public, and those of the tables',
    )
    .option(
      '--migrations <dir>',
      'a folder of migrations to compare with the database; default: as the configuration says, else looked for',
    )
    .option('--sample <percent>', 'look at a share of the keys; counts become estimates with bounds', readPercent)
    .option('--timeout <seconds>', 'the longest that one statement may take; 0: any time', readSeconds, 600)
    .option('--show-values', 'show values in examples, else only their shape')
    .option('--json', 'print the report as one JSON document on stdout')
    .action((tables: string[], flags: OverlapFlags) => untilInterrupted((signal) => runOverlap(tables, flags, signal)))
}

async function runOverlap(tables: readonly string[], flags: OverlapFlags, signal: AbortSignal): Promise<void> {
  const cwd = process.cwd()
  const url = await readDatabaseUrl({ ...flags, cwd })
  const folder = resolve(cwd, flags.out)
  const log = createLogger({ stream: process.stderr })
  const configured = await readPlaces({ cwd, ...flags }, log)
  const migrations = await readMigrations(cwd, flags.migrations, configured, log)
  const schemas = flags.schema ?? (configured?.oldSchema === undefined ? [] : [configured.oldSchema])
  if (migrations !== null) await loadSqlParser()
  const map = await readSuspects(folder)
  await readingFrom(url, 'overlap', async (db) => {
    const document = await readOverlap(db, {
      ...{ tables, schemas, map, migrations, sample: flags.sample ?? null },
      ...{ showsValues: flags.showValues === true, timeout: flags.timeout, log, signal },
    })
    const { text, written } = await writeOverlapFiles(document, folder)
    const files = written.map((path) => relative(cwd, path))
    process.stdout.write(flags.json ? text : `${tellOverlap(document, files).join('\n')}\n`)
  })
}

interface Places {
  readonly oldSchema?: string
  /** As seen from where the person is. */
  readonly migrations: string | null
}

/** Null without a configuration; one that can't be read is told and left alone, unless it was named. */
async function readPlaces(place: ConfigPlace, log: Logger): Promise<Places | null> {
  try {
    const found = await readConfiguredPlaces(place)
    if (found === null) return null
    const { oldSchema, migrations } = found.places
    const folder =
      migrations === undefined ? null : relative(place.cwd, resolve(dirname(found.path), migrations.folder))
    return { ...(oldSchema === undefined ? {} : { oldSchema }), migrations: folder }
  } catch (error) {
    if (!(error instanceof UsageError) || place.config !== undefined) throw error
    log.warn(`${error.message}; so nothing of what it says counts`)
    return null
  }
}

/** A configured folder may still be empty; one that was named by hand may not. */
async function readMigrations(
  cwd: string,
  named: string | undefined,
  configured: Places | null,
  log: Logger,
): Promise<MigrationFolder | null> {
  const folder = configured?.migrations ?? null
  if (named !== undefined || folder === null) return await readMigrationFolder(cwd, named ?? null)
  try {
    return await readMigrationFolder(cwd, folder || '.')
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    log.warn(`${error.message} The configuration names it; so there is nothing to compare with the database.`)
    return null
  }
}

/** What `crossfade map` suspects; nothing where it hasn't run. */
async function readSuspects(folder: string): Promise<readonly SuspectGroup[]> {
  const map = await readArtifact<{ readonly suspects: readonly SuspectGroup[] }>(folder, MAP, 'suspects')
  return (map?.suspects ?? []).filter((one) => Array.isArray(one.tables) && typeof one.score === 'number')
}

function readPercent(text: string): number {
  const percent = Number(text)
  if (percent > 0 && percent <= 100) return percent
  throw new InvalidArgumentError('Give a percentage above 0, up to 100.')
}
