import { CONTROL } from '../lib/schema-names.ts'
import { ident, join, literal, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { keyEquals, keyOf } from './keys.ts'
import { carriedColumn, display, handleColumn, hasColumn, lineageIndex, lineageTable, relation } from './names.ts'
import type { LateIndex, Statement } from './statement.ts'

/**
 * Lineage: which sources each new row came from, and what the new row can't give back of them (old
 * ids, keys in their old spelling, columns that were dropped). The compat views are T joined to it.
 */
export function lineageStatements(t: TargetMapping): Statement[] {
  const table = lineageTable(t)
  const columns = [
    ...t.key.map((key) => sql`${ident(key.name)} ${raw(key.type)} NOT NULL`),
    ...t.sources.flatMap((s) => [
      sql`${hasColumn(s)} boolean NOT NULL`,
      ...s.carried.map((column, i) => sql`${carriedColumn(s, i)} ${raw(column.type)}`),
    ]),
    ...t.handle.map((h, i) => sql`${handleColumn(i)} ${raw(h.type)} NOT NULL`),
    sql`PRIMARY KEY (${join(t.key.map((key) => ident(key.name)))})`,
    ...(t.handle.length === 0 ? [] : [sql`UNIQUE (${join(t.handle.map((_, i) => handleColumn(i)))})`]),
  ]
  const comments = t.sources.flatMap((s) => [
    sql`COMMENT ON COLUMN ${table}.${hasColumn(s)} IS ${literal(`the row has a row of ${display(s.relation)}`)};`,
    ...s.carried.map(
      (column, i) =>
        sql`COMMENT ON COLUMN ${table}.${carriedColumn(s, i)} IS ${literal(`${display(s.relation)}.${column.name}, which the new row can't give back`)};`,
    ),
  ])
  return [
    {
      id: `lineage:${t.name}`,
      sql: sql`CREATE TABLE ${table} (
  ${join(columns, ',\n  ')}
);
COMMENT ON TABLE ${table} IS ${literal(`Crossfade: the old rows that each row of ${t.name} came from`)};
${join(comments, '\n')}`,
      undo: sql`DROP TABLE IF EXISTS ${table}`,
      lock: { mode: 'none', on: null },
      transactional: true,
      why: `keeps from which old tables each row of ${t.name} came, so that the old shape can be read from it`,
    },
  ]
}

/**
 * For the compat views: where the old table had an index over what lineage carries; and the rows that a source doesn't
 * have, often few. Built behind the backfill: to sort all rows costs a third of putting each into its place.
 */
export function lineageIndexes(t: TargetMapping): LateIndex[] {
  const carried = t.sources.flatMap((s) =>
    s.carriedIndexes.map((names) => {
      const on = names.map((name) =>
        carriedColumn(
          s,
          s.carried.findIndex((column) => column.name === name),
        ),
      )
      return { on: sql`(${join(on)})`, why: `finds rows of ${t.name} by ${display(s.relation)}.${names.join(', ')}` }
    }),
  )
  const real = t.kind === 'append' || t.sources.length === 1 ? [] : t.sources.filter((s) => !s.stub)
  const absent = real.map((s) => ({
    on: sql`(${join(t.key.map((key) => ident(key.name)))}) WHERE NOT ${hasColumn(s)}`,
    why: `finds the rows of ${t.name} that ${display(s.relation)} does not have`,
  }))
  return [...carried, ...absent].map(({ on, why }, i) => {
    const name = lineageIndex(t, i + 1)
    const statement: Statement = {
      id: `lineage-index:${t.name}:${i + 1}`,
      sql: sql`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${ident(name)} ON ${lineageTable(t)} ${on}`,
      // It goes with the table.
      undo: null,
      lock: { mode: 'SHARE UPDATE EXCLUSIVE', on: lineageTable(t).text },
      transactional: false,
      why,
    }
    return { schema: CONTROL, name, statements: [statement] }
  })
}

/**
 * Where rows of the old tables are hidden from some readers, lineage hides what it knows of them: a role sees of it
 * what it sees of the new table, whose own policies decide.
 */
export function lineagePolicyStatement(t: TargetMapping): Statement {
  const table = lineageTable(t)
  return {
    id: `lineage-policy:${t.name}`,
    sql: sql`ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY crossfade_visible ON ${table} FOR SELECT
 USING (EXISTS (SELECT FROM ${relation(t.relation)} AS t WHERE ${ofRow(t, 't', table)}))`,
    undo: null,
    lock: { mode: 'none', on: null },
    transactional: true,
    why: `keys and carried columns of a row of ${t.name} are for nobody who may not see the row`,
  }
}

/** The row of the new table that a row of lineage is about. */
export function ofRow(t: TargetMapping, row: string, lineage: Sql): Sql {
  if (t.kind === 'merge')
    return keyEquals(
      t,
      keyOf(t, row),
      t.key.map((key) => sql`${lineage}.${ident(key.name)}`),
    )
  return join(
    t.handle.map((h, i) => sql`${ident(row, h.name)} = ${lineage}.${handleColumn(i)}`),
    ' AND ',
  )
}
