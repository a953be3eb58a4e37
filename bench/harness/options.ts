import { readScriptOptions, readWhole } from '../../test/support/script.ts'

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
  /** A real program, for the measure of the map. */
  readonly path: string | null
}

const USAGE = `npm run bench -- [--only a,b] [--rows 1000000] [--quick] [--workers N] [--path DIR] [--growth] [--sizes 100000,1000000]`

/** Throws UsageError. */
export function readOptions(args: readonly string[]): Options {
  const { values } = readScriptOptions(args, USAGE, {
    options: {
      only: { type: 'string', default: '' },
      rows: { type: 'string', default: '1000000' },
      quick: { type: 'boolean', default: false },
      growth: { type: 'boolean', default: false },
      sizes: { type: 'string', default: '100000,1000000,10000000' },
      workers: { type: 'string' },
      path: { type: 'string' },
    },
  })
  return {
    only: values.only.split(',').filter(Boolean),
    rows: readWhole('--rows', values.rows, 1),
    quick: values.quick,
    growth: values.growth,
    sizes: values.sizes.split(',').map((size) => readWhole('--sizes', size, 1)),
    workers: values.workers === undefined ? null : readWhole('--workers', values.workers, 1),
    path: values.path ?? null,
  }
}
