import { expect, onTestFinished, test } from 'vitest'
import { describeMigration, planRights, type Right } from '../../src/sqlgen/migration.ts'
import { createTestDatabase } from '../support/database.ts'

const TABLE = { schema: 'we"ird; schema', name: "ta'ble\n$crossfade$" }

test('rights are set as they are given, of roles that are there, whatever the names', async () => {
  const db = await createTestDatabase()
  const role = `r'o"le; ${db.name}`
  const quoted = `"${role.replaceAll('"', '""')}"`
  onTestFinished(async () => {
    await db.query(`drop owned by ${quoted}`)
    await db.query(`drop role ${quoted}`)
    await db.drop()
  })
  await db.query(`create role ${quoted}`)
  await db.query(`create schema "we""ird; schema"`)
  await db.query(`create table "we""ird; schema"."ta'ble\n$crossfade$" (id serial, "co'l;" text)`)
  await db.query(`grant all on "we""ird; schema"."ta'ble\n$crossfade$" to public, ${quoted}`)
  const right = (more: Partial<Right>): Right => ({
    ...{ on: TABLE, kind: 'TABLE', role, privilege: 'SELECT', column: null, grantable: false },
    ...more,
  })
  const rights = [
    right({ column: "co'l;" }),
    right({ privilege: 'DELETE', grantable: true }),
    right({ role: 'nobody; is "called\' so' }),
    right({ role: 'PUBLIC', privilege: 'INSERT' }),
  ]
  await db.query(planRights([TABLE], rights).text)
  const given = await db.query(
    `select case grantee when 0 then 'PUBLIC' else 'role' end as role, privilege_type as privilege, is_grantable as grantable, null as "column"
       from pg_class c, aclexplode(relacl) where relname = $1 and grantee <> relowner
     union all select 'role', privilege_type, is_grantable, attname from pg_attribute, aclexplode(attacl) where attname = 'co''l;'
      order by 1, 2`,
    [TABLE.name],
  )
  expect(given).toEqual([
    { role: 'PUBLIC', privilege: 'INSERT', grantable: false, column: null },
    { role: 'role', privilege: 'DELETE', grantable: true, column: null },
    { role: 'role', privilege: 'SELECT', grantable: false, column: "co'l;" },
  ])
})

test('no name breaks out of the comment above a migration', () => {
  const note = describeMigration([TABLE], [{ schema: 'public', name: 'old\r\n; drop table x' }])
  expect(note).not.toMatch(/[\r\n]/)
})
