import { append, defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    customers: merge({ key: 'id', sources: { accounts: {} } }),
    orders: merge({
      key: 'order_id',
      sources: {
        orders_web: {},
        orders_phone: { key: 'order_ref::uuid' },
        payments: {
          key: { via: 'orders_web', on: 'receipt', take: 'order_id', otherwise: 'journal' },
          columns: { receipt: false },
        },
      },
      reverse: ['orders_web', 'orders_phone'],
    }),
    activities: append({
      sources: {
        clicks: { columns: { order_id: 'order_ref::uuid', kind: { from: "'click'", back: false } } },
        visits: { columns: { kind: { from: "'visit'", back: false } } },
      },
      reverse: ['visits'],
    }),
  },
  keep: ['invoices', 'hits_log'],
})
