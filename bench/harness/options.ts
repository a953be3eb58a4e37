import { parseArgs } from 'node:util'
import { UsageError } from '../../src/lib/errors.ts'

export interface Options {
  /** Names of measures; empty: all. */
  readonly only: readonly string[]
  readonly rows: number
  /** Few rounds, for development: nothing is written down. */
  readonly quick: boolean
  /** The measures with a line in the plot, at several sizes. */
  readonly growth: boolean
  readonly sizes: readonly number[]
  /** Connections of backfill and verify; the product's default where it isn't given. */
  readonly workers: number | null
}

/** Throws UsageError. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', default: '' },
      rows: { type: 'string', default: '1000000' },
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      sizes: { type: 'string', default: '100000,1000000,10000000' },
      workers: { type: 'string' },
    },
  })
  return {
    only: values.only.split(',').filter(Boolean),
    rows: readNumber('--rows', values.rows),
    quick: values.quick,
    growth: values.growth,
    sizes: values.sizes.split(',').map((size) => readNumber('--sizes', size)),
    workers: values.workers === undefined ? null : readNumber('--workers', values.workers),
  }
}

function readNumber(option: string, text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number > 0) return number
  throw new UsageError('bench.number', `${option} takes a whole number, not ${text}`, { hint: 'e.g. --rows 100000' })
}
