import type pg from 'pg'
import type { Key } from '../control/key-ranges.ts'
import { errorCode, isDataError } from '../db/sqlstates.ts'
import { RefusedError } from '../lib/errors.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { partBounds } from '../sqlgen/ranges.ts'

/** A range of keys that one session copies, chunk by chunk, and how far it is. */
export interface BackfillPart {
  readonly part: number
  /** Everything of the part up to this key is done; null where it begins with the first key. */
  readonly lastKey: Key | null
  /** Where the part ends; null: with the last key there will be. */
  readonly upTo: Key | null
  readonly rows: number
  readonly done: boolean
}

/** So many keys tell well enough where a part of the table ends. */
const SAMPLE = 20_000
/** Parts are never quite alike: with more of them than workers nobody is left without work for long. */
const PARTS_PER_WORKER = 4
const WRONG_OBJECT_TYPE = '42809'

/** How far the backfill of a table is; begins it, in parts for `workers` sessions, where it has not begun. */
export async function readBackfillParts(
  client: pg.ClientBase,
  t: TargetMapping,
  size: { readonly workers: number; readonly expectedRows: number | null },
): Promise<BackfillPart[]> {
  const there = await readParts(client, t.name)
  if (there.length > 0) return there
  const bounds = size.workers > 1 ? await choosePartBounds(client, t, size.workers, size.expectedRows ?? 0) : []
  const ends = [...bounds, null]
  await client.query(
    /* sql */ `
    INSERT INTO crossfade.backfill (target, part, last_key, up_to)
    SELECT $1, p.part, CASE WHEN jsonb_typeof(p.after) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(p.after)) END,
           CASE WHEN jsonb_typeof(p."upTo") = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(p."upTo")) END
      FROM jsonb_to_recordset($2) AS p (part integer, after jsonb, "upTo" jsonb)
    ON CONFLICT DO NOTHING`,
    [t.name, JSON.stringify(ends.map((upTo, i) => ({ part: i + 1, after: bounds[i - 1] ?? null, upTo })))],
  )
  return await readParts(client, t.name)
}

async function readParts(client: pg.ClientBase, target: string): Promise<BackfillPart[]> {
  const { rows } = await client.query<BackfillPart>(
    /* sql */ `
    SELECT part, last_key AS "lastKey", up_to AS "upTo", rows::float8 AS rows, done
      FROM crossfade.backfill WHERE target = $1 ORDER BY part`,
    [target],
  )
  return rows
}

/** None where the table is small, or where its keys can't be sampled: one part is as right as many. */
async function choosePartBounds(
  client: pg.ClientBase,
  t: TargetMapping,
  workers: number,
  expectedRows: number,
): Promise<Key[]> {
  const query = partBounds(t)
  if (query === null || expectedRows < SAMPLE) return []
  try {
    const { rows } = await client.query<string[]>({
      text: query.text,
      values: [Math.min(100, (100 * SAMPLE) / expectedRows), workers * PARTS_PER_WORKER],
      rowMode: 'array',
    })
    return rows
  } catch (error) {
    if (isDataError(error) || errorCode(error) === WRONG_OBJECT_TYPE) return []
    throw error
  }
}

/**
 * Notes, in the transaction of a chunk, that the chunk is done. Throws RefusedError when another session has gone on
 * from the same key meanwhile; the chunk is rolled back then.
 */
export async function applyBackfillProgress(
  client: pg.ClientBase,
  target: string,
  chunk: { readonly part: number; readonly after: Key | null; readonly upTo: Key; readonly rows: number },
): Promise<void> {
  const { rowCount } = await client.query(
    /* sql */ `
    UPDATE crossfade.backfill SET last_key = $4, rows = rows + $5, updated_at = clock_timestamp()
     WHERE target = $1 AND part = $2 AND last_key IS NOT DISTINCT FROM $3::text[] AND NOT done`,
    [target, chunk.part, chunk.after, chunk.upTo, chunk.rows],
  )
  if (rowCount === 1) return
  throw new RefusedError('backfill_moved', `Somebody else works on the backfill of ${target}, or has rolled it back.`, {
    hint: 'See crossfade status; then run one crossfade sync at a time.',
  })
}

export async function applyPartDone(client: pg.ClientBase, target: string, part: number): Promise<void> {
  await client.query(
    /* sql */ `UPDATE crossfade.backfill SET done = true, updated_at = clock_timestamp() WHERE target = $1 AND part = $2`,
    [target, part],
  )
}
