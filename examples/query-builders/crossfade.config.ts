import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    posts: merge({
      key: 'post_id',
      sources: {
        // First in precedence: its title wins where both have one.
        drafts: {},
        scheduled_posts: {
          key: 'post_id::uuid',
          columns: { score: { from: 'score / 100.0', back: '(score * 100)::integer' } },
        },
      },
      // What only scheduled_posts knows has no time of its last change; the new column is NOT NULL.
      columns: { updated_at: { otherwise: "timestamptz '2026-01-01 00:00+00'" } },
    }),
  },
  // One row's post_id is no uuid: crossfade check finds it, and it stays where it is.
  accept: ['posts.no-key.scheduled_posts'],
})
