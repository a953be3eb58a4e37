import type { EngineOptions } from './engine.ts'

/** Two old tables with the same posts, and the one that they become. Most tests of the engine need no more. */
export const QUEUE: EngineOptions = {
  oldSql: /* sql */ `
    create table plans (
      id bigserial primary key,
      k text not null unique,
      title text,
      score numeric,
      state text not null default 'queued'
    );
    create table drafts (
      id bigserial primary key,
      k text not null unique,
      title text,
      body text,
      state text not null default 'queued'
    );`,
  newSql: /* sql */ `
    create table queue (
      id bigserial primary key,
      k text not null unique,
      title text,
      score numeric(6,2) check (score >= 0),
      body text,
      state text not null default 'queued'
    );`,
  tables: {
    queue: {
      key: 'k',
      sources: {
        plans: { columns: { score: { from: 'score', back: 'score' } } },
        drafts: {},
      },
      reverse: ['plans'],
    },
  },
}
