import type { Bench } from './bench.ts'
import { withClient } from './client.ts'
import { migrate } from './migration.ts'

/**
 * A database with the old and the new tables of a fixture, both filled and indexed, and nobody in between: for what an
 * application does by hand, and for the new tables alone. Both are on the search path.
 */
export async function createUnsynced(bench: Bench, name: string, rows: number): Promise<string> {
  const url = await bench.create(name, rows)
  const migration = await migrate(url, bench.fixture(name), 'sync')
  await migration.commands.rollback('build')
  await migration.close()
  await withClient(url, async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', n.nspname, c.relname) AS name
         FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE t.tgname = 'crossfade_closed'`,
    )
    for (const table of tables) await client.query(`DROP TRIGGER crossfade_closed ON ${table.name}`)
    const { rows: triggers } = await client.query(
      `SELECT tgname FROM pg_trigger WHERE tgname LIKE 'crossfade%' AND tgname <> 'crossfade_no_truncate'`,
    )
    if (triggers.length > 0) throw new Error(`there are triggers still: ${JSON.stringify(triggers)}`)
    const database = new URL(url).pathname.slice(1)
    await client.query(`ALTER DATABASE ${database} SET search_path = public, new_schema`)
  })
  return url
}
