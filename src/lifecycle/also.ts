import type pg from 'pg'
import { withSearchPath } from '../catalog/search-path.ts'
import type { Script } from '../control/project.ts'
import { applySessionSettings } from '../db/session-settings.ts'
import { isRetryable } from '../db/sqlstates.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import { splitScript } from '../spec/old-names.ts'

/**
 * Runs the user's script in the caller's transaction, with the schema of the application first on the search path.
 * Throws UsageError with file and line where the server refuses it. Call `loadParser()` before.
 */
export async function runAlso(client: pg.ClientBase, also: Script, schema: string): Promise<void> {
  const { rows } = await client.query<{ schema: string }>(/* sql */ `
    SELECT DISTINCT n.nspname AS schema FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
     WHERE n.nspname <> 'pg_catalog' ORDER BY 1`)
  const path = [...new Set([schema, ...rows.map((row) => row.schema)])].map((name) => ident(name).text).join(', ')
  await withSearchPath(client, path, async () => {
    for (const { text, line } of splitScript(also.text, also.path)) {
      try {
        await client.query(text)
      } catch (error) {
        if (isRetryable(error)) throw error
        const { message, position, hint } = error as { message: string; position?: string; hint?: string }
        const at = position === undefined ? line : line + lineBreaks(text.slice(0, Number(position)))
        throw new UsageError('also.refused', `${also.path}:${at}: ${message}`, {
          hint: hint ?? 'The server refuses this statement when the old tables have left; nothing was changed.',
          cause: error,
        })
      }
    }
  })
  // What it has SET must not reach what comes after it.
  await applySessionSettings(client)
}

function lineBreaks(text: string): number {
  return text.split('\n').length - 1
}
