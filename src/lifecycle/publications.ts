import type pg from 'pg'
import type { Project } from '../control/project.ts'
import { RefusedError } from '../lib/errors.ts'

/**
 * Throws RefusedError where a publication takes new tables in by itself: of all tables the control schema, of the old
 * schema the new tables at `move`. A subscriber that has no such table stops there, and takes nothing more of the old
 * ones either. Publications that the configuration ignores are of no concern.
 */
export async function assertPublications(client: pg.ClientBase, project: Project): Promise<void> {
  const { rows } = await client.query<{ name: string; schema: string | null }>(
    /* sql */ `
    SELECT p.pubname::text AS name, NULL AS schema FROM pg_publication AS p WHERE p.puballtables
     UNION ALL
    SELECT p.pubname::text, n.nspname::text FROM pg_publication AS p
      JOIN pg_publication_namespace AS s ON s.pnpubid = p.oid JOIN pg_namespace AS n ON n.oid = s.pnnspid
     WHERE n.nspname = $1
     ORDER BY 1`,
    [project.config.oldSchema ?? 'public'],
  )
  const ignored = new Set(project.config.finish?.ignore ?? [])
  const found = rows.find((row) => !ignored.has(row.name))
  if (found === undefined) return
  const takes = found.schema === null ? 'all tables' : `all tables in schema ${found.schema}`
  throw new RefusedError(
    'check.publication',
    `Publication ${found.name} is for ${takes}, so it takes in what Crossfade makes. A subscriber that has no such table stops.`,
    {
      hint: `Make it a publication of the tables that are subscribed to (CREATE PUBLICATION … FOR TABLE …, then ALTER SUBSCRIPTION … SET PUBLICATION …). If its subscribers don't mind unknown tables: finish: { ignore: [${JSON.stringify(found.name)}] }`,
    },
  )
}
