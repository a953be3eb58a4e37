import type pg from 'pg'
import { isDataError } from '../db/sqlstates.ts'
import { ident, join, raw, type Sql, sql } from '../lib/sql.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { overriding } from '../sqlgen/apply-row.ts'
import { relation } from '../sqlgen/names.ts'
import { mayRefuse, projectedRows, projection } from '../sqlgen/projection.ts'
import { hasKey, keyExpressions } from '../sqlgen/rows.ts'

const TRIES = 20

/**
 * Creates, reads, updates and deletes one real row in the new table, and takes it back. Rows that don't fit
 * are passed over: they are what the journal is for. Returns what it showed, in words.
 */
export async function tryRoundTrip(client: pg.ClientBase, t: TargetMapping): Promise<string> {
  const columns = join(t.columns.map((column) => ident(column.name)))
  const target = relation(t.relation)
  // Any column that every row has.
  const own = t.kind === 'merge' ? t.key : t.handle
  const key = join(own.map((k) => ident(k.name)))
  // A column GENERATED ALWAYS AS IDENTITY can't be set, not even to what it is.
  const always = t.sequences.filter((s) => s.identity === 'always').map((s) => s.column)
  const settable = t.columns.filter((column) => !always.includes(column.name)).map((column) => ident(column.name))
  let refused = ''
  await client.query('SAVEPOINT crossfade_round')
  for (let offset = 0; offset < TRIES; offset++) {
    try {
      const created = await client.query(
        sql`INSERT INTO ${target} (${columns})${overriding(t)} SELECT ${columns} FROM (${projectedRows(t, { kind: 'among', query: someKeys(t) }, 'orphans')}) AS p OFFSET ${offset} LIMIT 1 RETURNING ${key}`
          .text,
      )
      if (created.rowCount === 0) break
      const read = await client.query(sql`SELECT * FROM ${target}`.text)
      const updated =
        settable.length === 0
          ? read
          : await client.query(
              sql`UPDATE ${target} SET ${join(settable.map((column) => sql`${column} = ${column}`))}`.text,
            )
      const deleted = await client.query(sql`DELETE FROM ${target}`.text)
      return `${t.name}: created ${created.rowCount}, read ${read.rowCount}, updated ${updated.rowCount}, deleted ${deleted.rowCount}; rolled back`
    } catch (error) {
      if (!isDataError(error)) throw error
      refused = (error as Error).message
    } finally {
      await client.query('ROLLBACK TO crossfade_round')
    }
  }
  if (refused === '') refused = await readRefusal(client, t)
  return refused === ''
    ? `${t.name}: the old tables have no row to try with`
    : `${t.name}: none of the first ${TRIES} rows fits, the last because: ${refused}`
}

/** Why the first of these rows would be in the journal; empty where there is none. */
async function readRefusal(client: pg.ClientBase, t: TargetMapping): Promise<string> {
  if (!mayRefuse(t)) return ''
  const { rows } = await client.query<{ why: string }>(
    sql`SELECT array_to_string(p.crossfade_refusal[2:], ', ') AS why FROM (${projection(t, { kind: 'among', query: someKeys(t) })}) AS p WHERE p.crossfade_refusal IS NOT NULL LIMIT 1`
      .text,
  )
  return rows[0]?.why ?? ''
}

/** A few keys of the first source that has any: the projection of all rows would be long work on a large table. */
function someKeys(t: TargetMapping): Sql {
  const arms = t.sources.map((s) => {
    const where = s.where === null ? sql`` : sql` AND (${raw(s.where)})`
    return sql`(SELECT ${join(keyExpressions(s))} FROM ${relation(s.relation)} AS ${ident(s.relation.name)} WHERE ${hasKey(s)}${where} LIMIT ${TRIES})`
  })
  return sql`SELECT * FROM (${join(arms, ' UNION ALL ')}) AS u LIMIT ${TRIES}`
}
