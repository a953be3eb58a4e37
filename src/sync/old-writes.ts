import type pg from 'pg'
import type { Mapping } from '../spec/mapping.ts'
import { oldWritesSequence } from '../sqlgen/names.ts'

/** Writes that came in by an old name since sync began, and when the count last grew. */
export interface OldWrites {
  readonly target: string
  readonly source: string
  readonly writes: number
  readonly changedAt: Date
}

/** Looks at the counters (sequences, which no writer waits for) and notes which of them grew. */
export async function sampleOldWrites(client: pg.ClientBase, mapping: Mapping): Promise<void> {
  for (const t of mapping.targets) {
    for (const s of t.sources.filter((one) => !one.stub)) {
      const sequence = oldWritesSequence(t, s).text
      const { rows } = await client.query<{ there: boolean }>(/* sql */ `SELECT to_regclass($1) IS NOT NULL AS there`, [
        sequence,
      ])
      if (!rows[0]?.there) continue
      await client.query(
        /* sql */ `
        INSERT INTO crossfade.old_write AS w (target, source, writes)
        SELECT $1, $2, CASE WHEN q.is_called THEN q.last_value ELSE 0 END FROM ${sequence} AS q
        ON CONFLICT (target, source) DO UPDATE
           SET changed_at = CASE WHEN excluded.writes > w.writes THEN clock_timestamp() ELSE w.changed_at END,
               writes = excluded.writes, seen_at = clock_timestamp()`,
        [t.name, s.relation.name],
      )
    }
  }
}

export async function readOldWrites(client: pg.ClientBase): Promise<OldWrites[]> {
  const { rows } = await client.query<OldWrites>(/* sql */ `
    SELECT target, source, writes::int, changed_at AS "changedAt" FROM crossfade.old_write ORDER BY target, source`)
  return rows
}
