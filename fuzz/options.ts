import { existsSync } from 'node:fs'
import { UsageError } from '../src/lib/errors.ts'
import { readScriptOptions, readWhole } from '../test/support/script.ts'

export interface Options {
  readonly histories: number
  readonly seed: string
  /** Number of the first history. */
  readonly first: number
  /** Servers side by side, each with a share of the histories. */
  readonly jobs: number
  /** Replays one file instead. */
  readonly replay: string | null
  /** Writes fuzz/REPORT.md. */
  readonly report: boolean
  /** For shrinking one failure. Seconds. */
  readonly shrinkSeconds: number
}

const USAGE = `npm run fuzz -- [--histories 1000] [--seed 1] [--first 0] [--jobs 1] [--shrink-seconds 300] [--report]
npm run fuzz -- --replay fuzz/cases/<case>.json`

/** Throws UsageError. */
export function readOptions(args: readonly string[]): Options {
  const { values } = readScriptOptions(args, USAGE, {
    options: {
      histories: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      first: { type: 'string', default: '0' },
      jobs: { type: 'string', default: '1' },
      replay: { type: 'string' },
      report: { type: 'boolean', default: false },
      'shrink-seconds': { type: 'string', default: '300' },
    },
  })
  const { replay = null } = values
  if (replay !== null && !existsSync(replay))
    throw new UsageError('fuzz.replay', `There is no file ${replay}.`, { hint: USAGE })
  return {
    histories: readWhole('--histories', values.histories, 1),
    seed: values.seed,
    first: readWhole('--first', values.first),
    jobs: readWhole('--jobs', values.jobs, 1),
    replay,
    report: values.report,
    shrinkSeconds: readWhole('--shrink-seconds', values['shrink-seconds']),
  }
}
