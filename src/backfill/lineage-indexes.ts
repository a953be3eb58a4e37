import { buildIndex } from '../control/build-index.ts'
import { assertNotInterrupted } from '../control/interruption.ts'
import { waitForOldTransactions } from '../control/old-transactions.ts'
import type { Work } from '../control/work.ts'
import { translateStatementError } from '../db/connect-errors.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { lineageIndexes } from '../sqlgen/lineage.ts'

/**
 * Builds the indexes of lineage that are not there, while the application writes. They serve reads, which come when both
 * sides are in step: before, they would slow every chunk. Returns the seconds it took. Throws InterruptedError after a
 * signal.
 */
export async function buildLineageIndexes(work: Work, t: TargetMapping): Promise<number> {
  const indexes = lineageIndexes(t)
  if (indexes.length === 0) return 0
  const client = await work.db.session()
  try {
    // The server would wait for them without a word.
    await waitForOldTransactions(client, work)
    const started = performance.now()
    for (const index of indexes) {
      assertNotInterrupted(work.signal, `The backfill of ${t.name}`)
      await buildIndex(client, index, work)
    }
    return (performance.now() - started) / 1000
  } catch (error) {
    throw translateStatementError(error) ?? error
  } finally {
    await client.end()
  }
}
