import type { Measure } from '../harness/bench.ts'
import { backfill } from './backfill.ts'
import { bulk } from './bulk.ts'
import { compat } from './compat.ts'
import { costs } from './costs.ts'
import { finish } from './finish.ts'
import { live } from './live.ts'
import { map } from './map.ts'
import { memory } from './memory.ts'
import { native } from './native.ts'
import { overlap } from './overlap.ts'
import { rollback } from './rollback.ts'
import { singleRow } from './single-row.ts'
import { verify } from './verify.ts'

/** In the order of the results. */
export const MEASURES: readonly Measure[] = [
  backfill,
  live,
  singleRow,
  native,
  bulk,
  costs,
  verify,
  overlap,
  rollback,
  finish,
  compat,
  memory,
  map,
]
