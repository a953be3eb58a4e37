import { expect, test } from 'vitest'
import { buildMap } from '../../../src/codemap/build-map.ts'
import { nameModules } from '../../../src/codemap/flows/actors.ts'
import { describeProgram, type Program } from '../program.ts'
import { postingProgram } from '../programs/posting.ts'
import { makeProgram } from '../programs/synthetic.ts'

function flowsOf(program: Program): string[] {
  return buildMap({ ...program, problems: [] }).flows.map((flow) => `${flow.critical ? '! ' : ''}${flow.text}`)
}

test('tells who writes what another reads, along the jobs, until the circle closes', () => {
  const [first, ...others] = flowsOf(postingProgram)
  expect(first).toBe(
    '! postingQueue → posted_decisions (insert) → metricsCollector (select) → outcomes (insert) → learnJob (select)' +
      ' → learning_posts (insert) → planJob (select) → content_metadata (insert) → postingQueue (select, update)',
  )
  expect(others).toContain(
    '! replyJob → content_metadata (insert) → postingQueue (select, update) → posted_decisions (insert) → learnJob (select)',
  )
  expect(others).toContain('dashboard → bot_config (upsert) → settings (select)')
})

test('ends with what the last one makes of it, also where nobody reads that', () => {
  const program = describeProgram(`
    entry src/main.ts
    import src/main.ts src/planJob.ts
    import src/main.ts src/postingQueue.ts
    src/planJob.ts#plan insert content_metadata written:id
    src/postingQueue.ts#post select content_metadata read:id
    src/postingQueue.ts#post update content_metadata written:status
    src/postingQueue.ts#post insert posted_decisions written:id
  `)
  expect(flowsOf(program)).toEqual([
    '! planJob → content_metadata (insert) → postingQueue (select, update) → posted_decisions (insert)',
  ])
})

test('does not join what one file does in two unconnected functions', () => {
  const program = describeProgram(`
    entry src/main.ts
    import src/main.ts src/api.ts
    import src/main.ts src/jobs.ts
    src/jobs.ts#plan insert posts written:id
    src/api.ts#listPosts select posts read:id
    src/api.ts#addUser insert users written:id
    src/jobs.ts#greet select users read:id
  `)
  expect(flowsOf(program).sort()).toEqual([
    '! api → users (insert) → jobs (select)',
    '! jobs → posts (insert) → api (select)',
  ])
})

test('tells of the job that calls a repository, not of the repository', () => {
  const program = describeProgram(`
    entry src/main.ts
    import src/main.ts src/jobs/plan.ts
    import src/main.ts src/jobs/send.ts
    import src/jobs/plan.ts src/repositories/posts.ts
    import src/jobs/send.ts src/repositories/posts.ts
    timer src/main.ts src/jobs/plan.ts#run
    timer src/main.ts src/jobs/send.ts#run
    call src/jobs/plan.ts#run src/repositories/posts.ts#addPost
    call src/jobs/send.ts#run src/repositories/posts.ts#duePosts
    src/repositories/posts.ts#addPost insert posts written:id
    src/repositories/posts.ts#duePosts select posts read:id
  `)
  expect(flowsOf(program)).toEqual(['! plan → posts (insert) → send (select)'])
})

test('leaves out what does not run: tests, scripts, files that nothing loads', () => {
  const program = describeProgram(`
    entry src/main.ts
    src/main.ts#save insert posts written:id
    src/old.ts#list select posts read:id
    test/posts.test.ts#list select posts read:id
    scripts/export.ts#list select posts read:id
  `)
  expect(flowsOf(program)).toEqual([])
})

test('does not explode: 130 tables, 60 files, 5,000 interactions', () => {
  const program = makeProgram({ tables: 130, modules: 60, interactions: 5000 })
  const { flows, tables } = buildMap({ ...program, problems: [] })
  expect(flows.length).toBeGreaterThan(100)
  expect(flows.length).toBeLessThanOrEqual(3 * tables.length)
  expect(new Set(flows.map((flow) => flow.text)).size).toBe(flows.length)
  const told = new Map<string, number>()
  for (const { steps } of flows)
    for (const table of new Set(steps.map((step) => step.table))) told.set(table, (told.get(table) ?? 0) + 1)
  expect(told.size).toBeGreaterThan(100)
  expect(Math.max(...flows.map((flow) => flow.steps.length))).toBeLessThanOrEqual(9)
})

test('short names tell files apart', () => {
  const files = [
    'src/users/index.ts',
    'src/posts/index.ts',
    'src/jobs/plan.ts',
    'src/api/plan.ts',
    'src/send.ts',
    'src/send.js',
  ]
  expect([...nameModules(files).values()]).toEqual([
    'users/index',
    'posts/index',
    'jobs/plan',
    'api/plan',
    'src/send.ts',
    'src/send.js',
  ])
})
