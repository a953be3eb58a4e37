import { expect, onTestFinished, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createTestDatabase } from '../support/database.ts'
import { checkTables, findingOf, runCheck } from './run-check.ts'

const checked = {
  ddl: 'create table remarks (id int primary key, text text)',
  config: { tables: { remarks: merge({ key: 'id', sources: { 'old Notes': { key: '"Id"' } } }) } },
}

const OLD_SQL = `
create table "odd "" places" ("X y" int, "Z" int, primary key ("X y", "Z"));
create table "old Notes" ("Id" int primary key, text text, "X y" int, z int, "not; null" text);
insert into "odd "" places" values (1, 1);
insert into "old Notes" values
  (1, 'fine', 1, 1, 'there'), (2, 'fine', 1, null, null), (3, 'bad', 7, 7, null), (4, null, null, null, 'there');`

test('rows that break a NOT VALID constraint are counted, whatever its kind', async () => {
  const report = await checkTables(
    `${OLD_SQL}
     alter table "old Notes"
       add constraint "a check" check (text <> 'bad') not valid,
       add constraint simple foreign key ("X y", z) references "odd "" places" not valid,
       add constraint whole foreign key ("X y", z) references "odd "" places" match full not valid,
       add constraint unbroken check ("Id" > 0) not valid,
       add constraint valid check ("Id" < 100);`,
    { ...checked, showsValues: true },
  )
  const of = (name: string) => {
    const { severity, rows, examples } = findingOf(report, `not-valid.old-Notes.${name}`)
    return { severity, rows, keys: examples.map(({ key }) => key) }
  }
  expect(of('a-check')).toEqual({ severity: 'decide', rows: 1, keys: [['3']] })
  expect(of('simple')).toEqual({ severity: 'decide', rows: 1, keys: [['3']] })
  expect(of('whole')).toEqual({ severity: 'decide', rows: 2, keys: [['2'], ['3']] })
  expect(of('unbroken')).toEqual({ severity: 'note', rows: null, keys: [] })
  expect(report.findings.filter((one) => one.id.startsWith('not-valid'))).toHaveLength(4)
  expect(findingOf(report, 'space').what).not.toContain('the size of the old tables')
})

test('a NOT NULL that is NOT VALID, and constraints that are NOT ENFORCED, which PostgreSQL 18 has', async () => {
  const database = await createTestDatabase()
  onTestFinished(async () => await database.drop())
  const [server] = await database.query<{ version: number }>(
    `select current_setting('server_version_num')::int as version`,
  )
  if ((server?.version ?? 0) < 180_000) return
  await database.query(
    `${OLD_SQL}
     alter table "old Notes"
       add constraint there not null "not; null" not valid,
       add constraint known foreign key ("X y", z) references "odd "" places" not enforced;`,
  )
  const report = await runCheck(database.url, checked)
  expect(findingOf(report, 'not-valid.old-Notes.there')).toMatchObject({ severity: 'decide', rows: 2 })
  expect(findingOf(report, 'not-valid.old-Notes.known')).toMatchObject({ severity: 'note', rows: 1 })
})

test('a constraint that raises, and a table that a link reads', async () => {
  const report = await checkTables(
    `create table other (a int not null unique, link int);
     create table notes (n int primary key, link int);
     insert into other values (1, 0), (2, 1), (3, 2);
     insert into notes values (1, 0), (2, 1), (3, 2);
     alter table other add constraint raises check (a / link > 0) not valid, add constraint small check (a < 2) not valid;`,
    {
      ddl: 'create table remarks (id int primary key, n int)',
      config: {
        tables: {
          remarks: merge({
            key: 'id',
            sources: { notes: { key: { via: 'other', on: 'link', take: 'a', otherwise: 'journal' } } },
          }),
        },
      },
    },
  )
  const raises = findingOf(report, 'not-valid.other.raises')
  expect(raises).toMatchObject({ severity: 'decide', rows: null })
  expect(raises.what).toContain('could not be counted: division by zero (22012)')
  const small = findingOf(report, 'not-valid.other.small')
  expect({ rows: small.rows, keys: small.examples.map(({ key }) => key) }).toEqual({
    rows: 2,
    keys: [['9'], ['9']],
  })
})
