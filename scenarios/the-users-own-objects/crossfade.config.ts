import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    articles: merge({
      key: 'article_id',
      sources: { posts_a: { key: 'id' }, posts_b: { key: 'post_id' } },
    }),
  },
  keep: ['comments', 'pins', 'title_log'],
  finish: { also: './also.sql' },
})
