import type pg from 'pg'
import type { Work } from '../control/work.ts'
import { withLockRetry } from '../db/retry.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { keylessStatements } from '../sqlgen/backfill.ts'

/** Brings the old rows without a key into the journal, and takes out those that have found one or gone. */
export async function applyKeyless(client: pg.Client, work: Work, t: TargetMapping): Promise<void> {
  const what = `note the rows of ${t.name} that have no key`
  for (const source of t.sources) {
    await withLockRetry(client, { holdsUp: true, signal: work.signal, what }, async () => {
      for (const statement of keylessStatements(t, source)) await client.query(statement.text)
    })
  }
}
