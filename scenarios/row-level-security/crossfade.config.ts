import { defineConfig, merge } from 'pg-crossfade'

export default defineConfig({
  schema: './new.sql',
  tables: {
    papers: merge({
      key: 'id',
      sources: { notes: {}, note_details: { key: 'note_id' } },
      reverse: ['notes', 'note_details'],
    }),
    mail: merge({ key: 'id', sources: { letters: {} } }),
  },
})
