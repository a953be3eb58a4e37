import type pg from 'pg'
import type { LooseObject } from '../sqlgen/move.ts'

/**
 * What the new schema's DDL made: tables, and what doesn't follow a table by itself (views, sequences, types, functions).
 * Or only those with these oids: what has moved, where it is now.
 */
export async function readLooseObjects(
  client: pg.ClientBase,
  schema: string,
  oids: readonly number[] | null = null,
): Promise<LooseObject[]> {
  const { rows } = await client.query<LooseObject>(
    /* sql */ `
    SELECT o.kind, format('%I.', $1::text) || o.bare AS name, o.bare, o.oid FROM (
    SELECT CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, format('%I', c.relname) AS bare, c.oid
      FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('v', 'm', 'S', 'r', 'p')
       -- A sequence that belongs to a column follows its table. A partitioned table belongs to its own key, a partition to it, and neither follows.
       AND NOT (c.relkind = 'S' AND EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass))
    UNION ALL
    SELECT CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, format('%I', t.typname), t.oid
      FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
     WHERE n.nspname = $1 AND (t.typtype IN ('e', 'd') OR (t.typtype = 'c' AND EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.typrelid AND c.relkind = 'c')))
    UNION ALL
    SELECT 'ROUTINE', format('%I(%s)', p.proname, pg_get_function_identity_arguments(p.oid)), p.oid
      FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
     WHERE n.nspname = $1
    ) AS o
     WHERE $2::oid[] IS NULL OR o.oid = ANY ($2)
     -- The arguments of a routine name types, so it goes before them.
     ORDER BY o.kind <> 'ROUTINE', o.kind, o.bare`,
    [schema, oids],
  )
  return rows
}
