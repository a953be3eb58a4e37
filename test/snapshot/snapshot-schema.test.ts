import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ident } from '../../src/lib/sql.ts'
import type { SchemaSnapshot } from '../../src/snapshot/schema-snapshot.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { nameRoles, readSchema, runScript, takeSnapshot } from './rebuild.ts'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/schema-snapshot.schema.json'), 'utf8'))
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)
const { owner, reader, put } = nameRoles()
let database: TestDatabase
let snapshot: SchemaSnapshot

beforeAll(async () => {
  database = await createTestDatabase()
  for (const role of [owner, reader]) await database.query(`create role ${ident(role)}`)
  await runScript(database.url, put(await readSchema('everything')))
  // Without its triggers, which are there to be described.
  await runScript(
    database.url,
    `set session_replication_role = replica; insert into app.toy select 1 from generate_series(1, 70);
     insert into app.event (at, kind) select '2026-05-05', 'tap' from generate_series(1, 30)`,
  )
  await database.query('analyze')
  snapshot = (await takeSnapshot(database.url, { exactCounts: true })).snapshot
})

afterAll(async () => {
  for (const role of [owner, reader]) {
    await database.query(`drop owned by ${ident(role)} cascade`)
    await database.query(`drop role ${ident(role)}`)
  }
  await database.drop()
})

function errorsOf(document: unknown): string[] {
  return validate(JSON.parse(JSON.stringify(document)))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

test('a snapshot of everything is as the schema says', () => {
  expect(errorsOf(snapshot)).toEqual([])
})

test.each<[what: string, change: () => object]>([
  ['a field that it does not know', () => ({ extra: 1 })],
  ['another version', () => ({ version: 2 })],
  ['a field that is missing', () => ({ needs: undefined })],
  ['a fingerprint that is none', () => ({ fingerprint: 'x' })],
  ['a kind that is none', () => ({ tables: snapshot.tables.map((table) => ({ ...table, kind: 'sheet' })) })],
  [
    'a size below zero',
    () => ({ tables: snapshot.tables.map((table) => ({ ...table, size: { table: -1, indexes: 0 } })) }),
  ],
  ['a fact that is an object', () => ({ objects: snapshot.objects.map((one) => ({ ...one, facts: { a: {} } })) })],
])('the schema refuses %s', (_what, change) => {
  expect(errorsOf({ ...snapshot, ...change() })).not.toEqual([])
})

function tableNamed(name: string) {
  const found = snapshot.tables.find((table) => table.schema === 'app' && table.name === name)
  if (found === undefined) throw new Error(`${name} is not in the snapshot`)
  return found
}

test('rows, counted and estimated, of tables and of partitioned ones', () => {
  expect(tableNamed('toy').rows).toEqual({ estimated: 70, exact: 70, notCounted: null })
  expect(tableNamed('event').rows).toMatchObject({ exact: 30, estimated: 30 })
  expect(tableNamed('adults').rows).toEqual({ estimated: null, exact: null, notCounted: null })
  expect(snapshot.summary.rows).toBe(100)
})

test('sizes: with TOAST and partitions', () => {
  const parts = ['event_2025', 'event_2026_click', 'event_2026_rest'].map(tableNamed)
  expect(tableNamed('event').size.table).toBe(parts.reduce((sum, part) => sum + (part.size.table ?? 0), 0))
  expect(tableNamed('event').size.table).toBeGreaterThan(0)
  expect(tableNamed('adults').size).toEqual({ table: null, indexes: null })
  expect(tableNamed('person').indexes.find((index) => index.primary)?.bytes).toBe(8192)
})

test('use: what was written is counted', async () => {
  expect(tableNamed('nothing').use).not.toBeNull()
  expect(tableNamed('event_2025').use).toBeNull()
  expect(tableNamed('toy').use?.lastAnalyze).toMatch(/^\d{4}-/)
})

test('columns as DDL has them, with comments', () => {
  const columns = Object.fromEntries(tableNamed('person').columns.map((column) => [column.name, column]))
  expect(columns.id).toMatchObject({
    type: 'bigint',
    nullable: false,
    identity: 'always',
    sequence: { name: 'person_id_seq' },
  })
  expect(columns.email).toMatchObject({ type: 'ext.citext', comment: 'tab\tand \\ end' })
  expect(columns.loud).toMatchObject({ generated: 'stored', default: 'upper(name)' })
  expect(columns.name).toMatchObject({ collation: 'pg_catalog."C"', default: `'no one'::text` })
})

test('what depends on what', () => {
  const dependents = tableNamed('person').dependents.map(({ kind, name, table, certain }) => ({
    kind,
    name,
    table,
    certain,
  }))
  expect(dependents).toContainEqual({ kind: 'view', name: 'adults', table: null, certain: true })
  expect(dependents).toContainEqual({ kind: 'foreign key', name: 'booking_person', table: 'booking', certain: true })
  expect(dependents).toContainEqual({ kind: 'policy', name: 'everybody', table: 'booking', certain: true })
  expect(dependents).toContainEqual({ kind: 'function (by text)', name: 'people', table: null, certain: false })
  expect(tableNamed('adults').readsFrom).toEqual([{ schema: 'app', name: 'person' }])
  expect(tableNamed('event').children.map(({ name }) => name)).toContain('event_2026_click')
})

test('objects that are no part of a table, and no part of one twice', () => {
  const kinds = new Set(snapshot.objects.map(({ kind }) => kind))
  expect([...kinds]).toEqual(
    expect.arrayContaining(['enum', 'function', 'sequence', 'extension', 'publication', 'rule']),
  )
  expect(snapshot.objects.filter(({ kind }) => ['table', 'index', 'trigger', 'policy', 'view'].includes(kind))).toEqual(
    [],
  )
  expect(snapshot.objects.filter(({ kind }) => kind === 'column').map(({ of }) => of)).toEqual(
    Array(3).fill('app.place'),
  )
  // From version 18 on NOT NULL has a name of its own.
  const constraints = snapshot.objects.filter(
    ({ kind, facts }) => kind === 'constraint' && facts.definition !== 'NOT NULL',
  )
  expect(constraints.map(({ name }) => name)).toEqual(['sane on app.score'])
})
