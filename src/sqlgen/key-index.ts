import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { display, keyIndexName, relation } from './names.ts'
import type { Statement } from './statement.ts'

/** What that index is over. */
export function keyIndexColumns(s: SourceMapping): Sql {
  return sql`(${join(s.indexKey.map((key) => sql`(${raw(key)})`))})`
}

/** The index under which each key of a source is found: a recompute without it would scan the table. */
export function keyIndexStatement(t: TargetMapping, s: SourceMapping): Statement {
  const name = keyIndexName(t, s)
  return {
    id: `key-index:${display(s.base)}:${t.relation.name}`,
    sql: sql`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${ident(name)} ON ${relation(s.base)} ${keyIndexColumns(s)}`,
    undo: sql`DROP INDEX IF EXISTS ${ident(s.base.schema, name)}`,
    // An index more does no harm until its table is free.
    silence: sql`SELECT 1`,
    lock: { mode: 'SHARE UPDATE EXCLUSIVE', on: display(s.base) },
    transactional: false,
    why: `finds the rows of ${display(s.base)} by the key of ${display(t.relation)}; writers go on while it is built`,
  }
}

/** Without statistics on an expression the planner guesses that 1 row in 200 has a key. */
export function keyIndexAnalyze(t: TargetMapping, s: SourceMapping): Statement {
  return {
    id: `key-index-analyze:${display(s.base)}:${t.relation.name}`,
    sql: sql`ANALYZE ${relation(s.base)}`,
    undo: null,
    lock: { mode: 'SHARE UPDATE EXCLUSIVE', on: display(s.base) },
    transactional: true,
    why: 'gives the planner statistics on the key, from a sample',
  }
}

/** Says in the catalog whose index it is. */
export function keyIndexComment(t: TargetMapping, s: SourceMapping): Statement {
  return {
    id: `key-index-comment:${display(s.base)}:${t.relation.name}`,
    sql: sql`COMMENT ON INDEX ${ident(s.base.schema, keyIndexName(t, s))} IS ${literal(`Crossfade: the key of ${display(t.relation)}; dropped with it`)}`,
    undo: null,
    lock: { mode: 'SHARE UPDATE EXCLUSIVE', on: display(s.base) },
    transactional: true,
    why: 'says whose index it is',
  }
}
