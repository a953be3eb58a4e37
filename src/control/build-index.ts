import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { runWatched, type Watch } from '../db/run-watched.ts'
import { isRetryable } from '../db/sqlstates.ts'
import { retryDelays } from '../lib/backoff.ts'

/** An index that is built outside of any transaction, and what belongs to it. */
export interface LateIndex {
  readonly schema: string
  readonly name: string
  readonly statements: readonly {
    readonly sql: { readonly text: string }
    readonly transactional: boolean
    readonly why: string
  }[]
}

const TRIES = 10

/**
 * Builds an index unless it is there. What it waits for may wait for it, and the server may choose either: then it is
 * built again; so is one that was killed. Says whom it waits for. Throws InterruptedError after a signal.
 */
export async function buildIndex(session: pg.ClientBase, index: LateIndex, watch: Watch): Promise<void> {
  for (const delayMs of [...retryDelays(TRIES, { baseMs: 100, maxMs: 5000 }, Math.random), null]) {
    await dropInvalidIndexes(session, watch)
    if (await isIndexThere(session, index)) return
    try {
      for (const statement of index.statements) {
        if (statement.transactional) {
          await session.query(statement.sql.text)
          continue
        }
        watch.log.info(`building an index: ${statement.why}`)
        await runWatched(session, statement.sql.text, 'building an index', watch)
      }
      return
    } catch (error) {
      if (delayMs === null || !isRetryable(error)) throw error
      await sleep(delayMs)
    }
  }
}

/** Built by an earlier run; or by the user, on a partitioned table. */
async function isIndexThere(session: pg.ClientBase, index: LateIndex): Promise<boolean> {
  const { rows } = await session.query<{ there: boolean }>(
    /* sql */ `
    SELECT EXISTS (SELECT FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE i.indisvalid AND n.nspname = $1 AND c.relname = $2) AS there`,
    [index.schema, index.name],
  )
  return rows[0]?.there ?? false
}

/** CREATE INDEX CONCURRENTLY that was killed leaves an index that is maintained and never used. */
async function dropInvalidIndexes(session: pg.ClientBase, watch: Watch): Promise<void> {
  const { rows } = await session.query<{ name: string }>(/* sql */ `
    SELECT format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE NOT i.indisvalid AND (starts_with(c.relname, 'crossfade_key_') OR n.nspname = 'crossfade')`)
  for (const { name } of rows)
    await runWatched(session, `DROP INDEX CONCURRENTLY IF EXISTS ${name}`, 'dropping a half built index', watch)
}
