const literally = (name: string): string => `regexp_replace(${name}, '([^[:alnum:]_])', '\\\\\\1', 'g')`

/**
 * Who could have code of his own run by a native write, by which right. $1, $2: schemas and names of the sources and of
 * their base tables; $3: the schemas in which the old tables' triggers look for names. Roles that may do all that
 * Crossfade's role may do are no strangers.
 */
export const strangersQuery = /* sql */ `
WITH RECURSIVE us (oid) AS (
  SELECT coalesce((SELECT n.nspowner FROM pg_namespace AS n WHERE n.nspname = 'crossfade'),
                  (SELECT r.oid FROM pg_roles AS r WHERE r.rolname = current_user))
), reached (oid) AS (
  SELECT c.oid FROM unnest($1::text[], $2::text[]) AS t (schema, name)
    JOIN pg_namespace AS n ON n.nspname = t.schema JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.name
   UNION
  SELECT further.oid FROM reached AS r CROSS JOIN LATERAL (
    SELECT i.inhrelid FROM pg_inherits AS i WHERE i.inhparent = r.oid
     UNION ALL
    -- What a trigger's function names it may write to, where other triggers run likewise. With its owner's rights it is his.
    SELECT c.oid FROM pg_trigger AS g JOIN pg_proc AS p ON p.oid = g.tgfoid
      JOIN pg_class AS c ON c.relkind IN ('r', 'p', 'v', 'f') AND strpos(lower(p.prosrc), lower(c.relname)) > 0
      JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname <> ALL ('{crossfade,crossfade_compat,pg_catalog,information_schema}')
     WHERE g.tgrelid = r.oid AND NOT g.tgisinternal AND NOT starts_with(g.tgname, 'crossfade_') AND NOT p.prosecdef
       AND p.prosrc ~* concat('(^|[^[:alnum:]_])', CASE WHEN n.nspname <> ALL ($3) THEN ${literally('n.nspname')} || '"?\\."?' END,
                              ${literally('c.relname')}, '([^[:alnum:]_]|$)')
  ) AS further (oid)
), found (kind, object, grantee, owner, grantable) AS (
  SELECT 'TABLE', format('%I.%I', n.nspname, c.relname), x.grantee, c.relowner, x.is_grantable
    FROM reached AS r JOIN pg_class AS c ON c.oid = r.oid JOIN pg_namespace AS n ON n.oid = c.relnamespace
   CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS x
   WHERE x.privilege_type = 'TRIGGER'
   UNION ALL
  SELECT 'SCHEMA', quote_ident(n.nspname), x.grantee, n.nspowner, x.is_grantable
    FROM pg_namespace AS n CROSS JOIN LATERAL aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS x
   WHERE n.nspname = ANY ($3) AND x.privilege_type = 'CREATE'
   UNION ALL
  -- Where one of the schemas isn't there, somebody could make it.
  SELECT 'DATABASE', quote_ident(d.datname), x.grantee, d.datdba, x.is_grantable
    FROM pg_database AS d CROSS JOIN LATERAL aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS x
   WHERE d.datname = current_database() AND x.privilege_type = 'CREATE'
     AND EXISTS (SELECT FROM unnest($3) AS s (name) WHERE NOT EXISTS (SELECT FROM pg_namespace AS n WHERE n.nspname = s.name))
   UNION ALL
  SELECT 'FUNCTION', format('%I.%I()', n.nspname, p.proname), p.proowner, p.proowner, false
    FROM reached AS r JOIN pg_trigger AS g ON g.tgrelid = r.oid AND NOT g.tgisinternal
    JOIN pg_proc AS p ON p.oid = g.tgfoid AND NOT p.prosecdef JOIN pg_namespace AS n ON n.oid = p.pronamespace
   WHERE has_schema_privilege(p.proowner, n.oid, 'CREATE')
)
SELECT f.kind, f.object, coalesce(s.rolname::text, 'public') AS role, coalesce(quote_ident(s.rolname), 'PUBLIC') AS who, f.grantee = f.owner AS owns,
       bool_or(f.grantable) AND NOT f.grantee = f.owner AS grantable, quote_ident(u.rolname) AS us
  FROM found AS f CROSS JOIN us JOIN pg_roles AS u ON u.oid = us.oid
  LEFT JOIN pg_roles AS g ON g.oid = f.grantee
  -- Of this role only the owner of the database is a member, and pg_has_role says so of it alone.
  LEFT JOIN pg_roles AS s ON s.oid = CASE WHEN g.rolname = 'pg_database_owner'
    THEN (SELECT d.datdba FROM pg_database AS d WHERE d.datname = current_database()) ELSE g.oid END
 WHERE f.grantee = 0 OR NOT s.rolsuper AND NOT pg_has_role(s.oid, us.oid, 'MEMBER')
 GROUP BY f.kind, f.object, s.rolname, f.grantee, f.owner, u.rolname
 ORDER BY f.kind = 'TABLE' DESC, f.kind = 'SCHEMA' DESC, f.kind = 'DATABASE' DESC, f.object, 3`
