import { asc, eq, sql } from 'drizzle-orm'
import { pgTable, text, timestamp, uuid } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/postgres-js'
import { crossfade } from 'pg-crossfade/postgres'
import postgres from 'postgres'
import { show } from './show.ts'

const client = crossfade(postgres(process.env.DATABASE_URL ?? ''))
const db = drizzle({ client })

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
  stats: () => client.crossfade.stats(),
  end: () => client.end(),
})
