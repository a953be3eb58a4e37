import type { Measure } from '../harness/bench.ts'
import { backfill } from './backfill.ts'
import { compat } from './compat.ts'
import { singleRow } from './single-row.ts'
import { verify } from './verify.ts'

/** In the order of the results. */
export const MEASURES: readonly Measure[] = [backfill, singleRow, verify, compat]
