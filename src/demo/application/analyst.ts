import { randomUUID } from 'node:crypto'
import { chance, type Session } from './session.ts'

// `side` is what the database itself says about where it looked the table up: a view of settings, asked in the
// same statement. Functions that tell would not be plain reads any more.
const LOOK_UP = /* sql */ `
  select decision_id, content, status, (select setting from pg_settings where name = 'search_path') as side
  from content_metadata where decision_id >= $1 order by decision_id limit 1`
const LOOK_UP_COPY = /* sql */ `
  select c.decision_id, c.raw_topic, c.visual_format,
         (select setting from pg_settings where name = 'search_path') as side
  from content_generation_metadata_comprehensive c where c.decision_id = $1`
const LIST = /* sql */ `
  select decision_id, content, posted_at
  from content_metadata order by created_at desc limit 20`
const COUNT = /* sql */ `
  select count(*)::int as due
  from content_metadata where status = 'queued' and scheduled_at <= now()`
const JOIN = /* sql */ `
  select a.username, m.decision_id, m.content
  from content_metadata m join discovered_accounts a on a.username = m.target_username
  where m.decision_id >= $1 order by m.decision_id limit 5`
const LOOK_UP_POST = /* sql */ `
  select decision_id, tweet_id from posted_decisions where decision_id >= $1 order by decision_id limit 1`
const FOLLOW_POST = /* sql */ `
  select d.decision_id, d.content, t.url, p.permalink, m.likes, a.favorites,
         (select setting from pg_settings where name = 'search_path') as side
  from posted_decisions d
  left join tweets t on t.tweet_id = d.tweet_id
  left join posts p on p.external_id = d.tweet_id
  left join real_tweet_metrics m on m.tweet_id = d.tweet_id
  left join tweet_analytics a on a.tweet_id = d.tweet_id
  where d.tweet_id = $1`
const PERFORMANCE = /* sql */ `
  select decision_id, content, likes, engagement_rate, pass from post_performance where decision_id = $1 order by pass`

const LOOK_UP_NATIVELY = /* sql */ `
  select decision_id, content, status, raw_topic, visual_format
  from content_queue where decision_id >= $1 order by decision_id limit 1`
const LIST_NATIVELY = /* sql */ `
  select decision_id, content, posted_at from content_queue order by created_at desc limit 20`
const COUNT_NATIVELY = /* sql */ `
  select count(*)::int as due from content_queue where status = 'queued' and scheduled_at <= now()`
const JOIN_NATIVELY = /* sql */ `
  select a.username, q.decision_id, q.content
  from content_queue q join discovered_accounts a on a.username = q.target_username
  where q.decision_id >= $1 order by q.decision_id limit 5`
const PERFORMANCE_NATIVELY = /* sql */ `
  select decision_id, tweet_id, content, likes, engagement_rate, followers_gained
  from content_with_metrics where decision_id >= $1 order by decision_id limit 1`
const LATEST_NATIVELY = /* sql */ `
  select decision_id, content, likes, collected_at from content_with_metrics order by posted_at desc limit 10`

interface Found {
  readonly decision_id: string
  readonly tweet_id?: string | null
}

/** Reads on its own, never in a transaction: these are the reads that the ramp moves. */
export async function readByOldNames(session: Session): Promise<void> {
  const { rows } = await session.query<Found>(LOOK_UP, [randomUUID()])
  const found = rows[0]
  if (found !== undefined && chance(0.3)) await session.query(LOOK_UP_COPY, [found.decision_id])
  if (chance(0.1)) await session.query(LIST)
  if (chance(0.05)) await session.query(COUNT)
  if (chance(0.1)) await session.query(JOIN, [randomUUID()])
  if (chance(0.2)) await followPost(session)
}

async function followPost(session: Session): Promise<void> {
  const { rows } = await session.query<Found>(LOOK_UP_POST, [randomUUID()])
  const post = rows[0]
  if (post === undefined) return
  if (post.tweet_id != null) await session.query(FOLLOW_POST, [post.tweet_id])
  await session.query(PERFORMANCE, [post.decision_id])
}

export async function readNatively(session: Session): Promise<void> {
  await session.query(LOOK_UP_NATIVELY, [randomUUID()])
  if (chance(0.1)) await session.query(LIST_NATIVELY)
  if (chance(0.05)) await session.query(COUNT_NATIVELY)
  if (chance(0.1)) await session.query(JOIN_NATIVELY, [randomUUID()])
  if (chance(0.2)) await session.query(PERFORMANCE_NATIVELY, [randomUUID()])
  if (chance(0.05)) await session.query(LATEST_NATIVELY)
}
