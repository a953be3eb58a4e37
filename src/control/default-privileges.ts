import type pg from 'pg'
import { ident, raw, type Sql, sql } from '../lib/sql.ts'

interface DefaultPrivilege {
  readonly kind: string
  readonly role: string
  readonly privilege: string
  readonly grantable: boolean
}

const KINDS: { readonly [kind: string]: Sql } = {
  r: sql`TABLES`,
  S: sql`SEQUENCES`,
  f: sql`FUNCTIONS`,
  n: sql`SCHEMAS`,
}

/** What takes them, and what gives them back; as statements of the caller's. */
export interface DefaultPrivileges {
  readonly revoke: readonly { readonly sql: Sql }[]
  readonly grant: readonly { readonly sql: Sql }[]
}

/**
 * Runs `fn` in the caller's transaction with no default privileges of its role in force: ALTER DEFAULT PRIVILEGES
 * without IN SCHEMA reaches every object that we make, and would give others the control schema (what `rollback`
 * runs stands in a table) and new tables that are more open than the old. Given back before it returns, so nobody
 * else ever sees them gone; where `fn` throws, the caller rolls back.
 */
export async function withoutDefaultPrivileges<Result>(
  client: pg.ClientBase,
  kinds: 'all' | 'relations',
  fn: () => Promise<Result>,
): Promise<Result> {
  const { revoke, grant } = await readDefaultPrivileges(client, kinds)
  for (const { sql } of revoke) await client.query(sql.text)
  const result = await fn()
  for (const { sql } of grant) await client.query(sql.text)
  return result
}

/** Those of the caller's role. */
export async function readDefaultPrivileges(
  client: pg.ClientBase,
  kinds: 'all' | 'relations',
): Promise<DefaultPrivileges> {
  const { rows } = await client.query<DefaultPrivilege>(
    /* sql */ `
    SELECT d.defaclobjtype AS kind, CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(x.grantee)::text END AS role,
           x.privilege_type AS privilege, x.is_grantable AS grantable
      FROM pg_default_acl AS d CROSS JOIN LATERAL aclexplode(d.defaclacl) AS x
     WHERE d.defaclrole = current_user::regrole AND d.defaclnamespace = 0 AND x.grantee <> d.defaclrole
       AND d.defaclobjtype::text = ANY ($1)
       -- Everybody's EXECUTE on functions is the server's own default; ours take it back one by one.
       AND NOT (d.defaclobjtype = 'f' AND x.grantee = 0)`,
    [kinds === 'all' ? ['r', 'S', 'f', 'n'] : ['r', 'S', 'n']],
  )
  return {
    revoke: rows.map((row) => ({ sql: change(row, 'revoke') })),
    grant: rows.map((row) => ({ sql: change(row, 'grant') })),
  }
}

function change(d: DefaultPrivilege, what: 'revoke' | 'grant'): Sql {
  const right = sql`${raw(d.privilege)} ON ${KINDS[d.kind] ?? raw('')}`
  const role = d.role === 'PUBLIC' ? sql`PUBLIC` : ident(d.role)
  return what === 'revoke'
    ? sql`ALTER DEFAULT PRIVILEGES REVOKE ${right} FROM ${role}`
    : sql`ALTER DEFAULT PRIVILEGES GRANT ${right} TO ${role}${d.grantable ? raw(' WITH GRANT OPTION') : raw('')}`
}
