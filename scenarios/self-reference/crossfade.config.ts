import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    categories: merge({ key: 'category_id', sources: { old_categories: { key: 'id' } }, onDelete: 'cascade' }),
  },
})
