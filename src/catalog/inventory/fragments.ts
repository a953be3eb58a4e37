/**
 * Fixed pieces that the queries of the inventory are made of. Each takes SQL of ours, never a name or value of the
 * database, so they are plain text.
 */

/** Rights as sorted words, with those that nobody granted because they are there by default; `kind` as acldefault has it. */
export function grants(acl: string, kind: string, owner: string): string {
  return explode(`coalesce(${acl}, pg_catalog.acldefault('${kind}', ${owner}))`, owner)
}

/** Rights as sorted words, without any by default. */
export function explode(acl: string, owner: string): string {
  return /* sql */ `(
    select pg_catalog.jsonb_agg(word order by word collate "C")
    from (
      select pg_catalog.format('%s to %s%s', acl_item.privilege_type,
        case when acl_item.grantee = 0 then 'PUBLIC' when acl_item.grantee = ${owner} then 'the owner'
          else pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(acl_item.grantee)) end,
        case when pg_catalog.bool_or(acl_item.is_grantable) then ' with grant option' else '' end) as word
      from pg_catalog.aclexplode(${acl}) acl_item
      group by acl_item.privilege_type, acl_item.grantee
    ) granted
  )`
}

export function role(oid: string): string {
  return `pg_catalog.pg_get_userbyid(${oid})::text`
}

export function comment(oid: string, catalog: string, part = '0'): string {
  return /* sql */ `(
    select described.description from pg_catalog.pg_description described
    where described.classoid = 'pg_catalog.${catalog}'::pg_catalog.regclass
      and described.objoid = ${oid} and described.objsubid = ${part}
  )`
}

/** A member of an extension comes and goes with the extension. */
export function isOwn(oid: string, catalog: string): string {
  return /* sql */ `not exists (
    select from pg_catalog.pg_depend brought
    where brought.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass
      and brought.objid = ${oid} and brought.deptype = 'e'
  )`
}

/** Below it are the server's own objects. */
export const FIRST_OWN_OID = 16384
