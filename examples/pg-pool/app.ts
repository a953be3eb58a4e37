import pg from 'pg'
import { crossfade } from 'pg-crossfade/pg'

// The only line that knows of Crossfade. Without it everything works the same, and reads stay on the old tables.
const pool = crossfade(new pg.Pool({ connectionString: process.env.DATABASE_URL }))

/** Plain reads by the old name: the ramp decides which side answers. */
async function readTitles(): Promise<string[]> {
  const { rows } = await pool.query<{ title: string }>('select title from drafts order by title')
  return rows.map((row) => row.title)
}

/** A transaction is always on the old names, whatever the ramp says. */
async function rename(postId: string, title: string): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('update drafts set title = $2, updated_at = now() where post_id = $1', [postId, title])
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

await rename('00000000-0000-4000-8000-000000000002', `Only a draft, ${new Date().toISOString()}`)
for (let i = 0; i < 200; i++) {
  await readTitles()
  await new Promise((resolve) => setTimeout(resolve, 10))
}
console.log(await readTitles())
console.log(pool.crossfade.stats())
await pool.end()
