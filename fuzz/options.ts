import { parseArgs } from 'node:util'

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

export const USAGE = `npm run fuzz -- [--histories 1000] [--seed 1] [--first 0] [--jobs 1] [--shrink-seconds 300] [--report]
npm run fuzz -- --replay fuzz/cases/<case>.json`

/** Throws a TypeError for what isn't known. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
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
  return {
    histories: whole('histories', values.histories),
    seed: values.seed,
    first: whole('first', values.first),
    jobs: Math.max(1, whole('jobs', values.jobs)),
    replay: values.replay ?? null,
    report: values.report,
    shrinkSeconds: whole('shrink-seconds', values['shrink-seconds']),
  }
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 0) throw new TypeError(`--${name} takes a whole number, not ${text}`)
  return value
}
