import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

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
`

/** The mapping, as its owner writes it. */
const CROSSFADE_CONFIG = `import { defineConfig, merge } from 'pg-crossfade'

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
  },
  keep: ['bot_config', 'learning_posts', 'reply_opportunities', 'discovered_accounts'],
})
`

/** Writes the files that the user of Crossfade would have written; returns the path of the configuration. */
export async function writeProject(directory: string): Promise<string> {
  await writeFile(join(directory, 'NEW_PERFECT_SCHEMA.sql'), NEW_PERFECT_SCHEMA)
  const config = join(directory, 'crossfade.config.ts')
  await writeFile(config, CROSSFADE_CONFIG)
  return config
}
