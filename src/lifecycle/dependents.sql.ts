/** What finish has to know of things that hang on the old tables, to make them anew. Needs search_path = pg_catalog. */

const OID = /* sql */ `
  SELECT c.oid FROM unnest($1::text[], $2::text[]) AS t (schema, name)
    JOIN pg_namespace AS n ON n.nspname = t.schema JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name`

/** $1, $2: schemas and names of the old tables. */
export const oldViewsQuery = /* sql */ `
WITH old AS (${OID})
SELECT n.nspname::text AS schema, v.relname::text AS name, pg_get_viewdef(v.oid) AS query,
       coalesce(v.reloptions, '{}') AS options, pg_relation_is_updatable(v.oid, false) & 28 <> 0 AS writable,
       coalesce(json_agg(json_build_object('schema', tn.nspname, 'name', t.relname, 'column', a.attname))
                  FILTER (WHERE a.attnum IS NOT NULL), '[]') AS uses
  FROM pg_class AS v
  JOIN pg_namespace AS n ON n.oid = v.relnamespace
  JOIN pg_rewrite AS r ON r.ev_class = v.oid AND r.rulename = '_RETURN'
  JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
  JOIN pg_class AS t ON t.oid = d.refobjid
  JOIN pg_namespace AS tn ON tn.oid = t.relnamespace
  LEFT JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND a.attnum > 0
 WHERE v.relkind = 'v' AND d.refobjid IN (SELECT oid FROM old) AND v.oid <> d.refobjid
   AND n.nspname NOT IN ('crossfade', 'crossfade_compat')
 GROUP BY v.oid, n.nspname, v.relname
 ORDER BY 1, 2`

const FOREIGN_KEY = /* sql */ `
SELECT json_build_object('schema', n.nspname, 'name', c.relname) AS "table", k.conname::text AS name,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (n, i)
              JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i) AS columns,
       json_build_object('schema', fn.nspname, 'name', f.relname) AS "references",
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (n, i)
              JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i) AS referenced,
       pg_get_constraintdef(k.oid) AS definition,
       concat_ws(' ',
         CASE k.confmatchtype WHEN 'f' THEN 'MATCH FULL' END,
         CASE k.confupdtype WHEN 'r' THEN 'ON UPDATE RESTRICT' WHEN 'c' THEN 'ON UPDATE CASCADE'
                            WHEN 'n' THEN 'ON UPDATE SET NULL' WHEN 'd' THEN 'ON UPDATE SET DEFAULT' END,
         CASE k.confdeltype WHEN 'r' THEN 'ON DELETE RESTRICT' WHEN 'c' THEN 'ON DELETE CASCADE'
                            WHEN 'n' THEN 'ON DELETE SET NULL' WHEN 'd' THEN 'ON DELETE SET DEFAULT' END,
         (SELECT '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY u.i) || ')'
            FROM unnest(k.confdelsetcols) WITH ORDINALITY AS u (n, i)
            JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.n),
         CASE WHEN k.condeferrable THEN 'DEFERRABLE' END,
         CASE WHEN k.condeferred THEN 'INITIALLY DEFERRED' END) AS clauses,
       obj_description(k.oid, 'pg_constraint') AS comment,
       k.convalidated AS validated,
       CASE WHEN to_jsonb(k) ->> 'conenforced' = 'false' THEN 'it is NOT ENFORCED'
            WHEN to_jsonb(k) ->> 'conperiod' = 'true' THEN 'it is over a PERIOD'
            WHEN c.relkind = 'p' AND current_setting('server_version_num')::int < 180000
              THEN 'its table is partitioned, where this server makes no foreign key without checking all rows under lock' END AS special
  FROM pg_constraint AS k
  JOIN pg_class AS c ON c.oid = k.conrelid
  JOIN pg_namespace AS n ON n.oid = c.relnamespace
  JOIN pg_class AS f ON f.oid = k.confrelid
  JOIN pg_namespace AS fn ON fn.oid = f.relnamespace
 WHERE k.contype = 'f' AND k.conparentid = 0`

/** $1, $2: schemas and names of the old tables. Foreign keys between them and tables that stay, in either direction. */
export const foreignKeysQuery = /* sql */ `
WITH old AS MATERIALIZED (${OID})
${FOREIGN_KEY}
   AND (k.conrelid IN (SELECT oid FROM old)) <> (k.confrelid IN (SELECT oid FROM old))
 ORDER BY n.nspname, c.relname, k.conname`

/** $1, $2: schemas and names of tables, $3: names of their constraints. */
export const foreignKeysByNameQuery = /* sql */ `${FOREIGN_KEY}
   AND (n.nspname, c.relname, k.conname) IN (SELECT t.schema, t.name, t.key FROM unnest($1::text[], $2::text[], $3::text[]) AS t (schema, name, key))
 ORDER BY n.nspname, c.relname, k.conname`

/** $1, $2: schemas and names of the old tables. Trigger functions that fire on no other table: they leave with them. */
export const leavingFunctionsQuery = /* sql */ `
WITH old AS MATERIALIZED (${OID})
SELECT n.nspname::text AS schema, p.proname::text AS name
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
 WHERE p.prorettype = 'trigger'::regtype
   AND NOT EXISTS (SELECT FROM pg_trigger AS t
                    WHERE t.tgfoid = p.oid AND t.tgparentid = 0 AND t.tgrelid NOT IN (SELECT oid FROM old))`

/** $1, $2: schemas and names of the new tables. */
export const publishedQuery = /* sql */ `
SELECT p.pubname::text AS publication, p.schemaname::text AS schema, p.tablename::text AS name
  FROM pg_publication_tables AS p
  JOIN unnest($1::text[], $2::text[]) AS t (schema, name) ON t.schema = p.schemaname AND t.name = p.tablename`

/** $1: schema, $2: name, $3: identity arguments, null for relations. SQL that gives an object made anew its owner and its rights. */
export const accessQuery = /* sql */ `
WITH object AS (
  SELECT CASE c.relkind WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END AS kind, 'TABLE' AS class,
         format('%I.%I', $1::text, $2::text) AS name, c.relowner AS owner, c.relacl AS acl
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2 AND $3::text IS NULL
  UNION ALL
  SELECT 'ROUTINE', 'ROUTINE', format('%I.%I(%s)', $1::text, $2::text, $3::text), p.proowner, p.proacl
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
   WHERE n.nspname = $1 AND p.proname = $2 AND pg_get_function_identity_arguments(p.oid) = $3
)
SELECT format('ALTER %s %s OWNER TO %I', o.kind, o.name, pg_get_userbyid(o.owner)) AS sql, 1 AS place FROM object AS o
UNION ALL
SELECT format('REVOKE ALL ON %s %s FROM PUBLIC', o.class, o.name), 2 FROM object AS o WHERE o.acl IS NOT NULL
UNION ALL
SELECT format('GRANT %s ON %s %s TO %s%s', a.privilege_type, o.class, o.name,
              CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
              CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), 3
  FROM object AS o, aclexplode(o.acl) AS a WHERE a.grantee <> o.owner
 ORDER BY 2, 1`

/** $1: schema, $2: name. */
export const indexesQuery = /* sql */ `
SELECT pg_get_indexdef(i.indexrelid) AS sql
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname = $1 AND c.relname = $2 ORDER BY i.indexrelid`

/** $1: schema, $2: table, $3: name. */
export const policyQuery = /* sql */ `
SELECT format('CREATE POLICY %I ON %I.%I AS %s FOR %s TO %s%s%s', p.policyname, p.schemaname, p.tablename, p.permissive, p.cmd,
         (SELECT string_agg(CASE WHEN r = 'public' THEN 'PUBLIC' ELSE quote_ident(r) END, ', ') FROM unnest(p.roles) AS r),
         CASE WHEN p.qual IS NULL THEN '' ELSE format(' USING (%s)', p.qual) END,
         CASE WHEN p.with_check IS NULL THEN '' ELSE format(' WITH CHECK (%s)', p.with_check) END) AS sql
  FROM pg_policies AS p WHERE p.schemaname = $1 AND p.tablename = $2 AND p.policyname = $3`

/** $1, $2: schema and name of a view as it was made anew; $3 json: the columns that it used before. Who could read it before and can't now. */
export const lostRightsQuery = /* sql */ `
WITH view AS (
  SELECT c.oid, c.relowner, c.relacl,
         EXISTS (SELECT FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker' AND option_value::boolean) AS invoker
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2
),
reader AS (
  SELECT pg_get_userbyid(v.relowner)::text AS role FROM view AS v
  UNION
  SELECT CASE WHEN a.grantee = 0 THEN 'public' ELSE pg_get_userbyid(a.grantee)::text END
    FROM view AS v, aclexplode(v.relacl) AS a WHERE v.invoker AND a.privilege_type = 'SELECT'
),
used AS (SELECT format('%I.%I', u.schema, u.name) AS relation, u."column" FROM json_to_recordset($3) AS u (schema text, name text, "column" text)),
reads AS (
  SELECT DISTINCT d.refobjid, d.refobjsubid
    FROM view AS v JOIN pg_rewrite AS r ON r.ev_class = v.oid
    JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
   WHERE d.refobjid <> v.oid AND d.refobjsubid > 0
)
SELECT r.role, string_agg(format('%s.%I', x.refobjid::regclass, a.attname), ', ' ORDER BY a.attnum) AS columns
  FROM reader AS r, reads AS x
  JOIN pg_attribute AS a ON a.attrelid = x.refobjid AND a.attnum = x.refobjsubid
 WHERE NOT has_column_privilege(r.role, x.refobjid, x.refobjsubid::smallint, 'SELECT')
   AND NOT EXISTS (SELECT FROM used AS u WHERE NOT has_column_privilege(r.role, u.relation, u."column", 'SELECT'))
 GROUP BY r.role ORDER BY r.role`
