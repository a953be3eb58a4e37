import type { CatalogGrant } from './types.ts'

export interface GrantRow extends CatalogGrant {
  readonly relation: number
}

/** $1 oid[]: relations. Rights on tables and on columns, without those that the owner has anyway. */
export const grantsQuery = /* sql */ `
with acl as (
  select c.oid as relation, c.relowner as owner, null::text as "column", x.*
  from pg_catalog.pg_class c
  cross join lateral pg_catalog.aclexplode(c.relacl) x
  where c.oid = any ($1::oid[])
  union all
  select c.oid, c.relowner, a.attname::text, x.*
  from pg_catalog.pg_class c
  join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped
  cross join lateral pg_catalog.aclexplode(a.attacl) x
  where c.oid = any ($1::oid[])
)
select relation,
       case when grantee = 0 then 'PUBLIC' else pg_catalog.pg_get_userbyid(grantee)::text end as role,
       privilege_type as privilege,
       "column",
       -- one right may come from several grantors
       pg_catalog.bool_or(is_grantable) as grantable
from acl
where grantee <> owner
group by relation, grantee, privilege_type, "column"
order by relation, role, "column" nulls first, privilege`
