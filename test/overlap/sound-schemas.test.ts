import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { fillTables } from './fill-tables.ts'
import { databaseWith, overlapOf, pairOf } from './overlap-of.ts'

function readSchema(name: string): string {
  return readFileSync(new URL(`schemas/${name}.sql`, import.meta.url), 'utf8')
}

test.each(['shop', 'social', 'billing', 'workspace'])(
  'a schema in which no fact is told twice has no group: %s',
  async (name) => {
    const db = await databaseWith(readSchema(name))
    await fillTables(db)
    const { groups, problems } = await overlapOf(db)
    expect(groups.map(({ tables, evidence }) => [tables, evidence])).toEqual([])
    expect(problems).toEqual([])
  },
)

test.each([
  [
    'shop',
    `create table clients (id serial primary key, mail text, given_name text, surname text, phone_no text);
     insert into clients (mail, given_name, surname, phone_no)
       select email, first_name, last_name, phone from customers where id % 6 > 0 order by md5(id::text)`,
    ['clients', 'customers'],
    'email',
  ],
  [
    'shop',
    `create table orders_legacy (like orders including defaults);
     insert into orders_legacy select id + 100000, customer_id, 'L' || number, status, total + 1, 'Old ' || shipping_address, ordered_at - interval '3 years'
       from orders where id % 2 = 0`,
    ['orders', 'orders_legacy'],
    null,
  ],
  [
    'social',
    `create table toots (id bigint primary key, author bigint, body text, lang text, posted timestamptz);
     insert into toots select id, account_id, case when id % 20 = 0 then text || ' (edited)' else text end, language, created_at
       from statuses where id % 5 > 0`,
    ['statuses', 'toots'],
    'id',
  ],
  [
    'billing',
    `create table accounts_receivable (id bigserial primary key, invoice_number text, amount bigint, due date, organization_id uuid);
     insert into accounts_receivable (invoice_number, amount, due, organization_id)
       select number, total_cents, due_on, organization_id from invoices order by md5(id::text) limit 300`,
    ['accounts_receivable', 'invoices'],
    'number',
  ],
  [
    'workspace',
    `create table conversations (id uuid primary key, owner uuid, title text, model_name text, started timestamptz);
     insert into conversations select id, user_id, name, model, created_at from chats where hashtext(id::text) % 3 <> 0`,
    ['chats', 'conversations'],
    'id',
  ],
  [
    'workspace',
    `create table facebook_posts (id uuid primary key default gen_random_uuid(), message text, image_url text, likes int, shares int, scheduled_for timestamptz);
     create table twitter_posts (like facebook_posts including defaults);
     insert into facebook_posts select gen_random_uuid(), md5('f' || n), md5('g' || n), n * 7 % 311, n % 5, now() - n * interval '1 h' from generate_series(1, 300) n;
     insert into twitter_posts select gen_random_uuid(), md5('t' || n), md5('u' || n), n * 7 % 411, n % 3, now() - n * interval '3 h' from generate_series(1, 400) n`,
    ['facebook_posts', 'twitter_posts'],
    null,
  ],
])('a fact that is told twice among many is found: %s, %#', async (name, twin, tables, key) => {
  const db = await databaseWith(readSchema(name))
  await fillTables(db)
  await db.query(twin)
  await db.query('analyze')
  const document = await overlapOf(db)
  expect(document.groups.map((group) => [...group.tables].sort())).toEqual([tables])
  const [left = '', right = ''] = document.groups[0]?.tables ?? []
  const found = pairOf(document, left, right).key
  expect(found === null ? null : [...found.left, ...found.right].includes(key ?? '')).toBe(key === null ? null : true)
})
