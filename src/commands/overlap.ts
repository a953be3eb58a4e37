import { readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import type { SuspectGroup } from '../codemap/interaction-map.ts'
import { loadSqlParser } from '../codemap/sql/parser.ts'
import { connect } from '../db/connect.ts'
import { InterruptedError, UsageError } from '../lib/errors.ts'
import { createLogger } from '../lib/log.ts'
import { readMigrationFolder } from '../overlap/migrations/read-folder.ts'
import { tellOverlap } from '../overlap/page/tell-overlap.ts'
import { type OverlapOptions, readOverlap } from '../overlap/read-overlap.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'
import { writeOverlapFiles } from './overlap-files.ts'

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
    .action(async (tables: string[], flags: OverlapFlags) => {
      const [cwd, stop] = [process.cwd(), new AbortController()]
      const url = await readDatabaseUrl({ ...flags, cwd })
      const folder = resolve(cwd, flags.out)
      const interrupt = (): void =>
        stop.abort(new InterruptedError('Interrupted.', { hint: 'Nothing was written, in the database or to disk.' }))
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
      const migrations = await readMigrationFolder(cwd, flags.migrations ?? null)
      if (migrations !== null) await loadSqlParser()
      const options: OverlapOptions = {
        ...{ tables, schemas: flags.schema ?? [], map: await readSuspects(folder), migrations },
        ...{ sample: flags.sample ?? null, showsValues: flags.showValues === true, timeout: flags.timeout },
        ...{ log: createLogger({ stream: process.stderr }), signal: stop.signal },
      }
      const db = await connect(url, { applicationName: 'overlap', readOnly: true, session: false, poolSize: 2 })
      try {
        const document = await readOverlap(db, options)
        const { text, written } = await writeOverlapFiles(document, folder)
        const files = written.map((path) => relative(cwd, path))
        process.stdout.write(flags.json ? text : `${tellOverlap(document, files).join('\n')}\n`)
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
        await db.close()
      }
    })
}

/** What `crossfade map` has left in the folder; nothing where it hasn't run. Throws UsageError for a file that is none. */
async function readSuspects(folder: string): Promise<readonly SuspectGroup[]> {
  const path = join(folder, MAP)
  const text = await readFile(path, 'utf8').catch(() => null)
  if (text === null) return []
  try {
    const { suspects } = JSON.parse(text) as { suspects?: SuspectGroup[] }
    return (suspects ?? []).filter((one) => Array.isArray(one.tables) && typeof one.score === 'number')
  } catch (error) {
    throw new UsageError('overlap.map', `${path} is no map.`, {
      hint: 'Run crossfade map again, or remove the file: overlap does without.',
      cause: error,
    })
  }
}

function readPercent(text: string): number {
  const percent = Number(text)
  if (percent > 0 && percent <= 100) return percent
  throw new InvalidArgumentError('Give a percentage above 0, up to 100.')
}

function readSeconds(text: string): number {
  const seconds = Number(text)
  if (text.trim() !== '' && seconds >= 0 && seconds <= 2_000_000) return seconds
  throw new InvalidArgumentError('Give a number of seconds.')
}
