import { COMPAT, CONTROL } from '../lib/schema-names.ts'
import { dollarQuote, ident, literal, sql } from '../lib/sql.ts'
import { recordFunction, stateFunction } from './names.ts'
import type { Statement } from './statement.ts'

/**
 * What a client that reads over HTTP asks about once a second: version and percentage, and of the migrated tables those
 * whose compat view it may read and which don't lag by design, each with its own percentage. It runs with the caller's rights, so it tells nobody more
 * than he could find out by reading. `old_schema` is what the client takes the old tables to be in: of another schema it
 * names none, since their names would mean other tables there.
 */
export function apiStateStatement(): Statement {
  const name = stateFunction()
  const body = sql`
SELECT jsonb_build_object(
         'version', state->'version',
         'percent', state->'percent',
         'shadow', state->'shadow',
         'tables', coalesce((
           SELECT jsonb_object_agg(c.relname, state->'percent')
             FROM pg_class AS c
            WHERE c.relnamespace = ${literal(COMPAT)}::regnamespace AND c.relkind = 'v' AND NOT state->'heldBack' ? c.relname
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

/** The role of Supabase that no browser has the key of. */
const SERVICE_ROLE = 'service_role'

/**
 * Where a server tells over HTTP of its reads. It runs as its owner, so nobody may call it but the role that sees every
 * row anyway: a stranger must not be able to close the gate of the ramp. As text, which no server on the way reads anew.
 */
export function apiRecordStatement(): Statement {
  const name = recordFunction()
  const grant = sql`
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = ${literal(SERVICE_ROLE)}) THEN
    GRANT USAGE ON SCHEMA ${ident(COMPAT)} TO ${ident(SERVICE_ROLE)};
    GRANT EXECUTE ON FUNCTION ${name}(text) TO ${ident(SERVICE_ROLE)};
  END IF;
END
`
  return {
    id: 'api-record',
    sql: sql`CREATE OR REPLACE FUNCTION ${name}(report text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS ${dollarQuote(sql`SELECT ${ident(CONTROL, 'record_reads')}(report::jsonb)`)};
COMMENT ON FUNCTION ${name}(text) IS 'Crossfade: what servers tell of their reads over HTTP';
REVOKE ALL ON FUNCTION ${name}(text) FROM PUBLIC;
DO ${dollarQuote(grant)}`,
    undo: sql`DROP FUNCTION IF EXISTS ${name}(text)`,
    lock: { mode: 'none', on: null },
    transactional: true,
    why: 'servers with the service key (pg-crossfade/supabase-shadow) tell of their reads',
  }
}
