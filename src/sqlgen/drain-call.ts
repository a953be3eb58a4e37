import { type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { drainFunction } from './names.ts'

/** Applies up to `$1` keys that are due; returns one row, `drained`. */
export function drainCall(t: TargetMapping): Sql {
  return sql`SELECT ${drainFunction(t)}($1) AS drained`
}
