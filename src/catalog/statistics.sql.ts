/** Counts go since `since`; times are ISO 8601, UTC. */
export interface StatisticsRow {
  readonly schema: string
  readonly name: string
  readonly rows: number | null
  readonly sequentialScans: number
  readonly indexScans: number
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  readonly lastScan: string | null
  readonly lastVacuum: string | null
  readonly lastAnalyze: string | null
  readonly since: string | null
}

/**
 * Of every table that is not the server's own, in all schemas. Partitions are counted into the table that code names.
 * `last_seq_scan` and `last_idx_scan` are there from PostgreSQL 16 on, so they are asked by name.
 */
export const statisticsQuery = /* sql */ `
with counted as (
  select coalesce(pg_catalog.pg_partition_root(s.relid)::oid, s.relid) as root,
         s.*,
         greatest(
           (pg_catalog.to_jsonb(s) ->> 'last_seq_scan')::timestamptz, (pg_catalog.to_jsonb(s) ->> 'last_idx_scan')::timestamptz
         ) as last_scan,
         -- -1 says never analyzed
         case when c.reltuples >= 0 then c.reltuples end as tuples,
         c.relkind
  from pg_catalog.pg_stat_user_tables s
  join pg_catalog.pg_class c on c.oid = s.relid
  where c.relpersistence <> 't'
)
select n.nspname::text as schema,
       r.relname::text as name,
       -- A partitioned table, also one that is a partition, has no rows of its own; of the others all must be known.
       case when bool_and(k.tuples is not null or k.relkind = 'p')
         then coalesce(sum(k.tuples) filter (where k.relkind <> 'p'), 0)::float8
       end as rows,
       sum(coalesce(k.seq_scan, 0))::float8 as "sequentialScans",
       sum(coalesce(k.idx_scan, 0))::float8 as "indexScans",
       sum(k.n_tup_ins)::float8 as inserts,
       sum(k.n_tup_upd)::float8 as updates,
       sum(k.n_tup_del)::float8 as deletes,
       pg_catalog.to_char(max(k.last_scan) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "lastScan",
       pg_catalog.to_char(max(greatest(k.last_vacuum, k.last_autovacuum)) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "lastVacuum",
       pg_catalog.to_char(max(greatest(k.last_analyze, k.last_autoanalyze)) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "lastAnalyze",
       pg_catalog.to_char(d.stats_reset at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since
from counted k
join pg_catalog.pg_class r on r.oid = k.root
join pg_catalog.pg_namespace n on n.oid = r.relnamespace
join pg_catalog.pg_stat_database d on d.datname = pg_catalog.current_database()
group by r.oid, r.relname, r.relkind, n.nspname, d.stats_reset
order by n.nspname, r.relname`
