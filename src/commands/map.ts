import { resolve } from 'node:path'
import type { Command } from 'commander'
import { buildMap } from '../codemap/build-map.ts'
import { type CodeMap, readCodeMap } from '../codemap/read-code-map.ts'
import { printMap } from '../codemap/terminal/print-map.ts'
import { describeTerminal } from '../codemap/terminal/terminal.ts'
import { UsageError } from '../lib/errors.ts'
import { readCoverage } from './map-coverage.ts'
import { writeMapFiles } from './map-files.ts'
import { readTableUse } from './map-statistics.ts'

interface MapFlags {
  readonly json?: true
  readonly out: string
  readonly config?: string
  readonly database?: string
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
    // Not DATABASE_URL: a map is made where no database can be reached.
    .option('--database <url>', 'also read the statistics of this database; only reads')
    .option('--json', 'print the map as one JSON document on stdout')
    .action(async (paths: string[], flags: MapFlags) => {
      const cwd = process.cwd()
      const found = await readCodeMap(cwd, paths)
      assertFiles(found, paths)
      const map = buildMap(found, flags.database === undefined ? [] : await readTableUse(flags.database))
      const coverage = await readCoverage(cwd, flags.config, found)
      const files = await writeMapFiles({ map, coverage, root: found.root, cwd, folder: resolve(cwd, flags.out) })
      if (flags.json) process.stdout.write(files.document)
      else {
        const terminal = describeTerminal(process.stdout, process.env, found.root)
        const lines = printMap(map, terminal, { written: files.written, next: nextStep(flags, coverage !== null) })
        process.stdout.write(`${lines.join('\n')}\n`)
      }
    })
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
        command: 'crossfade map --database <url>',
        why: 'adds what the database knows of each table: scans, writes, rows',
      }
    : {
        command: 'crossfade map --config crossfade.config.ts',
        why: 'when you have written a mapping: what it means for this code',
      }
}
