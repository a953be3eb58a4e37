import { defineConfig, merge } from 'pg-crossfade'

const LONG = 'überlange_tabelle_mit_sehr_vielen_buchstaben_die_nicht_enden'

export default defineConfig({
  schema: './new.sql',
  tables: {
    'New "table".with: $$everything$$ and % of 63 bytes, really!': merge({
      key: 'The "Key"',
      sources: {
        'Select "from" $1': { key: '"order"', columns: { NEW: '"new"' } },
        [LONG]: { key: '"KEY"' },
        [`${LONG}2`]: { key: '"KEY"', columns: { OLD: '"old"' } },
      },
      reverse: ['Select "from" $1', LONG, `${LONG}2`],
    }),
  },
})
