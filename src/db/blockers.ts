import type pg from 'pg'
import { redact } from '../lib/redact.ts'

/** Whatever runs one statement: a pool, a client, a Database. */
export interface Queryable {
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<{ rows: Row[] }>
}

/** A session that holds, or may hold, what somebody waits for. Fields are null where the role may not see them. */
export interface Blocker {
  readonly pid: number
  readonly applicationName: string | null
  readonly user: string | null
  /** Age of its transaction. Seconds. */
  readonly transactionSeconds: number | null
  /** The first 80 characters of its statement, redacted. */
  readonly query: string | null
}

interface Row {
  readonly pid: number
  readonly applicationName: string | null
  readonly user: string | null
  readonly seconds: number | null
  readonly query: string | null
}

const QUERY_HEAD = 80

/** Who stands in the way of the session with this process id, at this moment. */
export async function readBlockers(client: Queryable, pid: number): Promise<Blocker[]> {
  const { rows } = await client.query<Row>(
    /* sql */ `
    select b.pid::int as pid, a.application_name as "applicationName", a.usename::text as "user",
           extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::float8 as seconds, a.query
    from (select distinct pg_catalog.unnest(pg_catalog.pg_blocking_pids($1)) as pid) b
    left join pg_catalog.pg_stat_activity a on a.pid = b.pid
    order by a.xact_start nulls last`,
    [pid],
  )
  return rows.map(toBlocker)
}

/** The oldest open transactions of this database besides our own: where nobody watched the wait, one of them it was. */
export async function readOldestTransactions(client: Queryable, limit = 3): Promise<Blocker[]> {
  const { rows } = await client.query<Row>(
    /* sql */ `
    select a.pid, a.application_name as "applicationName", a.usename::text as "user",
           extract(epoch from pg_catalog.clock_timestamp() - a.xact_start)::float8 as seconds, a.query
    from pg_catalog.pg_stat_activity a
    where a.datname = pg_catalog.current_database() and a.pid <> pg_catalog.pg_backend_pid() and a.xact_start is not null
    order by a.xact_start
    limit $1`,
    [limit],
  )
  return rows.map(toBlocker)
}

/** Who has written something in a transaction older than `xmax` (a pg_snapshot_xmax) that is still open, the oldest first. */
export async function readOlderWriters(client: Queryable, xmax: string, limit = 3): Promise<Blocker[]> {
  // Of other roles' sessions an ordinary role sees no transaction id in pg_stat_activity; pg_locks shows it to everybody.
  const { rows } = await client.query<Row>(
    /* sql */ `
    select coalesce(l.pid, 0) as pid, a.usename::text as "user", a.query,
           coalesce(a.application_name, 'prepared transaction ' || p.gid) as "applicationName",
           extract(epoch from pg_catalog.clock_timestamp() - coalesce(a.xact_start, p.prepared))::float8 as seconds
    from (
      select k.pid, min(k.transactionid::text)::xid as xid, max(pg_catalog.age(k.transactionid)) as age
      from pg_catalog.pg_locks k
      where k.locktype = 'transactionid' and k.mode = 'ExclusiveLock' and k.granted
      group by k.pid, k.virtualtransaction
    ) l
    left join pg_catalog.pg_stat_activity a on a.pid = l.pid
    left join pg_catalog.pg_prepared_xacts p on l.pid is null and p.transaction = l.xid
    where l.pid is distinct from pg_catalog.pg_backend_pid() and l.age > pg_catalog.age($1::text::xid8::xid)
    order by l.age desc
    limit $2`,
    [xmax, limit],
  )
  return rows.map(toBlocker)
}

function toBlocker(row: Row): Blocker {
  const { pid, applicationName, user, seconds, query } = row
  return { pid, applicationName, user, transactionSeconds: seconds, query: query === null ? null : headOf(query) }
}

/** Redacted before it is cut: half a password is a password too. */
function headOf(query: string): string {
  const line = redact(query).replace(/\s+/g, ' ').trim()
  const characters = Array.from(line)
  return characters.length <= QUERY_HEAD ? line : `${characters.slice(0, QUERY_HEAD).join('')}…`
}

/** `pid 4711 (application "api", in a transaction for 12 s): update public.posts …` */
export function describeBlocker(blocker: Blocker): string {
  const { pid, applicationName, user, transactionSeconds, query } = blocker
  const about = [
    applicationName === null || applicationName === '' ? null : `application "${redact(applicationName)}"`,
    user === null ? null : `role "${user}"`,
    transactionSeconds === null ? null : `in a transaction for ${formatSeconds(transactionSeconds)}`,
  ].filter((part) => part !== null)
  const who = about.length === 0 ? `pid ${pid}` : `pid ${pid} (${about.join(', ')})`
  return query === null || query === '' ? who : `${who}: ${query}`
}

function formatSeconds(seconds: number): string {
  return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)} s` : `${Math.round(seconds)} s`
}
