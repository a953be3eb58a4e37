import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Activity, ModuleKind, Version } from '../../src/demo/application/activity.ts'
import { readByOldNames, readNatively } from '../../src/demo/application/analyst.ts'
import { cleanByOldNames, cleanNatively } from '../../src/demo/application/cleaner.ts'
import { collectByOldNames, collectNatively } from '../../src/demo/application/collector.ts'
import { makeEditor } from '../../src/demo/application/editor.ts'
import { planByOldNames, planNatively } from '../../src/demo/application/planner.ts'
import { postByOldNames, postNatively } from '../../src/demo/application/poster.ts'
import { Session } from '../../src/demo/application/session.ts'
import { fillLegacy } from '../../src/demo/legacy-rows.ts'
import { findLostWrites } from '../../src/demo/measure/lost-writes.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { createNewTables } from './new-tables.ts'

const PLACES = { old: 'public', target: 'public' }
const STEPS = 25
let database: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase()
  const client = await database.pool.connect()
  await fillLegacy(client, { keys: 300 })
  await createNewTables(client, PLACES)
  client.release()
})
afterAll(() => database.drop())

type Steps = { readonly [kind in ModuleKind]: (session: Session) => Promise<void> }

const BY_OLD_NAMES: Steps = {
  planner: planByOldNames,
  poster: postByOldNames,
  collector: collectByOldNames,
  editor: makeEditor(['content_metadata', 'content_generation_metadata_comprehensive']),
  cleaner: cleanByOldNames,
  analyst: readByOldNames,
}
const NATIVELY: Steps = {
  planner: planNatively,
  poster: postNatively,
  collector: collectNatively,
  editor: makeEditor(['content_queue']),
  cleaner: cleanNatively,
  analyst: readNatively,
}

async function runModules(steps: Steps, version: Version): Promise<Activity> {
  const all: Activity = { statements: [], writes: [], posts: [] }
  for (const [kind, step] of Object.entries(steps) as [ModuleKind, Steps[ModuleKind]][]) {
    const session = new Session(database.pool, { name: kind, kind, version, lane: 0, pace: 1 })
    for (let i = 0; i < STEPS; i++) await step(session)
    const activity = session.takeActivity()
    if (kind !== 'analyst') expect(activity.writes.length, kind).toBeGreaterThan(0)
    all.statements.push(...activity.statements)
    all.writes.push(...activity.writes)
    all.posts.push(...activity.posts)
  }
  return all
}

test.each([
  ['old', 'old', BY_OLD_NAMES],
  ['native', 'new', NATIVELY],
] as const)(
  'every module works by %s names, and its log can be found again on that side',
  async (version, side, steps) => {
    const { statements, writes, posts } = await runModules(steps, version)
    expect(statements.filter((statement) => statement.outcome !== 'ok')).toEqual([])
    expect(posts.length).toBeGreaterThan(0)
    const tables = new Set(writes.map((write) => write.table))
    expect(tables.size).toBe(side === 'old' ? 8 : 3)
    const client: pg.PoolClient = await database.pool.connect()
    expect((await findLostWrites(client, writes, side, PLACES)).lost).toEqual([])
    client.release()
  },
)
