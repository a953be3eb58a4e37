import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    articles: merge({
      key: 'id',
      sources: {
        posts: { columns: { headline: 'title' } },
      },
      columns: { state: { otherwise: "'draft'" } },
    }),
  },
})
