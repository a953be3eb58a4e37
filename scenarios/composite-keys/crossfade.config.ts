import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    stock: merge({
      key: ['warehouse', 'article'],
      sources: {
        stock_counts: { key: ['warehouse', 'article'] },
        stock_places: { key: ['site', 'article_no'] },
      },
    }),
  },
})
