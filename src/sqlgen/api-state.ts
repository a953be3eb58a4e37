import { COMPAT, CONTROL } from '../lib/schema-names.ts'
import { dollarQuote, ident, literal, sql } from '../lib/sql.ts'
import { stateFunction } from './names.ts'
import type { Statement } from './statement.ts'

/**
 * What a client that reads over HTTP asks about once a second: version and percentage, and of the migrated tables those
 * whose compat view it may read, each with its own percentage. It runs with the caller's rights, so it tells nobody more
 * than he could find out by reading. `old_schema` is what the client takes the old tables to be in: of another schema it
 * names none, since their names would mean other tables there.
 */
export function apiStateStatement(): Statement {
  const name = stateFunction()
  const body = sql`
SELECT jsonb_build_object(
         'version', state->'version',
         'percent', state->'percent',
         'tables', coalesce((
           SELECT jsonb_object_agg(c.relname, CASE WHEN state->'heldBack' ? c.relname THEN to_jsonb(0) ELSE state->'percent' END)
             FROM pg_class AS c
            WHERE c.relnamespace = ${literal(COMPAT)}::regnamespace AND c.relkind = 'v'
              AND has_any_column_privilege(c.oid, 'SELECT')
              AND state->>'schema' = old_schema), '{}'))
  FROM ${ident(CONTROL, 'client_state')}() AS state
`
  return {
    id: 'api-state',
    sql: sql`CREATE OR REPLACE FUNCTION ${name}(old_schema text DEFAULT 'public') RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS ${dollarQuote(body)};
COMMENT ON FUNCTION ${name}(text) IS 'Crossfade: what clients over HTTP may know';
REVOKE ALL ON FUNCTION ${name}(text) FROM PUBLIC`,
    undo: sql`DROP FUNCTION IF EXISTS ${name}(text)`,
    lock: { mode: 'none', on: null },
    transactional: true,
    why: 'clients over HTTP (pg-crossfade/supabase) learn how much to read from the new tables',
  }
}
