import type pg from 'pg'
import { noteBackend } from './backend-pid.ts'
import { errorCode, SQLSTATE } from './sqlstates.ts'

/**
 * What a statement of ours may mean must not depend on settings of the role, the database or the server. Names are
 * always written with their schema; pg_temp stands last, so that no temporary table can shadow anything.
 */
const SETTINGS: { readonly [name: string]: string } = {
  search_path: 'pg_catalog, pg_temp',
  TimeZone: 'UTC',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  // With all of them an inner variable that has the name of an outer one is an error.
  'plpgsql.extra_errors': 'none',
  'plpgsql.extra_warnings': 'none',
  // With row security on, a forced policy would hide rows from us without a word; off, it is an error.
  row_security: 'off',
  // To compile a statement that runs for a tenth of a second takes longer than it runs.
  jit: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  session_replication_role: 'origin',
  // A full verification outlasts the statement_timeout that hosts give to roles.
  statement_timeout: '0',
  transaction_timeout: '0',
  idle_session_timeout: '0',
  // If we hang or the network is cut in a transaction, its locks must not outlive us by long.
  idle_in_transaction_session_timeout: '60s',
  tcp_keepalives_idle: '30',
  tcp_keepalives_interval: '10',
  tcp_keepalives_count: '3',
}

/** Only a superuser may set it, and only where it was changed does it matter. */
const IF_DIFFERENT = new Set(['session_replication_role'])

/** A server before this version does not know it. */
const SINCE: { readonly [name: string]: number } = { transaction_timeout: 170000 }

/** Gives a new connection the settings that all of ours share. Only for sessions of our own, never through a shared one. */
export async function applySessionSettings(client: pg.ClientBase): Promise<void> {
  const names = Object.keys(SETTINGS)
  const { rows } = await client.query<{ pid: number }>(
    /* sql */ `
    select pg_catalog.pg_backend_pid() as pid, pg_catalog.set_config(s.name, s.value, false)
    from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) as s(name, value)
    where pg_catalog.current_setting('server_version_num')::int >= coalesce(($4::jsonb ->> s.name)::int, 0)
      and not (s.name = any ($3::text[]) and pg_catalog.current_setting(s.name) = s.value)`,
    [names, Object.values(SETTINGS), [...IF_DIFFERENT], JSON.stringify(SINCE)],
  )
  for (const { pid } of rows.slice(0, 1)) noteBackend(client, pid)
  await applyConnectionCheck(client)
}

/**
 * A killed process must not leave a long statement behind: the server looks every two seconds whether we are still
 * there. Servers on some systems can't, and refuse the value.
 */
async function applyConnectionCheck(client: pg.ClientBase): Promise<void> {
  try {
    await client.query(/* sql */ `set client_connection_check_interval = '2s'`)
  } catch (error) {
    if (errorCode(error) !== SQLSTATE.invalidParameterValue) throw error
  }
}
