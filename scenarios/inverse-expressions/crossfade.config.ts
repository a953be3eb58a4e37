import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    devices: merge({
      key: 'id',
      sources: {
        sensors: {
          columns: {
            temperature: {
              from: 'round((temperature_f - 32) / 1.8, 4)',
              back: { temperature_f: 'temperature * 1.8 + 32' },
            },
            price: { from: 'price_cents / 100.0', back: { price_cents: '(price * 100)::bigint' } },
            state: {
              from: "(case status when 'A' then 'active' when 'I' then 'idle' when 'R' then 'retired' end)::new_schema.device_state",
              back: {
                status: "case state::text when 'active' then 'A' when 'idle' then 'I' when 'retired' then 'R' end",
              },
            },
            color: {
              from: "settings ->> 'color'",
              back: { settings: "settings || jsonb_strip_nulls(jsonb_build_object('color', color))" },
            },
            settings: {
              from: "settings - 'color'",
              back: { settings: "settings || jsonb_strip_nulls(jsonb_build_object('color', color))" },
            },
          },
        },
      },
    }),
  },
})
