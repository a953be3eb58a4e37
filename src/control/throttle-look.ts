import type pg from 'pg'
import type { ThrottleSettings } from '../spec/sync-settings.ts'

interface Look {
  readonly paused: boolean
  readonly person: string | null
  readonly reason: string | null
  readonly role: string
  readonly hiddenSessions: number
  readonly activeSessions: number
  readonly hiddenStandbys: number
  readonly standby: string | null
  readonly lagMb: number
  readonly lagMs: number
}

/**
 * Why long work must stand still now, in words; null where nothing speaks against it. What is watched and can't be seen is a
 * reason, too: full speed into the dark would be none of the user's choice.
 */
export async function readStop(client: pg.ClientBase, settings: ThrottleSettings): Promise<string | null> {
  const { rows } = await client.query<Look>(lookQuery)
  const look = rows[0]
  if (!look) return 'the state of the server could not be read'
  if (look.paused)
    return `paused by ${look.person ?? 'somebody'}${look.reason === null ? '' : ` (${look.reason})`}; crossfade resume goes on`
  const allow = (word: string): string =>
    `grant it: GRANT pg_monitor TO ${look.role}; or don't have it watched: sync: { throttle: { ${word}: false } }, and start again`
  if (settings.replicationLagMs !== null || settings.replicationLagMb !== null) {
    if (look.hiddenStandbys > 0)
      return `how far the standbys are behind can't be seen; ${allow('replicationLagMs: false, replicationLagMb')}`
    const { lagMb, lagMs } = look
    const behind = `standby ${look.standby ?? ''} is ${lagMb.toFixed(1)} MB and ${(lagMs / 1000).toFixed(1)} s behind`
    if (settings.replicationLagMb !== null && lagMb > settings.replicationLagMb)
      return `${behind}; the limit is ${settings.replicationLagMb} MB`
    if (settings.replicationLagMs !== null && lagMs > settings.replicationLagMs)
      return `${behind}; the limit is ${settings.replicationLagMs / 1000} s`
  }
  if (settings.activeSessions !== null) {
    if (look.hiddenSessions > 0) return `whether other sessions are at work can't be seen; ${allow('activeSessions')}`
    if (look.activeSessions > settings.activeSessions)
      return `${look.activeSessions} sessions are at work; the limit is ${settings.activeSessions}`
  }
  return null
}

/**
 * Standbys by what streams to them, and by slots to which nothing streams: a standby that is away falls behind, too. Logical
 * consumers don't count, nor a base backup. What a standby says of its delay is as old as its last word, so from the
 * moment that its word is late (it comes every ten seconds where there is nothing to say), the silence counts.
 */
const lookQuery = /* sql */ `
WITH standbys AS (
  SELECT r.state IS NULL AS hidden, coalesce(nullif(r.application_name, ''), r.client_addr::text, 'a standby') AS name,
         pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn) / 1048576 AS mb,
         CASE WHEN r.replay_lsn >= pg_current_wal_lsn() THEN 0
              ELSE 1000 * greatest(extract(epoch FROM coalesce(r.replay_lag, '0')), extract(epoch FROM clock_timestamp() - r.reply_time) - 12) END AS ms
    FROM pg_stat_replication AS r
   WHERE coalesce(r.state, '') NOT IN ('backup', 'startup')
     AND NOT EXISTS (SELECT FROM pg_replication_slots AS s WHERE s.active_pid = r.pid AND s.slot_type = 'logical')
  UNION ALL
  SELECT false, 'with slot ' || s.slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn) / 1048576, 0
    FROM pg_replication_slots AS s
   WHERE s.slot_type = 'physical' AND NOT s.active AND s.restart_lsn IS NOT NULL
), sessions AS (
  SELECT a.query = '<insufficient privilege>' AS hidden, a.state
    FROM pg_stat_activity AS a
   WHERE a.datid IS NOT NULL AND a.pid <> pg_backend_pid() AND coalesce(a.backend_type, 'client backend') = 'client backend'
     AND coalesce(a.application_name, '') NOT LIKE 'crossfade %'
)
SELECT EXISTS (SELECT FROM crossfade.pause) AS paused,
       (SELECT p.person FROM crossfade.pause AS p) AS person,
       (SELECT p.reason FROM crossfade.pause AS p) AS reason,
       quote_ident(current_user) AS role,
       (SELECT count(*)::int FROM sessions AS s WHERE s.hidden) AS "hiddenSessions",
       (SELECT count(*)::int FROM sessions AS s WHERE s.state = 'active') AS "activeSessions",
       (SELECT count(*)::int FROM standbys AS s WHERE s.hidden) AS "hiddenStandbys",
       (SELECT s.name FROM standbys AS s ORDER BY s.mb DESC NULLS LAST LIMIT 1) AS standby,
       coalesce((SELECT max(s.mb) FROM standbys AS s), 0)::float8 AS "lagMb",
       coalesce((SELECT max(s.ms) FROM standbys AS s), 0)::float8 AS "lagMs"`
