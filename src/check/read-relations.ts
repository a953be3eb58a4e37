import type pg from 'pg'

/** A table, view or the like that code may mean. */
export interface LiveRelation {
  readonly schema: string
  readonly name: string
  /** Those of the system, and what functions over its rows are called by, as if they were columns: `row.full_name`. */
  readonly columns: readonly string[]
}

export interface LiveNames {
  /** Of the names that were asked for, in every schema. */
  readonly relations: readonly LiveRelation[]
  /** Those of the names that a function or a column has. */
  readonly others: ReadonlySet<string>
}

/** $1: names. */
const RELATIONS = /* sql */ `
SELECT n.nspname::text AS schema, c.relname::text AS name,
       ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = c.oid AND NOT a.attisdropped
              UNION
             SELECT p.proname::text FROM pg_catalog.pg_proc AS p WHERE p.pronargs > 0 AND p.proargtypes[0] = c.reltype) AS columns
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname = ANY ($1::text[])`

/** $1: names. */
const OTHERS = /* sql */ `
SELECT p.proname::text AS name FROM pg_catalog.pg_proc AS p WHERE p.proname = ANY ($1::text[])
 UNION
SELECT a.attname::text FROM pg_catalog.pg_attribute AS a
 WHERE a.attname = ANY ($1::text[]) AND a.attnum > 0 AND NOT a.attisdropped`

export async function readLiveNames(client: pg.ClientBase, names: readonly string[]): Promise<LiveNames> {
  const relations = await client.query<LiveRelation>(RELATIONS, [names])
  const others = await client.query<{ name: string }>(OTHERS, [names])
  return { relations: relations.rows, others: new Set(others.rows.map((row) => row.name)) }
}
