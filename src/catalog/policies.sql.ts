import type { CatalogPolicy } from './types.ts'

export interface PolicyRow extends CatalogPolicy {
  readonly relation: number
}

/** $1 oid[]: relations. */
export const policiesQuery = /* sql */ `
select p.polrelid as relation,
       p.polname::text as name,
       p.polpermissive as permissive,
       case p.polcmd
         when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all'
       end as command,
       array(
         select case when r = 0 then 'PUBLIC' else pg_catalog.pg_get_userbyid(r)::text end
         from pg_catalog.unnest(p.polroles) r order by 1
       ) as roles,
       pg_catalog.pg_get_expr(p.polqual, p.polrelid) as "using",
       pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) as "withCheck"
from pg_catalog.pg_policy p
where p.polrelid = any ($1::oid[])
order by p.polrelid, p.polname`
