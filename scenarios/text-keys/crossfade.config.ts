import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    purchases: merge({
      key: 'order_id',
      sources: {
        orders: {},
        order_notes: { key: 'order_key::uuid', latestBy: 'noted_at' },
      },
      reverse: ['orders', 'order_notes'],
    }),
  },
})
