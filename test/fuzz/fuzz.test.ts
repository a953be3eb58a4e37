import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import type { Case } from '../../fuzz/case.ts'
import { createFuzzDatabase, type FuzzDatabase } from '../../fuzz/database.ts'
import { makeCase } from '../../fuzz/make-case.ts'
import { runCase } from '../../fuzz/run-case.ts'

const CASES = join(import.meta.dirname, '../../fuzz/cases')

let database: FuzzDatabase
beforeAll(async () => {
  database = await createFuzzDatabase(inject('serverUrl'))
})
afterAll(() => database.drop())

/** A few random histories; `npm run fuzz` runs as many as one likes. */
test.each(Array.from({ length: 8 }, (_, i) => `short/${i}`))('history %s', { timeout: 240_000 }, async (seed) => {
  const { failures, refused } = await runCase(database, makeCase(seed))
  expect({ failures, refused }).toEqual({ failures: [], refused: null })
})

/** What histories have found, shrunk. */
test.each(readdirSync(CASES).filter((name) => name.endsWith('.json')))('%s', { timeout: 240_000 }, async (name) => {
  const { case: given } = JSON.parse(readFileSync(join(CASES, name), 'utf8')) as { case: Case }
  expect((await runCase(database, given)).failures).toEqual([])
})
