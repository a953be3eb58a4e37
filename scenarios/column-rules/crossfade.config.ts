import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    people: merge({
      key: 'id',
      sources: {
        crm_people: {
          columns: {
            status: { values: { active: 'on', live: 'on', closed: 'off', gone: 'off' } },
            tier: { values: { gold: 'premium', silver: 'premium' }, unknown: 'keep' },
            channel: { values: { web: 'online', www: 'online', phone: 'voice' }, unknown: { as: 'other' } },
          },
        },
        shop_people: {
          columns: { status: { from: 'state', values: { A: 'on', C: 'off' }, unknown: 'keep' } },
        },
        letter_people: {},
      },
      columns: {
        phone: { pick: 'first row' },
        city: { pick: 'latest by updated_at' },
        email: { sources: ['letter_people', 'crm_people', 'shop_people'] },
        score: {
          from: 'greatest(crm_people.score, shop_people.score)',
          back: { crm_people: { score: 'score' }, shop_people: { score: 'score' } },
        },
        visits: { from: 'coalesce(crm_people.visits, 0) + coalesce(shop_people.visits, 0)' },
      },
    }),
  },
})
