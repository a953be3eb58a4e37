import { statSync } from 'node:fs'
import { UsageError } from '../src/lib/errors.ts'
import { readScriptOptions, readWhole } from '../test/support/script.ts'

export interface Options {
  readonly kills: number
  readonly seed: string
  readonly postgres: 15 | 16 | 17 | 18
  /** A file that the report is written to. */
  readonly report: string | null
  /** Ends between two lives when so many seconds have passed. */
  readonly seconds: number | null
  /** A folder on a small file system of its own, as root by hand: mount -t tmpfs -o size=300m none FOLDER. It will be filled. */
  readonly fillDisk: string | null
  /** The application behind a pooler in transaction mode; the tool must refuse it. */
  readonly pgbouncer: boolean
  readonly verbose: boolean
}

const USAGE = `npm run chaos -- [--kills 12] [--seed 1] [--postgres 18] [--seconds 600] [--report FILE] [--pgbouncer]
                 [--fill-disk FOLDER] [--verbose]`

/** Throws UsageError. */
export function readOptions(args: readonly string[]): Options {
  const { values } = readScriptOptions(args, USAGE, {
    options: {
      kills: { type: 'string', default: '12' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      postgres: { type: 'string', default: '18' },
      report: { type: 'string' },
      seconds: { type: 'string' },
      'fill-disk': { type: 'string' },
      pgbouncer: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
    },
  })
  const { report = null, 'fill-disk': fillDisk = null, seconds, seed, pgbouncer, verbose } = values
  if (fillDisk !== null && !statSync(fillDisk, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError('chaos.folder', `${fillDisk} is no folder.`, { hint: USAGE })
  return {
    kills: readWhole('--kills', values.kills, 1),
    seed,
    postgres: readVersion(values.postgres),
    report,
    seconds: seconds === undefined ? null : readWhole('--seconds', seconds, 1),
    fillDisk,
    pgbouncer,
    verbose,
  }
}

function readVersion(text: string): Options['postgres'] {
  const version = ([15, 16, 17, 18] as const).find((known) => String(known) === text)
  if (version !== undefined) return version
  throw new UsageError('chaos.postgres', `There is no Postgres ${text} to kill.`, {
    hint: 'There are 15, 16, 17 and 18.',
  })
}
