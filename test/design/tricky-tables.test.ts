import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Interaction } from '../../src/codemap/interaction.ts'
import type { ReadDraft } from '../../src/design/read-design.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { commandsOver, draftOf } from './draft-of.ts'

let database: TestDatabase
let draft: ReadDraft

beforeAll(async () => {
  database = await createTestDatabase()
  await database.query(readFileSync(join(import.meta.dirname, 'tricky-tables.sql'), 'utf8'))
  draft = await draftOf(database)
})
afterAll(async () => await database.drop())

function target(name: string, of = draft) {
  const found = of.plan.targets.find((one) => one.name === name)
  if (!found) throw new Error(`no ${name} among ${of.plan.targets.map((one) => one.name).join(', ')}\n${of.ddl}`)
  return found
}

function typeOf(table: string, column: string): string | undefined {
  return target(table).columns.find(({ name }) => name === column)?.shape.type
}

test('types that take the values of both sides, and a way there and back', () => {
  expect(
    ['email', 'score', 'order', 'born', 'seen', 'data', 'state'].map((one) => typeOf('unified_customers', one)),
  ).toEqual(['text', 'integer', 'bigint', 'timestamp without time zone', 'timestamp with time zone', 'jsonb', 'text'])
  expect(target('unified_customers').rule.sources.customers).toMatchObject({
    key: 'lower(btrim(email))',
    columns: {
      seen: { from: "seen at time zone 'UTC'", back: "seen at time zone 'UTC'" },
      state: { from: 'state::text', back: 'state::public.mood' },
    },
  })
  expect(draft.ddl).toContain('QUESTION: Times without a zone')
  expect(draft.ddl).toContain('"order" bigint')
})

test('equal policies come along, and words become a check', () => {
  expect(draft.ddl).toContain(
    'create policy own on unified_customers as permissive for all to public using ((tenant = 1))',
  )
  const [check] = target('unified_orders').checks
  expect(check?.condition).toBe("state in ('it''s', 'open')")
})

test('a foreign key stands where the data has every parent, however the values are spelled', () => {
  const references = draft.plan.references.map((one) => [one.target, one.column, one.references, one.orphans])
  expect(references).toEqual([['unified_order_items', 'code', 'unified_orders', 0]])
  expect(draft.ddl).toMatch(/^alter table unified_order_items add constraint .* references unified_orders \(code\);$/m)
  expect(target('unified_order_items').rule.kind).toBe('append')
})

test('what can be no source is left out, with a question', () => {
  expect(draft.plan.keep).toEqual(['loose_a', 'loose_b'])
  expect(draft.ddl).toContain('QUESTION: loose_a has no primary key')
})

test('one orphan is enough, and the foreign key becomes a question', async () => {
  await database.query(`insert into order_items (code, label, n) values (gen_random_uuid(), 'lost', 1)`)
  try {
    const { ddl, plan } = await draftOf(database, { tables: [] })
    expect(plan.references.map((one) => one.orphans)).toEqual([1])
    expect(ddl).toMatch(/^-- alter table unified_order_items/m)
    expect(ddl).not.toMatch(/^alter table unified_order_items/m)
  } finally {
    await database.query(`delete from order_items where label = 'lost'`)
  }
})

test('indexes for what the map saw, words that code writes, and a table that no code touches', async () => {
  const seen = (table: string, operation: Interaction['operation'], more: Partial<Interaction> = {}): Interaction => ({
    ...{
      file: 'a.ts',
      line: 7,
      column: 1,
      function: null,
      style: 'pg',
      schema: null,
      table,
      operation,
      returning: false,
    },
    columns: { read: [], written: ['state'], filtered: ['amount', 'state'], ordered: [], known: true },
    ...more,
  })
  const interactions = [
    seen('orders', 'update', { values: { state: ['shipped'] } }),
    ...['orders_old', 'order_items', 'order_items_old', 'customers'].map((one) => seen(one, 'select')),
  ]
  const mapped = await draftOf(database, { map: { interactions, suspects: [], unresolved: [] } })
  const orders = target('unified_orders', mapped)
  expect(orders.checks[0]?.condition).toBe("state in ('it''s', 'open', 'shipped')")
  expect(orders.indexes.map((one) => one.columns)).toContainEqual(['state', 'amount'])
  // customers_v2 is touched by no code, so customers is alone.
  expect(mapped.plan.targets.map((one) => one.name)).not.toContain('unified_customers')
  expect(mapped.ddl).toContain('No code that the map saw touches customers_v2')
})

test('a view of the join that code does most, which is built and goes with the rest', async () => {
  const read = (table: string, line: number): Interaction => ({
    ...{ file: 'src/list.ts', line, column: 3, function: null, style: 'pg', schema: null, table },
    ...{ operation: 'select', returning: false },
    columns: { read: [], written: [], filtered: ['code'], ordered: [], known: true },
  })
  const interactions = [
    ...['orders', 'order_items', 'orders_old', 'order_items_old'].map((table) => read(table, 5)),
    ...['orders_old', 'order_items'].map((table) => read(table, 9)),
    ...['customers', 'customers_v2', 'orders'].map((table, at) => read(table, 20 + at)),
  ]
  const joined = await draftOf(database, { map: { interactions, suspects: [], unresolved: [] } })
  expect(joined.ddl).toContain(
    'the join that code does most, once for each row of unified_order_items: src/list.ts:5 and',
  )
  const { commands } = await commandsOver(database, joined)
  await commands.approve('design')
  await commands.build()
  const [view] = await database.query(
    `select array_agg(attname::text order by attnum) as columns from pg_attribute
     where attrelid = 'new_schema.unified_order_items_with_orders'::regclass and attnum > 0`,
  )
  expect(view?.columns).toEqual(['id', 'code', 'label', 'n', 'amount', 'state'])
  await commands.rollback()
  expect(await database.query(`select from pg_namespace where nspname = 'new_schema'`)).toEqual([])
}, 60_000)

test('named tables make one group', async () => {
  const { plan } = await draftOf(database, { tables: ['orders', 'orders_old'] })
  expect(plan.targets.map((one) => [one.name, one.primaryKey])).toEqual([['unified_orders', ['code']]])
  await expect(draftOf(database, { tables: ['loose_a', 'loose_b'] })).rejects.toMatchObject({ code: 'design.none' })
})

test('it passes the gate and is built', async () => {
  const { commands } = await commandsOver(database, draft)
  await commands.approve('design')
  await commands.build()
  const rows = await database.query(
    `select relrowsecurity from pg_class where oid = 'new_schema.unified_customers'::regclass`,
  )
  expect(rows).toEqual([{ relrowsecurity: true }])
}, 60_000)
