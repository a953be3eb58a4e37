import { type Generated, Kysely, PostgresDialect, sql } from 'kysely'
import pg from 'pg'
import { crossfade } from 'pg-crossfade/pg'
import { show } from './show.ts'

interface Database {
  drafts: { id: Generated<string>; post_id: string; title: string; updated_at: Date }
}

const pool = crossfade(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
// Kysely checks a client out for each statement, and a client that was checked out is not routed.
const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool: pool.crossfade.perStatement }) })

await show({
  async readTitles() {
    const rows = await db.selectFrom('drafts').select('title').orderBy('title').execute()
    return rows.map((row) => row.title)
  },
  rename: (postId, title) =>
    db.transaction().execute(async (own) => {
      await own.updateTable('drafts').set({ title, updated_at: sql`now()` }).where('post_id', '=', postId).execute()
      const row = await own.selectFrom('drafts').select('title').where('post_id', '=', postId).executeTakeFirst()
      return row?.title
    }),
  stats: () => pool.crossfade.stats(),
  end: () => db.destroy(),
})
