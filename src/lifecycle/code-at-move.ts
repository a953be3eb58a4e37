import type pg from 'pg'
import type { Mapping, Relation } from '../spec/mapping.ts'
import { describeStrangers, readStrangers, revokeOf, type Strangers } from './strangers.ts'

/**
 * From `move` on a native write runs the triggers of the old tables with the rights of the role that Crossfade has, inside
 * a trigger of its own. Sentences for the person who approves the design: who could have code of his own run so, and
 * which triggers will see that they are.
 */
export async function readCodeAtMove(client: pg.ClientBase, mapping: Mapping): Promise<string[]> {
  const sources = mapping.targets.flatMap((t) => t.sources.filter((s) => !s.stub).map((s) => s.base))
  const strangers = await readStrangers(client, mapping)
  return [...strangers.map(describeAtMove), ...(await readSensitiveTriggers(client, sources))]
}

function describeAtMove(one: Strangers): string {
  const all = `trusted with all that ${one.us} may do`
  if (one.trusted) return `${describeStrangers(one)}, and ${one.roles.length === 1 ? 'is' : 'are'} ${all}.`
  const [revoke] = revokeOf(one)
  const gone = revoke === undefined ? '' : `the right is gone (\`${revoke}\`), or `
  return `${describeStrangers(one)}. \`crossfade move\` will refuse until ${gone}the role ${gone === '' ? 'is ' : ''}${all} (\`trusted\`).`
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
