import { expect, test } from 'vitest'
import { LEGACY_SCHEMA } from '../../src/demo/legacy-schema.ts'
import { NEW_PERFECT_SCHEMA } from '../../src/demo/project.ts'
import { merge } from '../../src/spec/config.ts'
import { backfillChunk } from '../../src/sqlgen/backfill.ts'
import { compareRange } from '../../src/sqlgen/compare.ts'
import { drainCall } from '../../src/sqlgen/drain.ts'
import { nextBound } from '../../src/sqlgen/ranges.ts'
import { reverseTriggerStatements } from '../../src/sqlgen/reverse.ts'
import { createFixture, type Fixture } from '../support/fixture.ts'

const ONE = '00000000-0000-0000-0000-000000000001'

/** The demo's two tables: two rows in one, three in the other, of which one is shared and one has no key. */
async function createQueue(): Promise<Fixture> {
  return await createFixture({
    oldSql: LEGACY_SCHEMA,
    newSql: NEW_PERFECT_SCHEMA,
    dataSql: `insert into content_metadata (decision_id, content, decision_type, quality, topic) values
        ('${ONE}', 'one', 'single', 87.5, 'cats'), ('00000000-0000-0000-0000-000000000002', 'two', 'thread', null, 'dogs');
      insert into content_generation_metadata_comprehensive (decision_id, content, decision_type, status, angle, quality_score) values
        ('00000000000000000000000000000002', 'TWO', 'thread', 'queued', 'b', 0.5),
        ('00000000-0000-0000-0000-00000000000A', 'ten', 'single', 'queued', 'c', null),
        ('made-up', 'x', 'single', 'queued', null, null)`,
    tables: {
      content_queue: merge({
        key: 'decision_id',
        sources: {
          content_metadata: {
            key: 'decision_id',
            columns: {
              id: false,
              raw_topic: 'topic',
              quality_score: { from: 'round(quality / 100.0, 4)', back: 'quality_score * 100' },
              predicted_er: { from: 'round(predicted_er, 4)', back: 'predicted_er' },
            },
          },
          content_generation_metadata_comprehensive: { key: 'decision_id::uuid', columns: { id: false } },
        },
        reverse: ['content_metadata', 'content_generation_metadata_comprehensive'],
      }),
    },
  })
}

async function backfill(f: Fixture): Promise<void> {
  const [bound] = await f.query(nextBound(f.target, { after: false, includeTarget: true }).text, [100])
  await f.query('begin')
  await f.query(`select set_config('crossfade.guard', crossfade.guard_for(1, '*'), true)`)
  const chunk = backfillChunk(f.target, { after: false, upTo: true }, 'alone').text
  await f.query(chunk, [bound?.decision_id])
  expect(await f.query('select count(*)::int as rows from new_schema.content_queue')).toEqual([{ rows: 3 }])
  await f.query('commit')
}

async function drain(f: Fixture): Promise<void> {
  while ((await f.outbox()).length > 0) await f.query(drainCall(f.target).text, [10])
}

async function compared(f: Fixture): Promise<unknown> {
  return (await f.query(compareRange(f.target, { after: false, upTo: false }, false).text))[0]
}

test('two tables: backfill, forward sync, the journal, the compat view', async () => {
  const f = await createQueue()
  await backfill(f)
  expect(await compared(f)).toEqual({ compared: 3, waiting: 0, journaled: 0, differences: [] })

  await f.query(`update content_metadata set content = 'uno' where content = 'one'`)
  await f.query(`delete from content_metadata where content = 'two'`)
  await f.query(
    `insert into content_generation_metadata_comprehensive (decision_id, content, decision_type, status) values ('${ONE}', 'z', 'single', 'queued')`,
  )
  await f.query(
    `insert into content_metadata (decision_id, content, decision_type, quality) values ('00000000-0000-0000-0000-000000000007', 'seven', 'nonsense', 20)`,
  )
  expect(await f.query('select sqlstate from crossfade.outbox')).toEqual([{ sqlstate: '23514' }])
  expect(await compared(f)).toEqual({ compared: 4, waiting: 1, journaled: 0, differences: [] })
  await drain(f)
  expect(await f.journal()).toMatchObject([{ sqlstate: '23514' }])
  expect(await compared(f)).toEqual({ compared: 4, waiting: 0, journaled: 1, differences: [] })
  expect(await f.query('select decision_id, content, quality, topic from crossfade_compat.content_metadata')).toEqual([
    { decision_id: ONE, content: 'uno', quality: '87.5', topic: 'cats' },
  ])
})

test('two tables: closed until opened, then native writes reach the old ones', async () => {
  const f = await createQueue()
  await backfill(f)
  await expect(f.query(`update new_schema.content_queue set content = 'x'`)).rejects.toMatchObject({ code: '42501' })

  await f.query(`drop trigger crossfade_closed on new_schema.content_queue`)
  for (const statement of reverseTriggerStatements(f.mapping, f.target)) await f.query(statement.sql.text)
  await f.query(
    `update new_schema.content_queue set content = 'native', raw_topic = 'birds', updated_at = '2020-01-01' where content = 'one'`,
  )
  expect(await f.query(`select content, topic from content_metadata where decision_id = '${ONE}'`)).toEqual([
    { content: 'native', topic: 'birds' },
  ])
  await f.query(`insert into new_schema.content_queue (content, decision_type) values ('born', 'single')`)
  await f.query(`delete from new_schema.content_queue where content = 'two'`)
  expect(await f.query('select count(*)::int as rows from content_metadata')).toEqual([{ rows: 2 }])
  expect(await f.query(`select content from content_generation_metadata_comprehensive order by content`)).toEqual([
    { content: 'born' },
    { content: 'ten' },
    { content: 'x' },
  ])
  expect(await compared(f)).toEqual({ compared: 3, waiting: 0, journaled: 0, differences: [] })
})
