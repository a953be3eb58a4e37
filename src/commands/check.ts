import { mkdir, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { sumUp, writeCheckPage } from '../check/check-page.ts'
import type { CheckReport } from '../check/check-report.ts'
import { readCheck } from '../check/read-check.ts'
import { loadProject } from '../control/project.ts'
import { connect } from '../db/connect.ts'
import { createLogger } from '../lib/log.ts'
import { formatCount } from '../lib/progress-line.ts'
import { readApi } from './api-access.ts'
import { DATABASE_OPTION, readDatabaseUrl } from './database-url.ts'
import { readSeconds, untilInterrupted } from './reading-command.ts'

interface CheckFlags {
  readonly database?: string
  readonly config?: string
  readonly out: string
  readonly timeout: number
  readonly trial?: true
  readonly showValues?: true
  readonly json?: true
}

/**
 * `crossfade check`: exit code 0 where nothing stops that isn't accepted; 1 where something does, also a design that
 * doesn't hold; 2 for a configuration that is none; 3 where the database can't be reached or its schema not be dumped.
 */
export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('the mapping against the real rows and objects, before anything is created; only reads')
    .option(...DATABASE_OPTION)
    .option('--config <file>', 'the mapping; default: crossfade.config.ts')
    .option('--out <dir>', 'folder for artifacts', 'crossfade')
    .option('--timeout <seconds>', 'the longest that one statement may take; 0: any time', readSeconds, 600)
    .option('--trial', 'try the DDL on the database itself and roll it back; else on a server of its own')
    .option('--show-values', 'show values in examples, else only their shape')
    .option('--json', 'print the report as one JSON document on stdout')
    .action((flags: CheckFlags) => untilInterrupted((signal) => runCheck(flags, signal)))
}

async function runCheck(flags: CheckFlags, signal: AbortSignal): Promise<void> {
  const cwd = process.cwd()
  const place = { cwd, ...(flags.config ? { config: flags.config } : {}) }
  const url = await readDatabaseUrl({ ...flags, ...place })
  const project = await loadProject({ ...place, out: flags.out })
  const log = createLogger({ stream: process.stderr })
  const db = await connect(url, { applicationName: 'check', readOnly: flags.trial !== true, poolSize: 2 })
  try {
    const report = await readCheck(db, project, {
      ...{ url, onDatabase: flags.trial === true, showsValues: flags.showValues === true },
      ...{ timeout: flags.timeout, api: await readApi(project, log), log, signal },
    })
    log.end()
    const text = `${JSON.stringify(report, null, 2)}\n`
    await mkdir(project.outDir, { recursive: true })
    const files: [name: string, text: string][] = [
      ['CHECK_REPORT.md', writeCheckPage(report)],
      ['CHECK_REPORT.json', text],
    ]
    for (const [name, body] of files) await writeFile(join(project.outDir, name), body)
    const written = files.map(([name]) => relative(cwd, join(project.outDir, name)))
    process.stdout.write(flags.json ? text : `${tell(report, written).join('\n')}\n`)
    process.exitCode = report.ok ? 0 : 1
  } finally {
    await db.close()
  }
}

function tell(report: CheckReport, written: readonly string[]): string[] {
  const shown = report.findings.filter((one) => one.severity !== 'note' && !one.accepted)
  return [
    sumUp(report),
    ...shown.map(
      (one) =>
        `  ${one.severity.padEnd(6)} ${one.id}: ${one.rows === null ? '' : `${formatCount(one.rows)} rows: `}${one.what}${tellPlaces(one.places)}`,
    ),
    '',
    `Written: ${written.join(', ')}`,
    report.ok
      ? 'Next: read it, then  crossfade approve design'
      : 'Next: cure what stops, or accept it by its name in the configuration; then  crossfade check  again',
  ]
}

function tellPlaces([first, ...others]: readonly string[]): string {
  if (first === undefined) return ''
  return ` (${first}${others.length > 0 ? ` and ${others.length} more` : ''})`
}
