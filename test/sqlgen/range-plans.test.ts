import { expect, test } from 'vitest'
import { append, merge } from '../../src/spec/config.ts'
import type { TargetMapping } from '../../src/spec/mapping.ts'
import { backfillChunk, type Writers } from '../../src/sqlgen/backfill.ts'
import { compareRange } from '../../src/sqlgen/compare.ts'
import { type EngineOptions, withEngine } from '../engine/engine.ts'

const ENDS = { after: true, upTo: true }
/** A range that holds half of the rows, and none of the values that the server knows. */
const RANGE = ['40000000-0000-0000-0000-000000000000', 'c0000000-0000-0000-0000-000000000000']

const MERGED: EngineOptions = {
  oldSql: 'create table a (k uuid primary key, v text); create table b (k uuid primary key, w text)',
  newSql: 'create table t (k uuid primary key, v text, w text)',
  tables: { t: merge({ key: 'k', sources: { a: {}, b: {} } }) },
}

const APPENDED: EngineOptions = {
  oldSql: 'create table a (k uuid primary key, v text); create table b (k uuid primary key, v text)',
  newSql: 'create table t (id bigint generated always as identity primary key, v text)',
  tables: { t: append({ sources: { a: {} } }) },
}

/** The plan for a range of half the rows, by statistics that tell of a range no more than of ten thousand in ten million. */
async function explain(options: EngineOptions, textOf: (t: TargetMapping) => string): Promise<string[]> {
  let plan: string[] = []
  await withEngine(options, async (e) => {
    await e.db.query(`
      insert into a select md5(i::text)::uuid, 'v' from generate_series(1, 2000) as i;
      insert into b select md5(i::text)::uuid, 'w' from generate_series(1, 2000) as i`)
    await e.drain()
    const keys = await e.db.query<{ table: string; key: string }>(`
      select attrelid::regclass::text as table, quote_ident(attname) as key from pg_attribute
       where atttypid = 'uuid'::regtype and attrelid in (select oid from pg_class where relkind = 'r' and relname ~ '^(a|b|t|lineage_t.*)$')`)
    for (const { table, key } of keys)
      await e.db.query(`alter table ${table} alter column ${key} set statistics 1; analyze ${table}`)
    const [t] = e.mapping.targets
    if (!t) throw new Error('no target')
    const text = textOf(t).replaceAll('$1', `'${RANGE[0]}'`).replaceAll('$2', `'${RANGE[1]}'`)
    const rows = await e.db.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${text}`)
    plan = rows.map((row) => row['QUERY PLAN'])
  })
  return plan
}

const CHUNK = (writers: Writers) => (t: TargetMapping) => backfillChunk(t, ENDS, writers).text

// Not the comparison of an append: each of its rows is looked up by its handle, in an index.
test.each([
  ['the comparison of a merge', MERGED, (t: TargetMapping) => compareRange(t, ENDS, false).text],
  ['a chunk of a merge', MERGED, CHUNK('alone')],
  ['a contested chunk of a merge', MERGED, CHUNK('contested')],
  ['a chunk of an append', APPENDED, CHUNK('alone')],
  ['a contested chunk of an append', APPENDED, CHUNK('contested')],
] as const)('%s reads no range once for each row, whatever the server expects', async (_, options, textOf) => {
  const plan = await explain(options, textOf)
  expect(plan.join('\n')).toMatch(/Index Cond: .*>/)
  expect(plan.filter((line) => line.includes('Nested Loop'))).toEqual([])
})
