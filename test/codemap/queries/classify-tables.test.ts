import { expect, test } from 'vitest'
import { buildMap } from '../../../src/codemap/build-map.ts'
import type { TableStatistics } from '../../../src/codemap/interaction-map.ts'
import { describeProgram, type Program } from '../program.ts'
import { postingProgram } from '../programs/posting.ts'
import { shopProgram } from '../programs/shop.ts'

function classes(program: Program, statistics: readonly TableStatistics[] = []): Record<string, string> {
  const { tables } = buildMap({ ...program, problems: [] }, statistics)
  return Object.fromEntries(tables.map((table) => [table.name, table.class]))
}

function evidence(program: Program, name: string, statistics: readonly TableStatistics[] = []): readonly string[] {
  const { tables } = buildMap({ ...program, problems: [] }, statistics)
  return tables.find((table) => table.name === name)?.evidence ?? []
}

function used(name: string, counts: Partial<TableStatistics> = {}): TableStatistics {
  return {
    ...{ schema: 'public', name, rows: 100, sequentialScans: 3, indexScans: 0, inserts: 0, updates: 0, deletes: 0 },
    ...{ lastScan: null, lastVacuum: null, lastAnalyze: null, since: '2026-09-01T00:00:00Z' },
    ...counts,
  }
}

test('tells the heart of a posting product from what is left of others', () => {
  expect(classes(postingProgram)).toEqual({
    content_metadata: 'critical',
    posted_decisions: 'critical',
    outcomes: 'critical',
    bot_config: 'important',
    learning_posts: 'important',
    discovered_accounts: 'important',
    reply_opportunities: 'important',
    post_formats: 'important',
    content_generation_metadata_comprehensive: 'legacy',
    tweets: 'legacy',
    posts: 'legacy',
    real_tweet_metrics: 'legacy',
    tweet_analytics: 'legacy',
    activity_log: 'legacy',
    tweet_reports: 'legacy',
    viral_scores: 'legacy',
    unified_posts: 'legacy',
    test_runs: 'legacy',
  })
})

test('does not take a feature of a shop for the heart, nor a seeded lookup or a widely written log for dead', () => {
  const found = classes(shopProgram)
  expect(Object.keys(found).filter((name) => found[name] === 'critical')).toEqual([
    'orders',
    'order_events',
    'users',
    'user_addresses',
  ])
  expect(Object.keys(found).filter((name) => found[name] === 'legacy')).toEqual([
    'customers',
    'invoice_lines',
    'products_old',
    'user_profiles',
  ])
})

test('gives the reason for each legacy table', () => {
  const first = (name: string) => evidence(postingProgram, name)[0]
  expect(first('activity_log')).toBe('It is only written: nothing that runs reads it.')
  expect(first('test_runs')).toBe('Only tests use it.')
  expect(first('viral_scores')).toBe('Only scripts use it.')
  expect(first('tweet_reports')).toBe('It is used in 1 file only, which no entry point of the program loads.')
  expect(first('unified_posts')).toBe('The code only creates, alters or drops it; nothing reads or writes it.')
  expect(first('tweets')).toBe(
    'It is in the shadow of posted_decisions: it is only written beside it, and whoever reads it reads that too.',
  )
  expect(first('post_formats')).toBe('It is only read here; its rows come from supabase/migrations/002_formats.sql.')
})

test('says of a critical table what runs it, and what it was measured by', () => {
  expect(evidence(postingProgram, 'posted_decisions')).toEqual([
    '3 functions read it, 1 function writes it, in 4 files, loaded by 1 entry point.',
    'Written by a timer, processQueue (src/main.ts:20).',
    'Read by 3 loops, such as a schedule, learn (src/main.ts:40).',
    expect.stringMatching(/^Its reach is 0\.\d\d of 1; tables that are read and written have 0\.\d\d on average\.$/),
  ])
})

test('finds nothing critical that a loop does not both write and read, where loops are known of most tables', () => {
  const program = describeProgram(`
    entry src/main.ts
    import src/main.ts src/a.ts
    timer src/main.ts src/a.ts#tick
    src/a.ts#tick select jobs read:id
    src/a.ts#tick update jobs written:status
    src/a.ts#tick select runs read:id
    src/a.ts#tick insert runs written:id
    src/a.ts#byHand select notes read:id
    src/a.ts#byHand insert notes written:id
    src/a.ts#other select notes read:id
  `)
  expect(classes(program)).toEqual({ jobs: 'critical', runs: 'critical', notes: 'important' })
  expect(evidence(program, 'notes').at(-1)).toBe('No known loop writes it and reads it, unlike most tables.')
})

test('takes every file that nobody imports for an entry where none is known', () => {
  const program = describeProgram(`
    import src/main.ts src/a.ts
    src/a.ts#save insert posts written:id
    src/main.ts#list select posts read:id
    src/main.ts#list select dead read:id
  `)
  expect(classes(program)).toEqual({ posts: 'critical', dead: 'legacy' })
})

test('calls a view no dead table, and doubts where accesses could not be resolved', () => {
  const program = describeProgram(`
    entry src/main.ts
    view post_counts author,count
    src/main.ts#list select post_counts read:author,count
    src/main.ts#list select dead read:id
    src/main.ts#list select posts read:id
    src/main.ts#save insert posts written:id
    unresolved src/main.ts#save insert the name comes from outside
  `)
  expect(classes(program)).toEqual({ dead: 'legacy', post_counts: 'important', posts: 'critical' })
  expect(evidence(program, 'dead')[0]).toBe(
    'It is only read: nothing that runs writes it (1 access could not be resolved).',
  )
})

test('sees that an embed reads the table between two others', () => {
  const link = 'src/main.ts#tag insert post_tags written:post_id,tag_id'
  const together = describeProgram(`
    entry src/main.ts
    ${link}
    src/main.ts#list select posts read:id
    src/main.ts#list select tags read:name
  `)
  const apart = describeProgram(`
    entry src/main.ts
    ${link}
    src/main.ts#list select posts read:id
    src/main.ts#listTags select tags read:name
  `)
  expect(evidence(together, 'post_tags')[0]).toBe(
    'It links posts and tags, which are read together; that goes through it.',
  )
  expect(classes(together).post_tags).toBe('important')
  expect(classes(apart).post_tags).toBe('legacy')
})

test('is not sure of tables that only .sql files use, nor of the server’s own', () => {
  const program = describeProgram(`
    entry src/main.ts
    queries/report.sql# select totals read:month
    src/main.ts# select pg_class read:relname
    supabase/migrations/1.sql# ddl storage.objects
  `)
  expect(classes(program)).toEqual({ objects: 'unknown', pg_class: 'unknown', totals: 'unknown' })
})

test('lets the database change the class: dead, used by others, busy', () => {
  const busy = { indexScans: 9000, inserts: 500, updates: 400 }
  const statistics = [
    used('content_metadata', busy),
    used('posted_decisions', { indexScans: 700, inserts: 80 }),
    used('outcomes', { indexScans: 700, inserts: 80 }),
    used('learning_posts', { indexScans: 20, inserts: 8 }),
    used('bot_config', { indexScans: 20_000, updates: 5 }),
    used('discovered_accounts'),
    used('activity_log', { indexScans: 12, inserts: 90 }),
    used('unified_posts'),
    used('billing', { inserts: 3 }),
    used('forgotten'),
  ]
  const found = classes(postingProgram, statistics)
  expect(found.content_metadata).toBe('critical')
  expect(found.bot_config).toBe('critical')
  expect(found.discovered_accounts).toBe('legacy')
  expect(found.activity_log).toBe('important')
  expect(found.unified_posts).toBe('legacy')
  expect(found.billing).toBe('unknown')
  expect(found.forgotten).toBe('legacy')
  expect(evidence(postingProgram, 'activity_log', statistics)).toEqual([
    'It is only written: nothing that runs reads it.',
    '1 function writes it, in 1 file, loaded by 1 entry point.',
    'The database since 2026-09-01: 12 scans, 90 rows written; about 100 rows, never vacuumed.',
    'Something that is not in this code reads it.',
  ])
})

test('draws no conclusion from a database that nobody uses', () => {
  const statistics = ['content_metadata', 'posted_decisions', 'outcomes', 'learning_posts'].map((name) => used(name))
  expect(classes(postingProgram, statistics).content_metadata).toBe('critical')
})
