import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { type Difference, walkSides } from '../src/control/compare-sides.ts'
import { retryJournal } from '../src/control/journal.ts'
import { readBuiltState } from '../src/control/state.ts'
import type { Mapping } from '../src/spec/mapping.ts'
import { accounting } from '../src/sqlgen/accounting.ts'
import { compareQueries } from '../src/sqlgen/compare.ts'
import { drainAll } from '../src/sync/worker.ts'
import type { SourceAccount } from '../src/verify/result.ts'
import type { Failure } from './case.ts'

/** With so many looks at it and nothing less in it, the outbox stays. */
const LOOKS = 40
const PAUSE_MS = 50

/** What is wrong when everything is quiet; the outbox is emptied first. */
export async function checkSides(client: pg.Client): Promise<Failure[]> {
  const { mapping } = await readBuiltState(client)
  const stuck = await drain(client, mapping)
  if (stuck) return [stuck]
  const found = await compareBothSides(client, mapping)
  if (found.length > 0) return found
  return await checkJournal(client, mapping)
}

/** Applies the outbox until it is empty. */
async function drain(client: pg.Client, mapping: Mapping): Promise<Failure | null> {
  for (let [left, least] = [LOOKS, Number.POSITIVE_INFINITY]; ; left--) {
    await client.query(`update crossfade.outbox set not_before = '-infinity'`)
    await drainAll(client, { mapping })
    const { rows } = await client.query(
      `select *, (count(*) over ())::int as keys from crossfade.outbox order by id limit 5`,
    )
    const keys = Number(rows[0]?.keys ?? 0)
    if (keys === 0) return null
    if (keys < least) [left, least] = [LOOKS, keys]
    if (left === 0) return { kind: `the outbox stays: ${rows[0]?.sqlstate}`, detail: JSON.stringify(rows, null, 1) }
    await sleep(PAUSE_MS)
  }
}

async function compareBothSides(client: pg.Client, mapping: Mapping): Promise<Failure[]> {
  const failures: Failure[] = []
  for (const t of mapping.targets) {
    const differences: Difference[] = []
    await walkSides([client], compareQueries(t), {
      signal: new AbortController().signal,
      what: 'fuzz',
      async onRange(found) {
        differences.push(...found.differences)
      },
    })
    if (differences.length > 0)
      failures.push({ kind: 'difference', detail: `${t.name}: ${JSON.stringify(differences.slice(0, 5))}` })
    const { rows } = await client.query<SourceAccount>(accounting(t).text)
    for (const row of rows) {
      const placed = row.merged + row.own + row.leftOut + row.journaled
      if (placed !== row.oldRows) failures.push({ kind: 'account', detail: `${t.name}: ${JSON.stringify(row)}` })
    }
  }
  return failures
}

/** An entry of the journal whose reason has gone would hide that its row is missing. Of several reasons it may name any. */
async function checkJournal(client: pg.Client, mapping: Mapping): Promise<Failure[]> {
  const before = await readJournal(client)
  if (before.length === 0 || (await retryJournal(client, {})) === 0) return []
  const stuck = await drain(client, mapping)
  if (stuck) return [stuck]
  const after = await readJournal(client)
  const gone = before.filter((line) => !after.includes(line))
  const come = after.filter((line) => !before.includes(line))
  if (gone.length + come.length === 0) return await compareBothSides(client, mapping)
  return [{ kind: 'journal', detail: `retried; gone: ${gone.join('; ')}; come: ${come.join('; ')}` }]
}

async function readJournal(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `select concat_ws(' ', target, key, source, old_key) as line from crossfade.journal order by 1`,
  )
  return rows.map((row) => row.line)
}
