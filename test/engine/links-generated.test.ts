import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { withEngine } from './engine.ts'
import { key } from './posts.ts'

test('a late partner takes the row over at once, with the unique value that it had under its generated key', async () => {
  const options = {
    oldSql: /* sql */ `
      create table decisions (id serial primary key, decision_id uuid unique, tweet_id text, content text);
      create table tweets (id serial primary key, tweet_id text unique, link text unique);`,
    newSql: 'create table posts (decision_id uuid primary key, content text, link text unique)',
    tables: {
      posts: merge({
        key: 'decision_id',
        sources: {
          decisions: {},
          tweets: { key: { via: 'decisions', on: 'tweet_id', take: 'decision_id', otherwise: 'generate' as const } },
        },
      }),
    },
  }
  await withEngine(options, async (e) => {
    await e.db.query(`insert into tweets (tweet_id, link) values ('x', 'https://x')`)
    expect(await e.db.query('select content, link from new_schema.posts')).toEqual([
      { content: null, link: 'https://x' },
    ])
    await e.db.query(`insert into decisions (decision_id, tweet_id, content) values ('${key(1)}', 'x', 'late')`)
    expect(await e.db.query('select content, link from new_schema.posts')).toEqual([
      { content: 'late', link: 'https://x' },
    ])
    expect(await e.outbox()).toEqual([])
    expect(await e.journal()).toEqual([])
    expect(await e.differences()).toEqual([])
  })
})
