import { expect, test } from 'vitest'
import { runBackfill } from '../../src/backfill/run-backfill.ts'
import { compareQueries } from '../../src/sqlgen/compare.ts'
import { lookAgain } from '../../src/verify/second-look.ts'
import { DRAFTS_AND_POSTS } from '../backfill/two-tables.ts'
import { createFixture } from '../support/fixture.ts'

test('a difference that has gone a moment later does not count, one that stays does', async () => {
  const f = await createFixture(DRAFTS_AND_POSTS(20))
  await runBackfill(f.work, f.target)
  await f.plant(`update new_schema.post set body = '?' where slug = 'k00002'`)
  const seen = ['k00001', 'k00002'].map((key) => ({ key: [key], verdict: 'missing' as const, columns: null }))
  expect(await lookAgain(f.client, f.work, compareQueries(f.target), seen)).toMatchObject([
    { key: ['k00002'], verdict: 'differing', columns: ['body'] },
  ])
})
