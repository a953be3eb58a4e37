import { expect, test } from 'vitest'
import { withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'

// To be mended in reverse.ts: the law after computes the row again without the law before's EXCEPTION WHEN data_exception.
test('the partner goes while a native write is under way: it is told to try again, not that its value is wrong', async () => {
  const slow = /* sql */ `
    create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.6); return new; end $$;
    create trigger slow before update on likes for each row execute function slow();`
  await withEngine({ ...POSTS, oldSql: `${POSTS.oldSql} ${slow}`, open: true }, async (e) => {
    await e.db.query(
      `insert into decisions (decision_id, tweet_id) values ('${key(1)}', 'x'); insert into likes (tweet_id, likes) values ('x', 1)`,
    )
    const [native, old] = [await e.connect(), await e.connect()]
    const written = native.query('update new_schema.metrics set likes = 2').catch((error) => error)
    await new Promise((resolve) => setTimeout(resolve, 200))
    await old.query('delete from decisions')
    expect(await written).toMatchObject({ code: '40001' })
  })
})
