import { merge } from '../../src/spec/config.ts'
import { compareRange } from '../../src/sqlgen/compare.ts'
import type { Fixture, FixtureInput } from '../support/fixture.ts'

/** `rows` keys, of which nine in ten have a draft and eight in ten are published. */
export function DRAFTS_AND_POSTS(rows: number): FixtureInput & { dataSql: string } {
  return {
    oldSql: `create table draft (id text primary key, body text not null, score numeric, created_at timestamptz not null default now());
             create table published (post_id bigint generated always as identity primary key, slug text not null, status text not null, likes int);
             create index on published (slug)`,
    newSql: `create table post (slug text primary key, body text, score numeric(5,4), likes int,
               status text not null default 'draft' constraint post_status_check check (status in ('draft', 'public')),
               created_at timestamptz)`,
    dataSql: `insert into draft select 'k' || lpad(i::text, 5, '0'), 'body ' || i, round(i / 100000.0, 4), now() - i * interval '1 minute'
                from generate_series(1, ${rows}) i where i % 10 > 0;
              insert into published (slug, status, likes) select 'k' || lpad(i::text, 5, '0'), 'public', i
                from generate_series(1, ${rows}) i where i % 5 > 0 or i % 10 = 0`,
    tables: {
      post: merge({
        key: 'slug',
        sources: { draft: { key: 'id' }, published: { key: 'slug', columns: { created_at: false } } },
      }),
    },
  }
}

/** What a full comparison finds, outside of what is to be tested. */
export async function differences(f: Fixture): Promise<unknown> {
  const rows = await f.query<{ differences: unknown }>(
    compareRange(f.target, { after: false, upTo: false }, false).text,
  )
  return rows[0]?.differences
}
