import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { buildMap } from '../codemap/build-map.ts'
import type { InteractionMap } from '../codemap/interaction-map.ts'
import { type CodeMap, readCodeMap } from '../codemap/read-code-map.ts'
import { buildCoveragePage } from '../coverage/coverage-page.ts'
import { UsageError } from '../lib/errors.ts'
import { readCoverage } from './map-coverage.ts'

interface MapFlags {
  readonly json?: true
  readonly out: string
  readonly config?: string
}

const FILE = 'DATABASE_INTERACTION_MAP.json'
const COVERAGE = 'MAPPING_COVERAGE.md'

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
    .option('--json', 'print the map as one JSON document on stdout')
    .action(async (paths: string[], flags: MapFlags) => {
      const cwd = process.cwd()
      const found = await readCodeMap(cwd, paths)
      assertFiles(found, paths)
      const map = buildMap(found)
      const coverage = await readCoverage(cwd, flags.config, found)
      const document = `${JSON.stringify(coverage === null ? map : { ...map, coverage }, null, 2)}\n`
      const folder = resolve(cwd, flags.out)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, FILE), document)
      if (coverage !== null) await writeFile(join(folder, COVERAGE), buildCoveragePage(coverage))
      process.stdout.write(flags.json ? document : `${describe(map, shorten(cwd, join(folder, FILE))).join('\n')}\n`)
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

function shorten(cwd: string, path: string): string {
  const short = relative(cwd, path)
  return short.startsWith('..') ? path : short
}

function describe({ summary, tables, unresolved, problems }: InteractionMap, file: string): string[] {
  return [
    `${summary.interactions} interactions with ${summary.tables} tables in ${summary.files} files.`,
    ...tables.map((one) => `${one.interactions} queries → ${one.name}`),
    ...unresolved.map((one) => `unresolved: ${one.file}:${one.line}:${one.column} ${one.reason}`),
    ...problems.map((one) => `${one.file} ${one.message}`),
    `Written to ${file}.`,
  ]
}
