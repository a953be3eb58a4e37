import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    members: merge({
      key: 'member_id',
      sources: {
        people: { key: 'id' },
        profiles: { key: 'person_id', columns: { name: 'display_name' } },
        billing_customers: { key: 'person_id', columns: { email: 'invoice_email' } },
        newsletter_subscribers: { key: 'user_id::uuid', latestBy: 'changed_at', otherwise: 'omit' },
      },
      reverse: ['people'],
    }),
  },
})
