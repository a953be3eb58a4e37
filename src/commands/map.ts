import { resolve } from 'node:path'
import type { Command } from 'commander'
import { buildMap } from '../codemap/build-map.ts'
import { findRoot } from '../codemap/discover/list-files.ts'
import { type CodeMap, readCodeMap } from '../codemap/read-code-map.ts'
import { printMap } from '../codemap/terminal/print-map.ts'
import { describeTerminal } from '../codemap/terminal/terminal.ts'
import type { Project } from '../control/project.ts'
import { type ConfigPlace, readConfigIfThere } from '../control/read-config.ts'
import { UsageError } from '../lib/errors.ts'
import { createLogger, type Logger } from '../lib/log.ts'
import { readDatabaseUrl } from './database-url.ts'
import { codePaths, oldSchemasOf, readCoverage, readMapping } from './map-coverage.ts'
import { type LiveDatabase, readLiveDatabase } from './map-database.ts'
import { assertWritable, writeMapFiles } from './map-files.ts'

interface MapFlags {
  readonly json?: true
  readonly out: string
  readonly config?: string
  readonly database?: string | true
}

/** `crossfade map`: exit code 0, also with unresolved accesses; 2 for a path that isn't there, or without source files. */
export function addMapCommand(program: Command): void {
  program
    .command('map [paths...]')
    .description('every place where the code touches the database: needs neither configuration nor database')
    .option('--out <dir>', 'folder for artifacts', 'crossfade')
    .option(
      '--config <file>',
      'a mapping: what stands between the code and the new names (crossfade.config.ts where there is one)',
    )
    // Not by itself, where DATABASE_URL is set: a map is made where no database can be reached.
    .option(
      '--database [url]',
      'also read the statistics of this database (without a URL: as the configuration says, or DATABASE_URL); only reads',
    )
    .option('--json', 'print the map as one JSON document on stdout')
    .action(async (named: string[], flags: MapFlags) => {
      const cwd = process.cwd()
      const folder = resolve(cwd, flags.out)
      // What is wrong with the words comes first: reading a large program takes a while.
      findRoot(cwd, named)
      await assertWritable(folder)
      const place = { cwd, ...(flags.config === undefined ? {} : { config: flags.config }) }
      const config = await unlessUnasked(flags, () => readConfigIfThere(place))
      const paths = named.length > 0 || config === null ? named : codePaths(cwd, config)
      const project = config && (await unlessUnasked(flags, () => readMapping(cwd, config)))
      if (project === null && flags.config !== undefined)
        log().warn(`the mapping in ${flags.config} has no tables yet, so nothing is said of what it means for the code`)
      const live = await readLive(flags.database, place, project)
      const found = await readCodeMap(cwd, paths, { folder, files: project === null ? [] : namedFiles(project) })
      assertFiles(found, paths)
      const map = buildMap(found, live?.statistics)
      const coverage = project && (await unlessUnasked(flags, () => readCoverage(project, found, live?.tables)))
      const files = await writeMapFiles({ map, coverage, root: found.root, cwd, folder })
      if (flags.json) process.stdout.write(files.document)
      else {
        const terminal = describeTerminal(process.stdout, process.env, found.root)
        const lines = printMap(map, terminal, { written: files.written, next: nextStep(flags, coverage !== null) })
        process.stdout.write(`${lines.join('\n')}\n`)
      }
    })
}

/** A mapping that lies in the current folder and has a mistake is no reason to give no map; one that was asked for is. */
async function unlessUnasked<Result>(flags: MapFlags, fn: () => Promise<Result>): Promise<Result | null> {
  try {
    return await fn()
  } catch (error) {
    if (flags.config !== undefined || !(error instanceof UsageError)) throw error
    log().warn(`left out of the map: ${error.message}`)
    return null
  }
}

function log(): Logger {
  return createLogger({ stream: process.stderr })
}

async function readLive(
  database: MapFlags['database'],
  place: ConfigPlace,
  project: Project | null,
): Promise<LiveDatabase | null> {
  if (database === undefined) return null
  const url = database === true ? await readDatabaseUrl(place) : database
  if (project === null) return await readLiveDatabase(url, [], null)
  return await readLiveDatabase(url, oldSchemasOf(project), project.config.newSchema ?? 'new_schema')
}

function namedFiles({ ddlPath, also }: Project): string[] {
  return [ddlPath, ...(also ? [also.path] : [])]
}

/** A map of nothing would say that nothing touches the database. */
function assertFiles({ root, files, interactions, problems }: CodeMap, paths: readonly string[]): void {
  if (files.length > 0 || interactions.length > 0) return
  const where = paths.length === 0 ? root : paths.join(', ')
  const [first] = problems
  throw new UsageError('map.empty', `There are no source files in ${where}.`, {
    hint: first
      ? `${problems.length} files were left out, the first: ${first.file} ${first.message}`
      : 'Name the folder that holds the code: crossfade map src. Files that .gitignore names, node_modules and dist are left out.',
  })
}

function nextStep({ database }: MapFlags, mapped: boolean): { command: string; why: string } {
  if (mapped) return { command: 'crossfade status', why: 'where the consolidation stands, and what comes next' }
  return database === undefined
    ? {
        command: 'crossfade map --database',
        why: 'adds what the database knows of each table: scans, writes, rows',
      }
    : {
        command: 'crossfade map --config crossfade.config.ts',
        why: 'when you have written a mapping: what it means for this code',
      }
}
