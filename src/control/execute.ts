import type pg from 'pg'
import { readDefaultPrivileges } from './default-privileges.ts'

/** The part of a statement that is needed to run it. */
interface Runnable {
  readonly id: string
  readonly sql: { readonly text: string }
  readonly undo: { readonly text: string } | null
  readonly silence?: { readonly text: string }
  readonly why: string
}

/**
 * Runs statements in the caller's transaction, in one round trip, and keeps before, under their stage, what takes each
 * back, so that `crossfade.rollback()` needs nothing but the database.
 */
export async function applyStatements(
  client: pg.ClientBase,
  stage: string,
  statements: readonly Runnable[],
): Promise<void> {
  const { revoke, grant } = await readDefaultPrivileges(client, 'all')
  await noteUndo(client, stage, statements)
  await runTogether(client, [...revoke, ...statements, ...grant])
}

/** In one round trip: whoever waits for a lock of ours would wait for each of them, and the network may be slow. */
export async function runTogether(client: pg.ClientBase, statements: readonly Pick<Runnable, 'sql'>[]): Promise<void> {
  if (statements.length > 0) await client.query(statements.map(({ sql }) => sql.text).join('\n;\n'))
}

/** After the new tables have moved, what takes a stage back has other names. */
export async function replaceUndo(
  client: pg.ClientBase,
  stage: string,
  statements: readonly Runnable[],
): Promise<void> {
  await client.query(/* sql */ `DELETE FROM crossfade.undo WHERE stage = $1`, [stage])
  await noteUndo(client, stage, statements)
}

export async function noteUndo(client: pg.ClientBase, stage: string, statements: readonly Runnable[]): Promise<void> {
  const kept = statements.filter((statement) => statement.undo !== null)
  if (kept.length === 0) return
  await client.query(
    /* sql */ `
    INSERT INTO crossfade.undo (stage, statement, sql, why, silence)
    SELECT $1, u.statement, u.sql, u.why, u.silence
      FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) WITH ORDINALITY AS u (statement, sql, why, silence, position)
     ORDER BY u.position`,
    [
      stage,
      kept.map((statement) => statement.id),
      kept.map((statement) => statement.undo?.text ?? ''),
      kept.map((statement) => statement.why),
      kept.map((statement) => statement.silence?.text ?? null),
    ],
  )
}
