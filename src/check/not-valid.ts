import type { Relation } from '../spec/mapping.ts'
import { brokenRows, type Demand } from '../sqlgen/broken-rows.ts'
import { type Asker, ask } from './ask.ts'
import { examplesOf } from './count-refused.ts'
import type { Found } from './finding.ts'

interface OpenConstraint {
  readonly schema: string
  readonly table: string
  /** Columns that tell its rows apart: the design asks for them. */
  readonly key: readonly string[]
  readonly name: string
  readonly definition: string
  readonly enforced: boolean
  /** Null where rows can't be asked one by one. */
  readonly demand: Demand | null
}

/** $1, $2: schemas and names of tables. Needs search_path = pg_catalog, so that names come with their schema. */
const OPEN_CONSTRAINTS = /* sql */ `
SELECT n.nspname::text AS schema, c.relname::text AS "table", k.conname::text AS name, pg_get_constraintdef(k.oid) AS definition,
       to_jsonb(k) ->> 'conenforced' IS DISTINCT FROM 'false' AS enforced,
       coalesce((SELECT array_agg(a.attname::text ORDER BY u.place)
          FROM pg_index AS i, unnest(i.indkey) WITH ORDINALITY AS u (n, place)
          JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.n AND a.attnotnull
         WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND u.place <= i.indnkeyatts
         GROUP BY i.indexrelid, i.indisprimary, i.indnkeyatts HAVING count(*) = i.indnkeyatts
         ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1), '{}') AS key,
       CASE
         WHEN k.contype = 'c' THEN json_build_object('kind', 'check', 'expression', pg_get_expr(k.conbin, k.conrelid))
         WHEN k.contype = 'n' THEN json_build_object('kind', 'not null', 'column',
           (SELECT a.attname FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = k.conkey[1]))
         WHEN k.contype = 'f' AND to_jsonb(k) ->> 'conperiod' IS DISTINCT FROM 'true' THEN json_build_object(
           'kind', 'foreign key', 'full', k.confmatchtype = 'f',
           'references', (SELECT json_build_object('schema', pn.nspname, 'name', p.relname, 'partitioned', p.relkind = 'p')
                            FROM pg_class AS p JOIN pg_namespace AS pn ON pn.oid = p.relnamespace WHERE p.oid = k.confrelid),
           'pairs', (SELECT json_agg(json_build_object('column', a.attname, 'referenced', r.attname,
                              'equals', format('OPERATOR(%I.%s)', o.nspname, e.oprname)) ORDER BY u.place)
                       FROM unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY AS u (own, referenced, operator, place)
                       JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.own
                       JOIN pg_attribute AS r ON r.attrelid = k.confrelid AND r.attnum = u.referenced
                       JOIN pg_operator AS e ON e.oid = u.operator JOIN pg_namespace AS o ON o.oid = e.oprnamespace))
       END AS demand
  FROM unnest($1::text[], $2::text[]) AS t (schema, name)
  JOIN pg_namespace AS n ON n.nspname = t.schema
  JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
  JOIN pg_constraint AS k ON k.conrelid = c.oid AND NOT k.convalidated AND k.conparentid = 0
 ORDER BY 1, 2, 3`

/** Constraints that the rows of these tables were never held against: how many break them. */
export async function checkNotValid(asker: Asker, tables: readonly Relation[]): Promise<Found[]> {
  const names = [tables.map((table) => table.schema), tables.map((table) => table.name)]
  const { rows } = await asker.client.query<OpenConstraint>(OPEN_CONSTRAINTS, names)
  const found: Found[] = []
  for (const open of rows) found.push(await checkOne(asker, open))
  return found
}

async function checkOne(asker: Asker, open: OpenConstraint): Promise<Found> {
  const { schema, table, name, definition, enforced, demand } = open
  const about = { id: ['not-valid', table, name], where: `${schema}.${table}` }
  const state = `its constraint ${name} is NOT ${enforced ? 'VALID' : 'ENFORCED'}`
  const answer =
    demand === null ? null : await ask<CountRow>(asker, brokenRows({ schema, name: table }, open.key, demand))
  const [row] = answer?.rows ?? []
  const fails = enforced ? 'A native write to such a row fails with it' : 'Nothing fails with it'
  if (!row) {
    const why = answer?.error ? `: ${answer.error.message} (${answer.error.sqlstate})` : ''
    return {
      ...{
        ...about,
        severity: 'decide',
        what: `${state}, and rows that break it could not be counted${why}: ${definition}`,
      },
      advice: `${fails}. Count them yourself, then validate it, correct the rows, or drop it.`,
    }
  }
  const broken = Number(row.rows)
  if (broken === 0)
    return {
      ...{ ...about, severity: 'note', what: `${state}, and no row breaks it: ${definition}` },
      advice: enforced ? 'ALTER TABLE … VALIDATE CONSTRAINT, and it stays so.' : 'Nothing.',
    }
  return {
    ...{ ...about, severity: enforced ? 'decide' : 'note', rows: broken, examples: examplesOf(row.keys) },
    what: `${state}, and they break it: ${definition}`,
    advice: enforced
      ? `${fails}. Correct the rows and validate it, or drop it.`
      : `${fails}; the new table has none of it.`,
  }
}

interface CountRow {
  readonly rows: string
  readonly keys: readonly (readonly (string | null)[])[] | null
}
