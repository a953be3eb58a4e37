import type pg from 'pg'
import { expect, test } from 'vitest'
import type { Random } from '../scenarios/random.ts'
import { type Engine, withEngine } from './engine.ts'
import { key, POSTS } from './posts.ts'
import { stress } from './stress.ts'

/**
 * Everything that rows of one table mean to rows of another, at once: links, parents, appended rows, a unique that the
 * old data breaks; transactions of every isolation, some rolled back, natively and by old names, and an applier. By hand: see stress.ts.
 */
const SESSIONS = 6
const KEYS = 12
const TWEETS = 8

test.each([
  [false, 'inline'],
  [true, 'inline'],
  [false, 'outbox'],
  [true, 'outbox'],
  [false, 'switching'],
  [true, 'switching'],
] as const)(
  'linked rows, children and contenders converge under load (native writers: %s, %s)',
  async (native, mode) => {
    await withEngine({ ...POSTS, open: native, sync: { mode: mode === 'outbox' ? 'outbox' : 'inline' } }, async (e) => {
      await stress(e, {
        sessions: SESSIONS,
        native,
        switching: mode === 'switching',
        write: (client, random, side) => (side === 'new' ? writeNatively : write)(client, random),
      })
      expect(await e.differences()).toEqual([])
      await expectTruth(e)
    })
  },
  120_000,
)

async function write(client: pg.Client, random: Random): Promise<void> {
  const decision = random.chance(0.1) ? `made-up-${random.int(3)}` : key(1 + random.int(KEYS))
  const tweet = random.chance(0.15) ? null : `tweet ${random.int(TWEETS)}`
  const n = random.int(100)
  await random.pick([
    () =>
      client.query(
        `insert into decisions (decision_id, tweet_id, content, posted_at) values ($1, $2, $3, $4)
         on conflict (decision_id) do update set tweet_id = excluded.tweet_id, posted_at = excluded.posted_at`,
        [decision, tweet, `content ${n}`, posted(n)],
      ),
    () => client.query('update decisions set posted_at = $2 where decision_id = $1', [decision, posted(n)]),
    () => client.query('delete from decisions where decision_id = $1', [decision]),
    () => client.query('insert into tweets (tweet_id, body) values ($1, $2)', [tweet, `body ${n}`]),
    () => client.query('update tweets set tweet_id = $2 where id % 7 = $1', [random.int(7), tweet]),
    () => client.query('delete from tweets where id % 11 = $1', [random.int(11)]),
    () => client.query('insert into likes (tweet_id, likes) values ($1, $2)', [tweet, n]),
    () => client.query('update likes set likes = likes + 1 where id % 5 = $1', [random.int(5)]),
    () => client.query('delete from likes where id % 6 = $1', [random.int(6)]),
    () => client.query('insert into passes (decision_id, likes) values ($1, $2)', [decision, n]),
    () => client.query('update passes set decision_id = $2 where id % 9 = $1', [random.int(9), decision]),
    () => client.query('delete from passes where id % 6 = $1', [random.int(6)]),
  ])()
}

async function writeNatively(client: pg.Client, random: Random): Promise<void> {
  const decision = key(1 + random.int(KEYS))
  const n = random.int(100)
  await random.pick([
    () =>
      client.query('insert into new_schema.posts (decision_id, tweet_id, content, body) values ($1, $2, $3, $4)', [
        decision,
        `native ${n}`,
        `native ${n}`,
        random.chance(0.5) ? `native ${n}` : null,
      ]),
    () => client.query('update new_schema.posts set content = $2 where decision_id = $1', [decision, `native ${n}`]),
    () => client.query('update new_schema.posts set posted_at = $2 where decision_id = $1', [decision, posted(n)]),
    () => client.query('delete from new_schema.posts where decision_id = $1', [decision]),
    () => client.query('insert into new_schema.metrics (decision_id, likes) values ($1, $2)', [decision, n]),
    () => client.query('update new_schema.metrics set likes = $2 where id % 5 = $1', [random.int(5), n]),
    () => client.query('delete from new_schema.metrics where id % 9 = $1', [random.int(9)]),
  ])()
}

function posted(n: number): string {
  return `2026-01-01 00:00:${String(n % 60).padStart(2, '0')}+00`
}

/** By SQL that shares nothing with what is generated. */
async function expectTruth(e: Engine): Promise<void> {
  const rows = await e.db.query(/* sql */ `
    with decision as (
      select decision_id::uuid as key, tweet_id, content, posted_at, id from decisions where decision_id !~ 'made-up'
    ), linked as (
      select t.*, (select d.key from decision d where d.tweet_id = t.tweet_id order by d.id limit 1) as key from tweets t
    ), post as (
      select d.key, coalesce(d.tweet_id, t.tweet_id) as tweet_id, d.content, t.body, coalesce(d.posted_at, t.posted_at) as posted_at
        from decision d left join lateral (select * from linked l where l.key = d.key order by l.id limit 1) t on true
    ), winner as (
      select p.* from post p
       where not exists (select from post o where o.tweet_id = p.tweet_id and o.key <> p.key
                            and (coalesce(o.posted_at, '-infinity'), p.key) > (coalesce(p.posted_at, '-infinity'), o.key))
    ), metric as (
      select w.key, null as tweet_id, m.likes from passes m join winner w on w.key::text = m.decision_id
      union all
      select w.key, l.tweet_id, l.likes from likes l
        join winner w on w.key = (select d.key from decision d where d.tweet_id = l.tweet_id order by d.id limit 1)
    )
    (select 'post missing', key::text, tweet_id, content, body from winner
      except select 'post missing', decision_id::text, tweet_id, content, body from new_schema.posts)
    union all
    (select 'post too many', decision_id::text, tweet_id, content, body from new_schema.posts
      except select 'post too many', key::text, tweet_id, content, body from winner)
    union all
    (select 'metric missing', key::text, tweet_id, likes::text, null from metric
      except all select 'metric missing', decision_id::text, tweet_id, likes::text, null from new_schema.metrics)
    union all
    (select 'metric too many', decision_id::text, tweet_id, likes::text, null from new_schema.metrics
      except all select 'metric too many', key::text, tweet_id, likes::text, null from metric)`)
  expect(rows).toEqual([])
}
