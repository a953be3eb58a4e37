import { append, defineConfig } from 'pg-crossfade'

const decision = { via: 'posted_decisions', on: 'tweet_id', take: 'decision_id' } as const
const word = (source: string) => ({ from: `'${source}'`, back: false }) as const

export default defineConfig({
  schema: './new.sql',
  tables: {
    engagement_metrics: append({
      sources: {
        outcomes: {
          columns: { decision_id: 'decision_id::uuid', collected_pass: 'pass', data_source: word('outcomes') },
        },
        real_tweet_metrics: {
          columns: {
            decision_id: decision,
            engagement_rate: { from: 'round(engagement_percent / 100, 4)', back: 'engagement_rate * 100' },
            data_source: word('real_tweet_metrics'),
          },
        },
        tweet_analytics: {
          columns: {
            decision_id: { ...decision, otherwise: 'omit' },
            likes: 'favorites',
            engagement_rate: { from: 'round(rate_percent / 100, 4)', back: 'engagement_rate * 100' },
            data_source: word('tweet_analytics'),
          },
        },
        follower_counts: {
          columns: { decision_id: { ...decision, otherwise: 'null' }, data_source: word('follower_counts') },
        },
      },
      columns: { likes: { otherwise: '0' } },
    }),
  },
  keep: ['posted_decisions'],
})
