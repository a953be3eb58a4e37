import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { compareInventories } from '../../src/catalog/inventory/compare-inventories.ts'
import { ident } from '../../src/lib/sql.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { definitionsOf, nameRoles, readSchema, runScript, takeSnapshot } from './rebuild.ts'

let database: TestDatabase
let rebuilt: TestDatabase
const { owner, reader, put } = nameRoles()

beforeEach(async () => {
  ;[database, rebuilt] = await Promise.all([createTestDatabase(), createTestDatabase()])
  for (const role of [owner, reader]) await database.query(`create role ${ident(role)}`)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  for (const side of [database, rebuilt])
    for (const role of [owner, reader]) await side.query(`drop owned by ${ident(role)} cascade`)
  const { url } = database
  await rebuilt.drop()
  for (const role of [owner, reader]) await database.query(`drop role ${ident(role)}`)
  await database.drop()
  expect(url).not.toBe('')
})

test.each(['everything', 'film-rental', 'music-shop', 'microblog'])(
  'a database that is built from the snapshot of %s has an equal catalog',
  async (name) => {
    await runScript(database.url, put(await readSchema(name)))
    const first = await takeSnapshot(database.url)
    await runScript(rebuilt.url, first.sql)
    const second = await takeSnapshot(rebuilt.url)

    expect(compareInventories(first.reading.inventory, second.reading.inventory)).toEqual([])
    expect(second.snapshot.fingerprint).toBe(first.snapshot.fingerprint)
    expect(definitionsOf(second.sql)).toBe(definitionsOf(first.sql))
    expect(first.snapshot.summary.tables).toBeGreaterThan(6)
  },
)

test('so it has where PATH has no pg_dump', async () => {
  vi.stubEnv('PATH', '')
  await runScript(database.url, put(await readSchema('everything')))
  const first = await takeSnapshot(database.url)
  await runScript(rebuilt.url, first.sql)
  const second = await takeSnapshot(rebuilt.url)
  expect(compareInventories(first.reading.inventory, second.reading.inventory)).toEqual([])
  expect(definitionsOf(second.sql)).toBe(definitionsOf(first.sql))
})

test('everything has one of each kind that the issue names, and the inventory sees it', async () => {
  await runScript(database.url, put(await readSchema('everything')))
  const { reading } = await takeSnapshot(database.url)
  const kinds = new Set(reading.inventory.map((object) => object.kind))
  for (const kind of [
    ...['schema', 'enum', 'domain', 'composite type', 'range type', 'sequence', 'table', 'partitioned table', 'column'],
    ...['constraint', 'index', 'view', 'materialized view', 'function', 'procedure', 'aggregate', 'trigger', 'rule'],
    ...['policy', 'default privileges', 'publication', 'extension', 'foreign table', 'foreign server', 'collation'],
    ...['event trigger', 'statistics', 'operator', 'operator class', 'operator family', 'cast', 'access method'],
    ...['text search configuration', 'text search dictionary', 'conversion', 'foreign-data wrapper'],
  ])
    expect([...kinds], kind).toContain(kind)
  const facts = new Set(reading.inventory.flatMap((object) => Object.keys(object.facts)))
  for (const fact of ['identity', 'generated', 'collation', 'inherits', 'partitionBound', 'grants', 'comment', 'owner'])
    expect([...facts], fact).toContain(fact)
})
