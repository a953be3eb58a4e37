import type pg from 'pg'
import { outboxSize } from '../control/outbox.ts'
import type { Logger } from '../lib/log.ts'
import { describeProgress, formatCount, throttle } from '../lib/progress-line.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { rowCount } from '../sqlgen/accounting.ts'

const EVERY_MS = 500
/** Below this size counting takes about as long as asking for the estimate. Bytes. */
const COUNTED_BELOW = 64 * 1024 * 1024

/** Says about twice a second how far a backfill is, and how far the outbox lags. */
export class BackfillProgress {
  readonly #target: TargetMapping
  readonly #log: Logger
  readonly #total: number | null
  readonly #before: number
  #rows: number
  readonly #started = performance.now()
  readonly #due = throttle(EVERY_MS, () => performance.now())

  constructor(target: TargetMapping, log: Logger, total: number | null, rowsBefore: number) {
    this.#target = target
    this.#log = log
    this.#total = total
    this.#before = rowsBefore
    this.#rows = rowsBefore
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000
  }

  /** New rows that are there, those of earlier runs included. */
  get rows(): number {
    return this.#rows
  }

  /** After a chunk of so many rows, of whichever worker. */
  async show(client: pg.ClientBase, chunkRows: number): Promise<void> {
    this.#rows += chunkRows
    const rows = this.#rows
    if (!this.#due()) return
    const name = this.#target.name
    const outbox = await outboxSize(client, name)
    const lag =
      outbox.keys === 0
        ? 'outbox empty'
        : `${formatCount(outbox.keys)} keys in the outbox, the oldest for ${outbox.oldestSeconds.toFixed(1)} s`
    const line = describeProgress({
      name,
      rows,
      total: this.#total,
      runRows: rows - this.#before,
      runSeconds: this.seconds,
    })
    this.#log.progress(`${line}; ${lag}`)
  }
}

/** About how many new rows there will be: at least as many as the largest source has. Null when nobody knows. */
export async function readExpectedRows(client: pg.ClientBase, t: TargetMapping): Promise<number | null> {
  const counts: number[] = []
  for (const s of t.sources) {
    const { rows } = await client.query<{ estimate: number; bytes: number }>(
      /* sql */ `
      SELECT c.reltuples::float8 AS estimate, pg_table_size(c.oid)::float8 AS bytes
        FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = $2`,
      [s.base.schema, s.base.name],
    )
    const { estimate = -1, bytes = 0 } = rows[0] ?? {}
    if (bytes >= COUNTED_BELOW) {
      if (estimate >= 0) counts.push(estimate)
      continue
    }
    const counted = await client.query<{ rows: string }>(rowCount(s.base).text)
    counts.push(Number(counted.rows[0]?.rows ?? 0))
  }
  return counts.length === 0 ? null : Math.max(...counts)
}
