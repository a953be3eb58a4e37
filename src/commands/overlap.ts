import { relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { SuspectGroup } from '../codemap/interaction-map.ts'
import { loadSqlParser } from '../codemap/sql/parser.ts'
import { readMigrationFolder } from '../overlap/migrations/read-folder.ts'
import { tellOverlap } from '../overlap/page/tell-overlap.ts'
import { readOverlap } from '../overlap/read-overlap.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'
import { writeOverlapFiles } from './overlap-files.ts'
import { readArtifact, readingFrom, readSeconds, untilInterrupted } from './reading-command.ts'

interface OverlapFlags {
  readonly database?: string
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
    .option('--schema <name...>', 'schemas to look into; default: public, and those of the tables')
    .option('--migrations <dir>', 'a folder of migrations to compare with the database; else looked for')
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
  const migrations = await readMigrationFolder(cwd, flags.migrations ?? null)
  if (migrations !== null) await loadSqlParser()
  const map = await readSuspects(folder)
  await readingFrom(url, 'overlap', async (db, log) => {
    const document = await readOverlap(db, {
      ...{ tables, schemas: flags.schema ?? [], map, migrations, sample: flags.sample ?? null },
      ...{ showsValues: flags.showValues === true, timeout: flags.timeout, log, signal },
    })
    const { text, written } = await writeOverlapFiles(document, folder)
    const files = written.map((path) => relative(cwd, path))
    process.stdout.write(flags.json ? text : `${tellOverlap(document, files).join('\n')}\n`)
  })
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
