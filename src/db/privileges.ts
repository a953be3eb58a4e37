import type pg from 'pg'
import { DatabaseError } from '../lib/errors.ts'

interface Missing {
  readonly relation: string
  readonly owner: string
}

/** Throws DatabaseError when the role may not create schemas in this database. */
export async function assertMayCreateSchemas(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ may: boolean; user: string; database: string }>(/* sql */ `
    select pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') as may,
           current_user::text as user, pg_catalog.current_database()::text as database`)
  const [row] = rows
  if (row?.may !== false) return
  throw new DatabaseError('privilege_missing', `The role "${row.user}" may not create schemas in "${row.database}".`, {
    hint: `Connect as the owner of the database, or run GRANT CREATE ON DATABASE for the role.`,
  })
}

/**
 * Throws DatabaseError when the role doesn't own, or isn't a member of the owner of, one of these tables. Triggers
 * need only the TRIGGER right, but reading past row security and moving a table to another schema need its owner.
 */
export async function assertOwnsTables(
  client: pg.ClientBase,
  tables: readonly { readonly schema: string; readonly name: string }[],
): Promise<void> {
  const { rows } = await client.query<Missing>(
    /* sql */ `
    select pg_catalog.format('%I.%I', n.nspname, c.relname) as relation,
           pg_catalog.pg_get_userbyid(c.relowner)::text as owner
    from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) as t(schema, name)
    join pg_catalog.pg_namespace n on n.nspname = t.schema
    join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = t.name
    where not pg_catalog.pg_has_role(c.relowner, 'USAGE')
    order by 1`,
    [tables.map((table) => table.schema), tables.map((table) => table.name)],
  )
  const [first] = rows
  if (first === undefined) return
  const others = rows.length === 1 ? '' : ` (and ${rows.length - 1} more)`
  throw new DatabaseError('privilege_missing', `The role does not own ${first.relation}${others}.`, {
    hint: `Connect as "${first.owner}", or have its membership granted to the role.`,
  })
}
