import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    work_items: merge({
      key: 'id',
      sources: {
        tasks: {},
        task_notes: { key: 'task_id' },
      },
    }),
  },
  keep: ['task_audit'],
})
