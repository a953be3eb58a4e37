import { append, defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    members: merge({
      key: 'member_id',
      sources: { users_a: { key: 'id' }, users_b: { key: 'user_id::uuid' } },
    }),
    purchases: merge({
      key: 'purchase_no',
      sources: {
        old_orders: {
          key: 'no',
          columns: {
            member_id: 'buyer',
            amount: { from: 'amount_cents / 100.0', back: { amount_cents: '(amount * 100)::integer' } },
          },
        },
      },
    }),
    audit_trail: append({ sources: { old_audit: {} } }),
  },
})
