import type { Site } from '../../style.ts'
import { unknown, type Value } from '../../value.ts'

const METHODS = new Set(['onConflict', 'whereRaw', 'orderByRaw', 'whereNotExists', 'transacting', 'batchInsert'])

/** Methods on something unknown that no other library has. What they belong to can't be told, nor the table. */
export function suspectKnex(reason: string, method: string, _args: readonly Value[], site: Site): Value | undefined {
  if (!METHODS.has(method)) return undefined
  site.unresolved(null, `the query is not known: ${reason}`)
  return unknown(reason)
}
