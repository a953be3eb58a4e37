import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database } from '../../src/db/connect.ts'
import { assertMayCreateSchemas, assertOwnsTables } from '../../src/db/privileges.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const ROLE = 'Crossfade "plain" test'
const QUOTED = '"Crossfade ""plain"" test"'
let database: TestDatabase
let owner: Database
let plain: Database

beforeAll(async () => {
  database = await createTestDatabase()
  await database.query(/* sql */ `
    drop role if exists ${QUOTED};
    create role ${QUOTED} login password 'plain-1234';
    create table public.theirs ();
    create table public.ours ();
    alter table public.ours owner to ${QUOTED}`)
  owner = await connect(database.url)
  const url = new URL(database.url)
  plain = await connect(Object.assign(url, { username: encodeURIComponent(ROLE), password: 'plain-1234' }).href)
})
afterAll(async () => {
  await owner.close()
  await plain.close()
  await database.query(`drop owned by ${QUOTED}; drop role ${QUOTED}`)
  await database.drop()
})

test('a role without rights is told what it lacks', async () => {
  const client = await plain.session()
  await expect(assertMayCreateSchemas(client)).rejects.toMatchObject({ code: 'privilege_missing', exitCode: 3 })
  await expect(assertOwnsTables(client, [{ schema: 'public', name: 'theirs' }])).rejects.toMatchObject({
    message: 'The role does not own public.theirs.',
  })
  await assertOwnsTables(client, [{ schema: 'public', name: 'ours' }])
  await expect(plain.query('create schema mine')).rejects.toMatchObject({ code: 'privilege_missing', exitCode: 3 })
})

test('an owner passes', async () => {
  const client = await owner.session()
  await assertMayCreateSchemas(client)
  await assertOwnsTables(client, [{ schema: 'public', name: 'theirs' }])
})
