import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { crossfade } from '../../src/client/pg.ts'
import type { ReaderReport } from './rollback.ts'

// A process of the application, started by the measure of the rollback: clients that read through one wrapped pool. It
// answers each message with what has happened so far, and ends with its parent.
const [url = '', clients = '1', rows = '1'] = process.argv.slice(2)
const pool = crossfade(new pg.Pool({ connectionString: url, max: Number(clients), application_name: 'bench reader' }))
const PAUSE_MS = 20

const failures: string[] = []
let [lastNew, served] = [0, 0]

async function read(): Promise<void> {
  const before = pool.crossfade.stats().readsNew
  const text = 'SELECT id, title, status FROM drafts WHERE id = $1'
  try {
    const { rowCount } = await pool.query({ text, values: [1 + Math.floor(Math.random() * Number(rows))] })
    served++
    if (rowCount !== 1) failures.push(`${rowCount} rows`)
  } catch (error) {
    failures.push(String(error))
  }
  // The router counts a read of the new side when it has its answer.
  if (pool.crossfade.stats().readsNew > before) lastNew = performance.timeOrigin + performance.now()
}

process.on('disconnect', () => process.exit())
process.on('message', () => {
  const { percent } = pool.crossfade.stats()
  process.send?.({ percent, lastNew, served, failures } satisfies ReaderReport)
})
await Promise.all(
  Array.from({ length: Number(clients) }, async () => {
    for (;;) {
      await read()
      await sleep(Math.random() * 2 * PAUSE_MS)
    }
  }),
)
