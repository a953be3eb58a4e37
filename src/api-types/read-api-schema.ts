import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import type { ApiArgument, ApiFunction, ApiSchema, ApiType } from './api-schema.ts'

/** Types that a table's own row type, or an array of it, is not told apart from here: all of the database. */
const TYPES = /* sql */ `
SELECT t.oid, n.nspname::text AS schema, t.typname::text AS name, t.typtype::text AS kind,
       CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem END AS element,
       nullif(t.typbasetype, 0) AS base,
       ARRAY(SELECT e.enumlabel::text FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels,
       coalesce((SELECT json_agg(json_build_object('name', a.attname, 'type', a.atttypid::int8) ORDER BY a.attnum)
                   FROM pg_attribute AS a
                  WHERE c.relkind = 'c' AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '[]') AS attributes,
       c.relkind::text AS relation
  FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace LEFT JOIN pg_class AS c ON c.oid = t.typrelid`

/** Those of triggers and of extensions are nothing to call. */
const FUNCTIONS = /* sql */ `
SELECT p.proname::text AS name, p.prorettype AS returns, p.proretset AS "returnsSet", p.pronargdefaults AS defaults,
       coalesce(p.proargnames, '{}')::text[] AS names,
       to_json(coalesce(p.proallargtypes::int8[], p.proargtypes::oid[]::int8[])) AS types,
       coalesce(p.proargmodes::text[], '{}') AS modes
  FROM pg_proc AS p
 WHERE p.pronamespace = to_regnamespace(quote_ident($1)) AND p.prokind = 'f'
   AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
   AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
 ORDER BY p.proname, pg_get_function_identity_arguments(p.oid)`

interface FunctionRow extends Pick<ApiFunction, 'name' | 'returns' | 'returnsSet'> {
  readonly defaults: number
  readonly names: readonly string[]
  readonly types: readonly number[]
  readonly modes: readonly string[]
}

/** Only reads the catalog. A new schema that isn't there, before build and after move, has nothing to add. */
export async function readApiSchema(client: pg.ClientBase, oldSchema: string, newSchema: string): Promise<ApiSchema> {
  const { tables } = await readCatalog(client, [oldSchema, newSchema])
  const old = tables.filter(({ schema }) => schema === oldSchema)
  const own = tables.filter(({ schema, name }) => schema !== oldSchema && !old.some((table) => table.name === name))
  const { rows: types } = await client.query<ApiType>(TYPES)
  const { rows: functions } = await client.query<FunctionRow>(FUNCTIONS, [oldSchema])
  const names = new Set(types.flatMap(({ schema, name }) => (schema === oldSchema ? [name] : [])))
  const isComing = ({ schema, name }: ApiType): boolean => schema === newSchema && !names.has(name)
  return {
    name: oldSchema,
    tables: [...old, ...own].sort((a, b) => (a.name < b.name ? -1 : 1)),
    types: new Map(types.map((type) => [type.oid, isComing(type) ? { ...type, schema: oldSchema } : type])),
    functions: functions.map(describeFunction),
  }
}

function describeFunction({ name, returns, returnsSet, defaults, names, types, modes }: FunctionRow): ApiFunction {
  const all = types.map((type, at): ApiArgument => {
    return { name: names[at] ?? '', type, mode: modes[at] ?? 'i', hasDefault: false }
  })
  const given = all.filter(({ mode }) => 'ibv'.includes(mode))
  const withDefault = new Set(given.slice(given.length - defaults))
  return { name, returns, returnsSet, arguments: all.map((one) => ({ ...one, hasDefault: withDefault.has(one) })) }
}
