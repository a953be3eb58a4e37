import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { APPLICATION_ROLE } from './legacy-schema.ts'

/** The new schema, as its owner writes it: plain DDL with unqualified names. */
export const NEW_PERFECT_SCHEMA = /* sql */ `-- The queue, once.
create table content_queue (
  id bigserial primary key,
  decision_id uuid unique not null default gen_random_uuid(),
  content text not null,
  decision_type text not null check (decision_type in ('single', 'thread', 'reply')),
  thread_parts jsonb,
  raw_topic text,
  angle text,
  tone text,
  generator_name text,
  format_strategy text,
  visual_format text,
  status text not null default 'queued'
    check (status in ('queued', 'ready', 'posting', 'posted', 'failed', 'cancelled')),
  scheduled_at timestamptz,
  posted_at timestamptz,
  quality_score decimal(5,4),
  predicted_er decimal(5,4),
  target_tweet_id text,
  target_username text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create index idx_content_queue_status_scheduled on content_queue (status, scheduled_at)
  where status in ('queued', 'ready');
create index idx_content_queue_created_at on content_queue (created_at desc);
create index idx_content_queue_posted_at on content_queue (posted_at desc) where posted_at is not null;

-- What went out, once.
create table posted_content (
  id bigserial primary key,
  decision_id uuid unique not null references content_queue (decision_id) on delete cascade,
  tweet_id text unique not null,
  tweet_url text,
  content text not null,
  decision_type text not null,
  thread_parts jsonb,
  generator_name text,
  raw_topic text,
  visual_format text,
  posted_at timestamptz not null default now(),
  created_at timestamptz not null default now()
);

create index idx_posted_content_tweet_id on posted_content (tweet_id);
create index idx_posted_content_posted_at on posted_content (posted_at desc);
create index idx_posted_content_decision_id on posted_content (decision_id);

-- Each measurement of it.
create table engagement_metrics (
  id bigserial primary key,
  decision_id uuid not null references posted_content (decision_id) on delete cascade,
  tweet_id text not null,
  likes integer default 0,
  retweets integer default 0,
  replies integer default 0,
  bookmarks integer default 0,
  quotes integer default 0,
  impressions integer default 0,
  views integer default 0,
  profile_clicks integer default 0,
  engagement_rate decimal(5,4),
  followers_before integer,
  followers_after integer,
  followers_gained integer,
  collected_at timestamptz not null default now(),
  collected_pass integer default 0,
  data_source text,
  created_at timestamptz not null default now()
);

create index idx_engagement_metrics_decision_id on engagement_metrics (decision_id);
create index idx_engagement_metrics_tweet_id on engagement_metrics (tweet_id);
create index idx_engagement_metrics_collected_at on engagement_metrics (collected_at desc);

create view content_with_metrics as
select p.decision_id, p.tweet_id, p.content, p.decision_type, p.generator_name, p.raw_topic, p.visual_format,
       p.posted_at, m.likes, m.retweets, m.replies, m.bookmarks, m.views, m.engagement_rate, m.followers_gained,
       m.collected_at
from posted_content p
left join lateral (
  select * from engagement_metrics e where e.decision_id = p.decision_id order by e.collected_at desc limit 1
) m on true;
`

/** Tables get the rights of the old ones that feed them; a view is its owner's to open. */
const NEW_GRANTS = `
grant select on content_with_metrics to ${APPLICATION_ROLE};
`

/** The mapping, as its owner writes it. */
const CROSSFADE_CONFIG = `import { append, defineConfig, merge } from 'pg-crossfade'

// Each program had a word of its own for a single post. A native write gives an old table the first of its words.
const types = { content: 'single', short: 'single', single: 'single', thread: 'thread', reply: 'reply' }

// The decision that a tweet's id belongs to. Where two claim it, the newer one has it, as in posted_content itself.
const byTweet = { via: 'posted_decisions', on: 'tweet_id', take: 'decision_id::uuid', pick: 'latest by posted_at' }

// Where the queue has forgotten a post, it gets a row back. It must not look as if it were still to be posted.
const stub = {
  decision_type: "case when decision_type in ('content', 'short', 'single') then 'single' else decision_type end",
  raw_topic: 'topic',
  status: "'posted'",
  updated_at: 'created_at',
}

export default defineConfig({
  oldSchema: 'public',
  newSchema: 'new_schema',
  schema: './NEW_PERFECT_SCHEMA.sql',
  tables: {
    content_queue: merge({
      key: 'decision_id',
      sources: {
        content_metadata: {
          key: 'decision_id',
          columns: {
            id: false,
            raw_topic: 'topic',
            // Kept as 0 to 100 with any number of digits; from now on 0 to 1 with four.
            quality_score: { from: 'round(quality / 100.0, 4)', back: 'quality_score * 100' },
            predicted_er: { from: 'round(predicted_er, 4)', back: 'predicted_er' },
          },
        },
        content_generation_metadata_comprehensive: {
          key: 'decision_id::uuid',
          // Rows of the nightly smoke test were never meant for anybody.
          where: "generator_name is distinct from 'smoke_test'",
          otherwise: 'journal',
          columns: { id: false },
        },
      },
      reverse: ['content_metadata', 'content_generation_metadata_comprehensive'],
    }),

    posted_content: merge({
      key: 'decision_id',
      unique: { tweet_id: { pick: 'latest by posted_at' } },
      sources: {
        posted_decisions: {
          key: 'decision_id::uuid',
          // Dry runs were written like posts and never went out. A tweet_id that is null is another matter.
          where: "(tweet_id like 'dry-run-%') is not true",
          columns: { decision_type: { values: types }, raw_topic: 'topic' },
          parent: { content_queue: { stub } },
        },
        tweets: {
          // Without a decision they wait in the journal: the decision may come later, in the same transaction even.
          key: { ...byTweet, otherwise: 'journal' },
          where: "(tweet_id like 'dry-run-%') is not true",
          latestBy: 'posted_at',
          columns: {
            tweet_url: 'url',
            content: 'text',
            decision_type: { from: 'kind', values: types },
            thread_parts: 'thread',
          },
        },
        posts: {
          // The oldest are from before there were decisions, so none will come; they are history, and get a key.
          key: { ...byTweet, on: { from: 'external_id', to: 'tweet_id' }, otherwise: 'generate' },
          // What has no id never went out.
          where: "external_id is not null and external_id not like 'dry-run-%'",
          latestBy: 'published_at',
          columns: {
            tweet_id: 'external_id',
            tweet_url: 'permalink',
            content: 'body',
            decision_type: { from: 'format', values: types },
            posted_at: 'published_at',
            created_at: 'inserted_at',
          },
          parent: {
            content_queue: {
              stub: {
                decision_type: "case when format in ('content', 'short', 'single') then 'single' else format end",
                content: 'body',
                status: "'posted'",
                posted_at: 'published_at',
                created_at: 'inserted_at',
                updated_at: 'inserted_at',
              },
            },
          },
        },
      },
      // Code on the old names reads all three, so a post by the new name has a row in each.
      reverse: ['posted_decisions', 'tweets', 'posts'],
    }),

    engagement_metrics: append({
      sources: {
        outcomes: {
          columns: {
            decision_id: 'decision_id::uuid',
            engagement_rate: { from: 'round(engagement_rate, 4)', back: 'engagement_rate' },
            collected_pass: 'pass',
            data_source: 'source',
          },
        },
        real_tweet_metrics: {
          columns: {
            decision_id: byTweet,
            // A fraction, with any number of digits.
            engagement_rate: { from: 'round(engagement, 4)', back: 'engagement_rate' },
            collected_at: 'captured_at',
            data_source: { from: "'real_tweet_metrics'", back: false },
          },
        },
        tweet_analytics: {
          // Guesses were never measured.
          where: 'not estimated',
          columns: {
            decision_id: byTweet,
            likes: 'favorites',
            retweets: 'shares',
            replies: 'comments',
            bookmarks: 'saves',
            profile_clicks: 'profile_visits',
            // Percent.
            engagement_rate: { from: 'round(engagement_percent / 100, 4)', back: 'engagement_rate * 100' },
            collected_at: 'measured_at',
            data_source: { from: "'tweet_analytics'", back: false },
            created_at: 'inserted_at',
          },
        },
      },
      reverse: ['outcomes'],
    }),
  },
  // unified_posts was the last attempt to tidy up; nothing uses it.
  keep: ['bot_config', 'learning_posts', 'reply_opportunities', 'discovered_accounts', 'activity_log', 'unified_posts'],
  // What the check found in the old rows. They go into the journal, where they can be read, and stay in the old tables.
  accept: [
    'content_queue.no-key.content_generation_metadata_comprehensive',
    'content_queue.not-null.content',
    'content_queue.range.quality_score',
    'content_queue.check.content_queue_decision_type_check',
    'posted_content.no-key.posted_decisions',
    'posted_content.no-key.tweets',
    'posted_content.not-null.tweet_id',
    'posted_content.unique.tweet_id',
    'posted_content.value.decision_type.posted_decisions',
    'engagement_metrics-from-outcomes.parent.decision_id',
    'engagement_metrics-from-outcomes.range.engagement_rate',
    'engagement_metrics-from-outcomes.value.decision_id.outcomes',
    'engagement_metrics-from-real_tweet_metrics.value.decision_id.real_tweet_metrics',
    'engagement_metrics-from-tweet_analytics.value.decision_id.tweet_analytics',
  ],
})
`

/** Writes the files that the user of Crossfade would have written; returns the path of the configuration. */
export async function writeProject(directory: string): Promise<string> {
  await writeFile(join(directory, 'NEW_PERFECT_SCHEMA.sql'), NEW_PERFECT_SCHEMA + NEW_GRANTS)
  const config = join(directory, 'crossfade.config.ts')
  await writeFile(config, CROSSFADE_CONFIG)
  return config
}
