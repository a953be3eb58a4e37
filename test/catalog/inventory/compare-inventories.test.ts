import { afterAll, beforeAll, expect, test } from 'vitest'
import { compareInventories, fingerprintInventory } from '../../../src/catalog/inventory/compare-inventories.ts'
import { readInventory } from '../../../src/catalog/inventory/read-inventory.ts'
import { transaction } from '../../../src/db/transaction.ts'
import { ident } from '../../../src/lib/sql.ts'
import { nameRoles, readSchema } from '../../snapshot/rebuild.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'

const SCHEMAS = ['app', 'ext', 'public']
let database: TestDatabase
const { owner, reader, put } = nameRoles()

beforeAll(async () => {
  database = await createTestDatabase()
  for (const role of [owner, reader]) await database.query(`create role ${ident(role)}`)
  await database.query(put(await readSchema('everything')))
})

afterAll(async () => {
  for (const role of [owner, reader]) {
    await database.query(`drop owned by ${ident(role)} cascade`)
    await database.query(`drop role ${ident(role)}`)
  }
  await database.drop()
})

/** One change of each kind, and a difference that it must make. */
const CHANGES: [change: string, difference: string][] = [
  ['create schema more', 'nothing'],
  [`comment on schema app is 'new'`, 'schema app: comment changed from a line\nand another; -- no comment to new'],
  [
    'grant create on schema ext to public',
    'schema ext: grants changed from ["CREATE to the owner","USAGE to the owner"] to ["CREATE to PUBLIC","CREATE to the owner","USAGE to the owner"]',
  ],
  ['drop extension btree_gist cascade', 'extension btree_gist was removed'],
  [
    `alter type app.mood rename value 'fine' to 'good'`,
    `enum app.mood: labels changed from ["fine","so-so","it's","back\\\\slash"] to ["good","so-so","it's","back\\\\slash"]`,
  ],
  ['alter domain app.score drop default', 'domain app.score: default changed from 1.50 to nothing'],
  ['alter domain app.score drop constraint sane', 'constraint sane on app.score was removed'],
  ['alter type app.place rename attribute name to title cascade', 'column app.place.name was removed'],
  ['alter sequence app.tickets no cycle', 'sequence app.tickets: cycle changed from true to nothing'],
  ['alter table app.toy set (fillfactor = 50)', 'table app.toy: options changed from nothing to ["fillfactor=50"]'],
  ['alter table app.toy replica identity full', 'table app.toy: replicaIdentity changed from nothing to full'],
  [
    'alter table app.robot no inherit app.toy',
    'table app.robot: inherits changed from ["app.animal","app.toy"] to ["app.animal"]',
  ],
  [
    'alter table app.counted detach partition app.counted_1',
    'table app.counted_1: partitionBound changed from FOR VALUES WITH (modulus 2, remainder 1) to nothing',
  ],
  ['alter table app.person alter mood set not null', 'column app.person.mood: notNull changed from nothing to true'],
  [
    'alter table app.person alter number set generated always',
    'column app.person.number: identity changed from by default to always',
  ],
  [
    `alter table app.person alter name set default 'x'`,
    `column app.person.name: default changed from 'no one'::text to 'x'::text`,
  ],
  [
    'alter table app.person alter loud drop expression',
    'column app.person.loud: generated changed from stored to nothing',
  ],
  [
    'alter table app.far_away alter name type text collate "POSIX"',
    'column app.far_away.name: collation changed from "C" to "POSIX"',
  ],
  ['alter table app.person alter settings set storage main', 'column app.person.settings: storage changed from e to m'],
  [
    'grant select (home) on app.person to public',
    'column app.person.home: grants changed from nothing to ["SELECT to PUBLIC"]',
  ],
  ['grant delete on app.toy to public', 'table app.toy: grants changed'],
  [
    'alter table app.booking validate constraint positive',
    'constraint positive on app.booking: validated changed from false to nothing',
  ],
  ['alter table app.booking drop constraint booking_person', 'constraint booking_person on app.booking was removed'],
  ['alter table app.booking set without cluster', 'index app.booking_fresh: clustered changed from true to nothing'],
  ['drop index app.booking_hash', 'index app.booking_hash was removed'],
  [
    'alter view app.adults reset (security_invoker)',
    'view app.adults: options changed from ["check_option=cascaded","security_barrier=true","security_invoker=true"] to ["check_option=cascaded","security_barrier=true"]',
  ],
  ['drop materialized view app.later', 'materialized view app.later was removed'],
  ['alter function app.people() rows 6', 'function app.people(): definition changed'],
  [
    'alter function app.people() security definer',
    'function app.people(): securityDefiner changed from nothing to true',
  ],
  [
    'revoke execute on function app.people() from public',
    'function app.people(): grants changed from ["EXECUTE to PUBLIC","EXECUTE to the owner"] to ["EXECUTE to the owner"]',
  ],
  [
    'alter table app.person enable trigger quiet',
    'trigger quiet on app.person: enabled changed from disabled to nothing',
  ],
  ['drop rule keep on app.toy', 'rule keep on app.toy was removed'],
  [
    'alter table app.booking no force row level security',
    'table app.booking: forceRowSecurity changed from true to nothing',
  ],
  [
    'alter policy everybody on app.booking using (true)',
    'policy everybody on app.booking: using changed from (total > (0)::numeric) to true',
  ],
  [
    `alter default privileges for role snap_owner revoke select on tables from snap_reader`,
    'default privileges tables of ',
  ],
  [
    "alter publication everything set (publish = 'insert')",
    'publication everything: publishes changed from ["insert","update"] to ["insert"]',
  ],
  [
    'alter publication a_schema drop tables in schema app',
    'publication a_schema: schemas changed from ["app"] to nothing',
  ],
  ['alter event trigger watched enable', 'event trigger watched: enabled changed from disabled to nothing'],
  [`alter server elsewhere options (drop fetch_size)`, 'foreign server elsewhere: foreignOptions changed'],
  ['drop statistics app.rooms', 'statistics app.rooms was removed'],
  ['drop cast (app.place as text)', 'cast app.place as text was removed'],
  ['drop operator app.=== (app.place, app.place)', 'operator app.===(app.place,app.place) was removed'],
  [
    'alter text search configuration app.words_only drop mapping for word',
    'text search configuration app.words_only: mappings changed',
  ],
]

test.each(CHANGES)('%s', async (change, difference) => {
  const client = await database.pool.connect()
  const undo = new Error('undone')
  try {
    const outcome = transaction(client, async () => {
      const before = await readInventory(client, SCHEMAS)
      await client.query(put(change))
      const after = await readInventory(client, SCHEMAS)
      const differences = compareInventories(before, after)
      if (difference === 'nothing') expect(differences).toEqual([])
      else
        expect(
          differences.some((one) => one.startsWith(difference)),
          differences.join('\n'),
        ).toBe(true)
      expect(fingerprintInventory(before) === fingerprintInventory(after)).toBe(difference === 'nothing')
      throw undo
    })
    await expect(outcome).rejects.toBe(undo)
  } finally {
    client.release()
  }
})

test('owners count unless they are not to', async () => {
  const client = await database.pool.connect()
  try {
    const was = await readInventory(client, SCHEMAS)
    await client.query(put('alter table app.toy owner to snap_owner'))
    const is = await readInventory(client, SCHEMAS)
    expect(compareInventories(was, is)).toEqual([`table app.toy: owner changed from postgres to ${owner}`])
    expect(compareInventories(was, is, { owners: false })).toEqual([])
    expect(fingerprintInventory(was, { owners: false })).toBe(fingerprintInventory(is, { owners: false }))
  } finally {
    client.release()
  }
})
