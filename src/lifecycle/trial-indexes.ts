import type pg from 'pg'
import { errorCode, isConnectionLost, isRetryable } from '../db/sqlstates.ts'
import { UsageError } from '../lib/errors.ts'
import { ident, sql } from '../lib/sql.ts'
import type { Mapping } from '../spec/mapping.ts'
import { keyIndexColumns } from '../sqlgen/key-index.ts'
import { relation } from '../sqlgen/names.ts'

/** INSUFFICIENT_PRIVILEGE: who may make no temporary table finds out at build. */
const MAY_NOT = '42501'

/**
 * Tries each index that Crossfade will build on an empty temporary table of the same shape, in the caller's transaction:
 * an expression whose value depends on more than its row can't be indexed. Throws UsageError with the expression.
 */
export async function tryIndexes(client: pg.ClientBase, mapping: Mapping): Promise<void> {
  for (const index of mapping.indexes) {
    const name = ident('pg_temp', index.table.name)
    await client.query('SAVEPOINT crossfade_index')
    try {
      await client.query(sql`CREATE TEMPORARY TABLE ${name} (LIKE ${relation(index.table)})`.text)
      await client.query(sql`CREATE INDEX ON ${name} ${keyIndexColumns(index)}`.text)
    } catch (error) {
      if (isRetryable(error) || isConnectionLost(error)) throw error
      if (errorCode(error) !== MAY_NOT) throw refused(index, error)
    }
    await client.query('ROLLBACK TO crossfade_index')
  }
}

function refused(index: Mapping['indexes'][number], error: unknown): UsageError {
  const message = error instanceof Error ? error.message : String(error)
  return new UsageError(
    'mapping.index',
    `${index.table.schema}.${index.table.name} can't have the index that finds its rows ${index.purpose}: ${message}`,
    {
      hint: `It would be over ${index.parts.join(', ')}. Use what depends on the row alone: no concat, no text of a timestamp, no function that isn't IMMUTABLE.`,
      cause: error,
    },
  )
}
