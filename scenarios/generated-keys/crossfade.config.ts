import { defineConfig, merge } from 'pg-crossfade'

const decision = { via: 'posted_decisions', on: 'tweet_id', take: 'decision_id', otherwise: 'generate' } as const

export default defineConfig({
  schema: './new.sql',
  tables: {
    posted_content: merge({
      key: 'decision_id',
      sources: {
        posted_decisions: {},
        tweets: { key: decision },
        posts: { key: decision },
      },
    }),
  },
})
