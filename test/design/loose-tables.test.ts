import { expect, onTestFinished, test } from 'vitest'
import type { InteractionMap } from '../../src/codemap/interaction-map.ts'
import { createTestDatabase } from '../support/database.ts'
import { draftOf } from './draft-of.ts'

const TENANT = `id uuid primary key default gen_random_uuid(), tenant int not null references tenants, created_at timestamptz default now()`
const FILLED = `select gen_random_uuid(), g % 5, now()`

test('tables that no key joins and that tell no fact alike are drafted only for whoever names them', async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  for (const statement of [
    'create table tenants (id int primary key)',
    'insert into tenants select generate_series(0, 4)',
    `create table job_tasks (${TENANT}, title text, due date, owner text)`,
    `create table job_tasks_old (${TENANT}, title text, due date, owner text, note text)`,
    `create table job_tasks_log (${TENANT}, level text, message text, details jsonb)`,
    `insert into job_tasks ${FILLED}, 'title ' || g, '2026-01-01'::date + g, 'owner ' || g from generate_series(1, 200) g`,
    `insert into job_tasks_old ${FILLED}, 'old title ' || g, '2025-01-01'::date + g, 'owner ' || g, 'note' from generate_series(1, 200) g`,
    `insert into job_tasks_log ${FILLED}, 'info', 'message ' || g, '{}' from generate_series(1, 200) g`,
  ])
    await database.query(statement)
  // The map has them together, since one function writes the three.
  const tables = ['job_tasks', 'job_tasks_log', 'job_tasks_old']
  const unresolved = [{ reason: 'a table name that is not known' }] as unknown as InteractionMap['unresolved']
  const suspects = [{ tables, score: 0.9, evidence: [] }]
  const { plan, ddl } = await draftOf(database, { map: { interactions: [], suspects, unresolved } })
  expect(plan.targets.map(({ rule }) => Object.keys(rule.sources).sort())).toEqual([['job_tasks', 'job_tasks_old']])
  expect(ddl.replaceAll(/\n *-- /g, ' ')).toContain(`job_tasks_log has no fact in common with the others`)

  const named = await draftOf(database, { tables: ['job_tasks', 'job_tasks_log'] })
  expect(named.plan.targets.map(({ rule }) => Object.keys(rule.sources).sort())).toEqual([
    ['job_tasks', 'job_tasks_log'],
  ])
})
