import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { buildMap } from '../../src/codemap/build-map.ts'
import type { InteractionMap } from '../../src/codemap/interaction-map.ts'
import { readCodeMap } from '../../src/codemap/read-code-map.ts'
import { checkCoverage } from '../../src/coverage/check-coverage.ts'
import { buildOldTables } from '../../src/coverage/feeds.ts'
import { merge } from '../../src/spec/config.ts'
import { postingProgram } from './programs/posting.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')
const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../schema/database-interaction-map.schema.json'), 'utf8'),
)
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

function errorsOf(map: unknown): string[] {
  return validate(JSON.parse(JSON.stringify(map)))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

test.each(readdirSync(FIXTURES).sort())('the map of %s is as the schema says', async (name) => {
  expect(errorsOf(buildMap(await readCodeMap(join(FIXTURES, name))))).toEqual([])
})

test('so is one with flows, suspects and the statistics of a database', () => {
  const statistics = {
    ...{ schema: 'public', name: 'tweets', rows: null, sequentialScans: 3, indexScans: 0, inserts: 0, updates: 0 },
    ...{ deletes: 0, lastScan: null, lastVacuum: '2026-10-01T00:00:00Z', lastAnalyze: null, since: null },
  }
  const map = buildMap({ ...postingProgram, problems: [{ file: 'a.ts', message: 'no' }] }, [statistics])
  expect(map.flows.length).toBeGreaterThan(0)
  expect(map.suspects.length).toBeGreaterThan(0)
  expect(map.tables.some((table) => table.statistics)).toBe(true)
  expect(errorsOf(map)).toEqual([])
})

test('so is one with the coverage of a mapping', () => {
  const map = buildMap({ ...postingProgram, problems: [] })
  const sources = { content_metadata: { columns: { subject: 'topic' } }, content_generation_metadata_comprehensive: {} }
  const config = { schema: './new.sql', tables: { queue: merge({ key: 'decision_id', sources }) }, keep: ['tweets'] }
  const oldTables = buildOldTables(
    config,
    [{ name: 'queue', columns: ['decision_id', 'subject'], uniques: [] }],
    () => null,
  )
  const coverage = checkCoverage(map.interactions, oldTables, config.keep)
  expect(coverage.accesses.some((one) => one.findings.length > 0)).toBe(true)
  expect(coverage.unmentioned.length).toBeGreaterThan(0)
  expect(errorsOf({ ...map, coverage })).toEqual([])
})

const map = buildMap({ ...postingProgram, problems: [] })
const WRONG: [what: string, change: object][] = [
  ['a field that it does not know', { extra: 1 }],
  ['another version', { version: 2 }],
  ['a field that is missing', { flows: undefined }],
  ['a class that is none', { tables: map.tables.map((table) => ({ ...table, class: 'vital' })) }],
  ['a line before the first', { interactions: map.interactions.map((one) => ({ ...one, line: 0 })) }],
  ['an operation that is none', { interactions: map.interactions.map((one) => ({ ...one, operation: 'read' })) }],
]
test.each(WRONG)('the schema refuses %s', (_what, change) => {
  expect(errorsOf({ ...map, ...(change as Partial<InteractionMap>) })).not.toEqual([])
})
