import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    posts: merge({
      key: 'post_id',
      sources: { drafts: {}, scheduled_posts: { key: 'post_id::uuid' } },
    }),
  },
})
