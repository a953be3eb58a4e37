import pg from 'pg'
import { SQLSTATE } from '../db/sqlstates.ts'
import { planValidation, type Validation } from '../sqlgen/finish.ts'

/** What a finish has done, as the database keeps it from the moment of its commit. */
export interface Finished {
  readonly archive: string
  readonly repointed: readonly string[]
  /** Foreign keys that hold for every new row, and whose rows are to be checked yet. */
  readonly unchecked: readonly Validation[]
}

/** In the transaction that archives: what is left to do after it must outlive us. */
export async function saveFinished(session: pg.ClientBase, finished: Finished | null): Promise<void> {
  await session.query(/* sql */ `UPDATE crossfade.migration SET finished = $1::jsonb`, [
    finished === null ? null : JSON.stringify(finished),
  ])
}

/** Null before a finish, and when the archived tables are back. */
export async function readFinished(session: pg.ClientBase): Promise<Finished | null> {
  const { rows } = await session.query<{ finished: Finished | null }>(
    /* sql */ `SELECT finished FROM crossfade.migration`,
  )
  return rows[0]?.finished ?? null
}

/** After the commit: the rows that were there, while everybody goes on writing. A run that is killed is gone on with. */
export async function validateRest(session: pg.ClientBase): Promise<void> {
  const finished = await readFinished(session)
  if (finished === null || finished.unchecked.length === 0) return
  for (const { sql } of planValidation(finished.unchecked)) {
    try {
      await session.query(sql.text)
    } catch (error) {
      if (!isGone(error)) throw error
    }
  }
  await saveFinished(session, { ...finished, unchecked: [] })
}

/** Somebody has dropped the table or the foreign key since. */
function isGone(error: unknown): boolean {
  const gone: readonly string[] = [SQLSTATE.undefinedTable, SQLSTATE.undefinedObject, SQLSTATE.invalidSchemaName]
  return error instanceof pg.DatabaseError && gone.includes(error.code ?? '')
}
