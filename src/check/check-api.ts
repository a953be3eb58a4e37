import type pg from 'pg'
import type { CatalogTable } from '../catalog/types.ts'
import type { Project } from '../control/project.ts'
import { COMPAT } from '../lib/schema-names.ts'
import { ident } from '../lib/sql.ts'
import { takeForeignKeys } from '../spec/foreign-keys.ts'
import type { Mapping } from '../spec/mapping.ts'
import { display } from '../sqlgen/names.ts'
import { adviseExposing } from './check-front-door.ts'
import type { Found } from './finding.ts'

const REALTIME = 'supabase_realtime'

interface ApiRow {
  /** PostgREST's own roles, and those that Supabase gives its clients. */
  readonly roles: string[]
  /** What PostgREST shows, as its role has it; null where it is told elsewhere. */
  readonly schemas: string | null
  /** An event trigger of Supabase's tells PostgREST of every change of the schema. */
  readonly told: boolean
}

/** Needs no right beyond CONNECT. A setting of the role in this database beats one of the role alone. */
const API = /* sql */ `
SELECT ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname IN ('anon', 'authenticated', 'authenticator') ORDER BY 1) AS roles,
       (SELECT substr(s.setting, length('pgrst.db_schemas=') + 1)
          FROM pg_db_role_setting AS r JOIN pg_roles AS o ON o.oid = r.setrole, unnest(r.setconfig) AS s (setting)
         WHERE o.rolname = 'authenticator' AND s.setting LIKE 'pgrst.db\\_schemas=%'
           AND r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
         ORDER BY r.setdatabase DESC LIMIT 1) AS schemas,
       EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'pgrst_ddl_watch' AND evtenabled IN ('O', 'A')) AS told`

/** What Supabase's API and its realtime make of the move; nothing where the database isn't behind PostgREST. */
export async function checkApi(
  session: pg.Client,
  project: Project,
  mapping: Mapping,
  followed: readonly CatalogTable[],
): Promise<Found[]> {
  const { rows } = await session.query<ApiRow>(API)
  const [api] = rows
  const realtime = followed.filter((table) => table.publications.includes(REALTIME))
  return [
    ...(api && api.roles.length > 0 ? tellRest(api, project, mapping) : []),
    ...realtime.map((table) => tellRealtime(table, mapping)),
  ]
}

function tellRest({ roles, schemas, told }: ApiRow, project: Project, mapping: Mapping): Found[] {
  const names = [...new Set(mapping.targets.map((t) => t.relation.name))].join(', ')
  const shown = schemas?.split(',').map((name) => name.trim()) ?? null
  const where = `schema ${mapping.oldSchema}`
  const compat = shown?.includes(COMPAT) ? [] : [tellCompat(shown)]
  if (shown !== null && !shown.includes(mapping.oldSchema)) {
    return [
      {
        ...{ id: ['api', 'schema'], severity: 'note', where },
        what: `the API shows ${shown.join(', ')}, so it doesn't show ${names} either, which move brings to ${mapping.oldSchema}`,
        advice:
          'Nothing, if clients reach the old tables through views and functions; the check lists them as what hangs on those.',
      },
    ]
  }
  const embeds = takeForeignKeys(project.ddl, mapping.oldSchema).foreignKeys.length > 0
  return [
    {
      ...{ id: ['api', 'schema'], severity: 'note', where },
      what: `there is an API (${roles.join(', ')}): from move on it shows ${names} there, beside the old tables, with the rights and policies that they have themselves`,
      advice: told
        ? 'Nothing: the event trigger pgrst_ddl_watch has the API read the schema again, at move, rollback and finish.'
        : "After move, after a rollback of it and after finish: NOTIFY pgrst, 'reload schema'; until then the API doesn't know the new names.",
    },
    ...compat,
    ...(embeds
      ? [
          {
            ...{ id: ['api', 'embeds'], severity: 'note' as const, where },
            what: 'foreign keys of the new tables sleep until finish, so until then the API finds no relation between them to embed by',
            advice: 'Code that embeds rows of another table stays on the old names until finish, or asks twice.',
          },
        ]
      : []),
  ]
}

/** Null for an API of which it isn't known here what it shows. */
function tellCompat(shown: readonly string[] | null): Found {
  return {
    ...{ id: ['api', 'compat'], severity: 'note', where: `schema ${COMPAT}` },
    what: `reads over the API come from the new tables through the schema ${COMPAT}${shown === null ? ', which the API has to show' : `; the API shows ${shown.join(', ')}`}`,
    advice: `Where code reads through supabase-js, before crossfade reads: ${adviseExposing(COMPAT, shown?.join(', ') ?? '')}`,
  }
}

function tellRealtime(table: CatalogTable, mapping: Mapping): Found {
  const own = { schema: table.schema, name: table.name }
  const takers = mapping.targets.filter((t) =>
    t.sources.some((s) => s.base.schema === table.schema && s.base.name === table.name),
  )
  const names = [...new Set(takers.map((t) => ident(mapping.oldSchema, t.relation.name).text))]
  return {
    ...{ id: ['realtime', table.name], severity: 'note', where: display(own) },
    what: `realtime (publication ${REALTIME}) tells its listeners of every change, until finish also of those made by a new name; of ${names.length === 0 ? 'what takes its place' : names.join(', ')} it tells nothing`,
    advice:
      names.length === 0
        ? 'See what its listeners need after finish.'
        : `After move: ALTER PUBLICATION ${REALTIME} ADD TABLE ${names.join(', ')}, before a listener goes over to the new name; who listens to both hears each change twice. Finish refuses while the old table is in it and no new one.`,
  }
}
