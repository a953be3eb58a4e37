import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { NeededIndex } from '../spec/mapping.ts'
import { display, relation } from './names.ts'
import type { Statement } from './statement.ts'

/** What that index is over. */
export function keyIndexColumns(index: NeededIndex): Sql {
  const method = index.method === undefined ? raw('') : sql`USING ${raw(index.method)} `
  return sql`${method}(${join(index.parts.map((part) => sql`(${raw(part)})`))})`
}

/** An index under which old rows are found: a recompute without it would scan the table. */
export function keyIndexStatement(index: NeededIndex): Statement {
  return {
    id: `key-index:${index.name}`,
    sql: sql`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${ident(index.name)} ON ${relation(index.table)} ${keyIndexColumns(index)}`,
    undo: sql`DROP INDEX IF EXISTS ${ident(index.table.schema, index.name)}`,
    // An index more does no harm until its table is free.
    silence: sql`SELECT 1`,
    lock: { mode: 'SHARE UPDATE EXCLUSIVE', on: display(index.table) },
    transactional: false,
    why: `finds rows of ${display(index.table)} ${index.purpose}; writers go on while it is built`,
  }
}

/** Without statistics on an expression the planner guesses that 1 row in 200 has a key. */
export function keyIndexAnalyze(index: NeededIndex): Statement {
  return {
    id: `key-index-analyze:${index.name}`,
    sql: sql`ANALYZE ${relation(index.table)}`,
    undo: null,
    lock: { mode: 'SHARE UPDATE EXCLUSIVE', on: display(index.table) },
    transactional: true,
    why: 'gives the planner statistics on the key, from a sample',
  }
}

/** Says in the catalog whose index it is. */
export function keyIndexComment(index: NeededIndex): Statement {
  return {
    id: `key-index-comment:${index.name}`,
    sql: sql`COMMENT ON INDEX ${ident(index.table.schema, index.name)} IS ${literal(`Crossfade: finds rows ${index.purpose}; dropped with what needs it`)}`,
    undo: null,
    lock: { mode: 'SHARE UPDATE EXCLUSIVE', on: display(index.table) },
    transactional: true,
    why: 'says whose index it is',
  }
}
