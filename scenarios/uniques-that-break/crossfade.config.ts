import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    posted_content: merge({
      key: 'decision_id',
      unique: { tweet_id: { pick: 'latest by posted_at' } },
      sources: { decisions_v1: {}, tweet_links: {} },
    }),
    pages: merge({
      key: 'id',
      unique: { address: { pick: 'earliest by claimed_at', otherwise: 'omit' } },
      sources: { pages_v1: {} },
    }),
  },
})
