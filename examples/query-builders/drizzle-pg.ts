import { asc, eq, sql } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import { pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import pg from 'pg'
import { crossfade } from 'pg-crossfade/pg'
import { show } from './show.ts'

const pool = crossfade(new pg.Pool({ connectionString: process.env.DATABASE_URL }))
const db = drizzle({ client: pool })

const drafts = pgTable('drafts', {
  postId: uuid('post_id').notNull(),
  title: text('title').notNull(),
  updatedAt: timestamp('updated_at', { withTimezone: true }).notNull(),
})

await show({
  async readTitles() {
    const rows = await db.select({ title: drafts.title }).from(drafts).orderBy(asc(drafts.title))
    return rows.map((row) => row.title)
  },
  rename: (postId, title) =>
    db.transaction(async (own) => {
      await own.update(drafts).set({ title, updatedAt: sql`now()` }).where(eq(drafts.postId, postId))
      const [row] = await own.select().from(drafts).where(eq(drafts.postId, postId))
      return row?.title
    }),
  stats: () => pool.crossfade.stats(),
  end: () => pool.end(),
})
