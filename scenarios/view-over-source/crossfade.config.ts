import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    articles: merge({
      key: 'id',
      sources: { posts: {}, live_posts: {}, post_likes: { key: 'post_id' } },
    }),
    customers: merge({ key: 'id', sources: { active_accounts: {} } }),
  },
})
