import { knex } from 'knex'
import pg from 'pg'
import { crossfade } from 'pg-crossfade/pg'
import { show } from './show.ts'

interface Draft {
  post_id: string
  title: string
}

const pool = crossfade(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
// Knex checks a client out for each statement, and a client that was checked out is not routed.
const db = knex({ client: 'pg', connectionPool: pool.crossfade.perStatement })

await show({
  readTitles: () => db<Draft>('drafts').orderBy('title').pluck('title'),
  rename: (postId, title) =>
    db.transaction(async (own) => {
      await own<Draft>('drafts')
        .where({ post_id: postId })
        .update({ title, updated_at: own.fn.now() } as Partial<Draft>)
      const row = await own<Draft>('drafts').where({ post_id: postId }).first('title')
      return row?.title
    }),
  stats: () => pool.crossfade.stats(),
  end: async () => {
    await db.destroy()
    await pool.end()
  },
})
