import type pg from 'pg'
import type { Mapping, Relation } from '../spec/mapping.ts'

/**
 * From `move` on a native write runs the triggers of the old tables with the rights of the role that Crossfade has, inside
 * a trigger of its own. Sentences for the person who approves the design: who could have code of his own run so, and
 * which triggers will see that they are.
 */
export async function readCodeAtMove(client: pg.ClientBase, mapping: Mapping): Promise<string[]> {
  const sources = mapping.targets.flatMap((t) => t.sources.filter((s) => !s.stub).map((s) => s.base))
  return [...(await readStrangers(client, mapping, sources)), ...(await readSensitiveTriggers(client, sources))]
}

async function readStrangers(client: pg.ClientBase, m: Mapping, sources: readonly Relation[]): Promise<string[]> {
  const { rows } = await client.query<{ right: 'TRIGGER' | 'CREATE'; on: string; role: string; us: string }>(
    /* sql */ `
    WITH found AS (
      SELECT x.privilege_type AS right, format('%I.%I', n.nspname, c.relname) AS "on", x.grantee
        FROM unnest($1::text[], $2::text[]) AS t (schema, name)
        JOIN pg_namespace AS n ON n.nspname = t.schema JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
       CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS x
       WHERE x.privilege_type = 'TRIGGER'
       UNION
      SELECT x.privilege_type, format('%I', n.nspname), x.grantee
        FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS x
       WHERE n.nspname = ANY ($3) AND x.privilege_type = 'CREATE'
    )
    SELECT f.right, f."on", coalesce(quote_ident(r.rolname), 'PUBLIC') AS role, quote_ident(current_user) AS us
      FROM found AS f LEFT JOIN pg_roles AS g ON g.oid = f.grantee
      -- Of this role only the owner of the database is a member, and pg_has_role says so of it alone.
      LEFT JOIN pg_roles AS r ON r.oid = CASE WHEN g.rolname = 'pg_database_owner'
        THEN (SELECT d.datdba FROM pg_database AS d WHERE d.datname = current_database()) ELSE g.oid END
     WHERE f.grantee = 0 OR NOT r.rolsuper AND NOT pg_has_role(r.oid, current_user, 'MEMBER')
     ORDER BY 1 DESC, 2, 3`,
    [sources.map((s) => s.schema), sources.map((s) => s.name), [...new Set([m.oldSchema, 'public', 'extensions'])]],
  )
  return rows.map(({ right, on, role, us }) =>
    right === 'TRIGGER'
      ? `${role} may make triggers on ${on}. From move on, native writes run them with the rights of ${us}. Take the right away (REVOKE TRIGGER ON ${on} FROM ${role}; of its owner: run Crossfade as that), or trust the role with all that ${us} may do.`
      : `${role} may make functions and operators in schema ${on}, where the old tables' triggers look for names. From move on, native writes run them with the rights of ${us}. Take the right away (REVOKE CREATE ON SCHEMA ${on} FROM ${role}), or trust the role with all that ${us} may do.`,
  )
}

async function readSensitiveTriggers(client: pg.ClientBase, sources: readonly Relation[]): Promise<string[]> {
  const { rows } = await client.query<{ trigger: string; on: string; depth: boolean; us: string }>(
    /* sql */ `
    SELECT quote_ident(g.tgname) AS trigger, format('%I.%I', n.nspname, c.relname) AS "on", s.depth, quote_ident(current_user) AS us
      FROM unnest($1::text[], $2::text[]) AS t (schema, name)
      JOIN pg_namespace AS n ON n.nspname = t.schema JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
      JOIN pg_trigger AS g ON g.tgrelid = c.oid AND NOT g.tgisinternal AND NOT starts_with(g.tgname, 'crossfade_')
      JOIN pg_proc AS p ON p.oid = g.tgfoid
     CROSS JOIN LATERAL (SELECT pg_get_triggerdef(g.oid) || ' ' || p.prosrc AS text) AS b
     CROSS JOIN LATERAL (VALUES (true, 'pg_trigger_depth'), (false, '\\m(current_user|current_role)\\M')) AS s (depth, pattern)
     WHERE b.text ~* s.pattern AND (s.depth OR NOT p.prosecdef)
     ORDER BY 2, 1, 3`,
    [sources.map((s) => s.schema), sources.map((s) => s.name)],
  )
  return rows.map(({ trigger, on, depth, us }) =>
    depth
      ? `Trigger ${trigger} of ${on} asks for pg_trigger_depth(), which is one more in a native write: what it does at depth 0 alone is not done then.`
      : `Trigger ${trigger} of ${on} asks who writes: in a native write current_user is ${us}.`,
  )
}
