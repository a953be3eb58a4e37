import type { ClientState } from './control-state.ts'

/**
 * Puts the compat schema before the search path of this transaction, and gives one row; none, and changes nothing, where
 * one of the old tables' names means another table on the path (a schema per tenant). Without parameters, so that it
 * needs one round trip on any connection, also where statements can't be prepared.
 */
export function buildSwitch({ tables, schema }: ClientState): string {
  return /* sql */ `
with before as materialized (
  select
    current_setting('search_path') as path,
    not exists (
      select from json_array_elements_text(${literal(JSON.stringify([...tables]))}) as old (name)
      where to_regclass(quote_ident(name))
        is distinct from to_regclass(quote_ident(${literal(schema)}) || '.' || quote_ident(name))
    ) as same_tables
)
select set_config('search_path', case when path = '' then 'crossfade_compat' else 'crossfade_compat, ' || path end, true)
from before
where same_tables`
}

/** With the escapes of E'…', which mean the same under every setting of the server. */
function literal(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
