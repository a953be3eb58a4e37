import { append, merge } from '../../src/spec/config.ts'
import type { EngineOptions } from './engine.ts'

/** Posts whose records are linked by a second identity, and measurements of them: the mess of many real databases, small. */
export const POSTS: EngineOptions = {
  oldSql: /* sql */ `
    create table decisions (id serial primary key, decision_id text not null unique, tweet_id text, content text, posted_at timestamptz);
    create table tweets (id serial primary key, tweet_id text, body text, posted_at timestamptz);
    create table likes (id serial primary key, tweet_id text, likes integer);
    create table passes (id serial primary key, decision_id text, likes integer);`,
  newSql: /* sql */ `
    create table posts (
      id bigserial primary key,
      decision_id uuid not null unique,
      tweet_id text unique,
      content text,
      body text,
      posted_at timestamptz
    );
    create table metrics (
      id bigserial primary key,
      decision_id uuid not null references posts (decision_id) on delete cascade,
      tweet_id text,
      likes integer default 0
    );
    create index on metrics (decision_id);`,
  tables: {
    posts: merge({
      key: 'decision_id',
      unique: { tweet_id: { pick: 'latest by posted_at' } },
      sources: {
        decisions: { key: 'decision_id::uuid' },
        tweets: { key: { via: 'decisions', on: 'tweet_id', take: 'decision_id::uuid', otherwise: 'journal' } },
      },
      reverse: ['decisions', 'tweets'],
    }),
    metrics: append({
      sources: {
        passes: { columns: { decision_id: 'decision_id::uuid' } },
        likes: { columns: { decision_id: { via: 'decisions', on: 'tweet_id', take: 'decision_id::uuid' } } },
      },
    }),
  },
}

/** A readable uuid: `key(7)`. */
export function key(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}
