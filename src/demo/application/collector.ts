import { type MetricTable, measurementKey } from './activity.ts'
import { chance, pick, type Session, type Transaction } from './session.ts'

interface Tweet {
  readonly decision_id: string
  readonly tweet_id: string
}

interface Measurement {
  readonly id: string
  readonly tweet_id: string
  readonly micros: string
}

/** Last digits of the tweets that each half looks after. */
const LANES = ['[0-4]$', '[5-9]$']

// What is older is left alone: nobody's counts change any more.
const NEXT_TWEET = /* sql */ `
  select decision_id, tweet_id from posted_decisions
  where id >= $1::float8 * (select max(id) from posted_decisions) and posted_at > now() - interval '150 days'
    and tweet_id ~ $2
  order by id limit 1`
const NEXT_TWEET_NATIVELY = /* sql */ `
  select decision_id, tweet_id from posted_content
  where id >= $1::float8 * (select max(id) from posted_content) and posted_at > now() - interval '150 days'
    and tweet_id ~ $2
  order by id limit 1`

const NEXT: { readonly [table in MetricTable]: string } = {
  outcomes: /* sql */ `
    select id, tweet_id, (extract(epoch from collected_at) * 1000000)::bigint::text as micros from outcomes
    where id >= $1::float8 * (select max(id) from outcomes) and collected_at > now() - interval '150 days'
      and tweet_id ~ $2
    order by id limit 1`,
  real_tweet_metrics: /* sql */ `
    select id, tweet_id, (extract(epoch from captured_at) * 1000000)::bigint::text as micros from real_tweet_metrics
    where id >= $1::float8 * (select max(id) from real_tweet_metrics) and captured_at > now() - interval '150 days'
      and tweet_id ~ $2
    order by id limit 1`,
  tweet_analytics: /* sql */ `
    select id, tweet_id, (extract(epoch from measured_at) * 1000000)::bigint::text as micros from tweet_analytics
    where id >= $1::float8 * (select max(id) from tweet_analytics) and measured_at > now() - interval '150 days'
      and tweet_id ~ $2
    order by id limit 1`,
  engagement_metrics: /* sql */ `
    select id, tweet_id, (extract(epoch from collected_at) * 1000000)::bigint::text as micros from engagement_metrics
    where id >= $1::float8 * (select max(id) from engagement_metrics) and collected_at > now() - interval '150 days'
      and tweet_id ~ $2
    order by id limit 1`,
}

const UPDATE: { readonly [table in MetricTable]: string } = {
  outcomes: /* sql */ `update outcomes set likes = $2, engagement_rate = $3::numeric where id = $1`,
  real_tweet_metrics: /* sql */ `update real_tweet_metrics set likes = $2, engagement = $3::numeric where id = $1`,
  tweet_analytics: /* sql */ `
    update tweet_analytics set favorites = $2, engagement_percent = 100 * $3::numeric where id = $1`,
  engagement_metrics: /* sql */ `
    update engagement_metrics set likes = $2, engagement_rate = $3::numeric where id = $1`,
}

const MICROS = /* sql */ `timestamptz 'epoch' + $1::bigint * interval '1 microsecond'`

const INSERT: { readonly [table in MetricTable]: string } = {
  outcomes: /* sql */ `
    insert into outcomes (collected_at, tweet_id, likes, engagement_rate, decision_id, retweets, views, pass, source)
    values (${MICROS}, $2, $3, $4, $5, 2, 40, 3, 'collector')`,
  real_tweet_metrics: /* sql */ `
    insert into real_tweet_metrics (captured_at, tweet_id, likes, engagement, retweets, impressions)
    values (${MICROS}, $2, $3, $4, 2, 40)`,
  tweet_analytics: /* sql */ `
    insert into tweet_analytics (measured_at, tweet_id, favorites, engagement_percent, shares, views)
    values (${MICROS}, $2, $3, 100 * $4::numeric, 2, 40)`,
  engagement_metrics: /* sql */ `
    insert into engagement_metrics (collected_at, tweet_id, likes, engagement_rate, decision_id, retweets, views,
                                    collected_pass, data_source)
    values (${MICROS}, $2, $3, $4, $5, 2, 40, 3, 'collector')`,
}

const OLD: readonly MetricTable[] = ['outcomes', 'outcomes', 'real_tweet_metrics', 'tweet_analytics']

/** Measures a post once more, or corrects what was measured. */
export async function collectByOldNames(session: Session): Promise<void> {
  const table = pick(OLD)
  await session.transaction((transaction) =>
    chance(0.5) ? correct(session, transaction, table) : measure(session, transaction, table, NEXT_TWEET),
  )
}

export async function collectNatively(session: Session): Promise<void> {
  const table = 'engagement_metrics'
  await session.transaction((transaction) =>
    chance(0.5) ? correct(session, transaction, table) : measure(session, transaction, table, NEXT_TWEET_NATIVELY),
  )
}

async function measure(
  session: Session,
  transaction: Transaction,
  table: MetricTable,
  nextTweet: string,
): Promise<void> {
  const { rows } = await transaction.query<Tweet>(nextTweet, [Math.random(), laneOf(session)])
  const tweet = rows[0]
  if (tweet === undefined) return
  const likes = Math.floor(1e9 * Math.random())
  // Milliseconds alone would let two measurements fall together.
  const micros = String(1000 * Date.now() + Math.floor(1000 * Math.random()))
  const values = [micros, tweet.tweet_id, likes, drawRate()]
  const named = table === 'outcomes' || table === 'engagement_metrics' ? [tweet.decision_id] : []
  await transaction.query(INSERT[table], [...values, ...named])
  transaction.wrote('insert', table, measurementKey(tweet.tweet_id, micros), { likes: String(likes) })
}

async function correct(session: Session, transaction: Transaction, table: MetricTable): Promise<void> {
  const { rows } = await transaction.query<Measurement>(NEXT[table], [Math.random(), laneOf(session)])
  const measurement = rows[0]
  if (measurement === undefined) return
  const likes = Math.floor(1e9 * Math.random())
  const { rowCount } = await transaction.query(UPDATE[table], [measurement.id, likes, drawRate()])
  const key = measurementKey(measurement.tweet_id, measurement.micros)
  if (rowCount === 1) transaction.wrote('update', table, key, { likes: String(likes) })
}

function laneOf(session: Session): string {
  return LANES[session.settings.lane % LANES.length] ?? '$'
}

function drawRate(): string {
  return Math.random().toFixed(6)
}
