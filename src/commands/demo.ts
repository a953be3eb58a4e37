import type { Command } from 'commander'
import { formatReport } from '../demo/report-text.ts'
import { runDemo } from '../demo/run.ts'
import type { PostgresMajor } from '../embedded/binaries.ts'
import { UsageError } from '../lib/errors.ts'
import { createLogger } from '../lib/log.ts'

interface DemoFlags {
  readonly rows: string
  readonly keep?: true
  readonly json?: true
  readonly postgres?: string
}

const FEWEST_ROWS = 100

/** `crossfade demo`: exit code 1 when anything that must hold did not. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('the whole job on an embedded Postgres, with a live application')
    .option('--rows <n>', 'keys in the legacy queue', '20000')
    .option('--keep', 'leave the database folder behind')
    .option('--postgres <version>', 'major version of the embedded server: 15 to 18')
    .option('--json', 'print the report as one JSON document')
    .action(async (flags: DemoFlags) => {
      const interrupted = new AbortController()
      const interrupt = () => interrupted.abort()
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt)
      const report = await runDemo({
        rows: readRows(flags.rows),
        keep: flags.keep === true,
        ...(flags.postgres === undefined ? {} : { version: readMajor(flags.postgres) }),
        logger: createLogger({ stream: process.stderr }),
        signal: interrupted.signal,
      })
      process.stdout.write(flags.json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report))
      process.exitCode = report.ok ? 0 : 1
    })
}

/** Which majors there are, the embedded server itself says. */
function readMajor(text: string): PostgresMajor {
  if (/^\d+$/.test(text)) return Number(text) as PostgresMajor
  throw new UsageError('postgres', `--postgres ${text} is not a major version`, { hint: 'take 15, 16, 17 or 18' })
}

function readRows(text: string): number {
  const rows = Number(text)
  if (Number.isSafeInteger(rows) && rows >= FEWEST_ROWS) return rows
  throw new UsageError('rows', `--rows ${text} is not a number of rows`, {
    hint: `give a whole number from ${FEWEST_ROWS} on`,
  })
}
