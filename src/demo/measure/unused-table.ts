import type { ClientBase } from 'pg'

/** The old table that nothing uses and that the mapping keeps, as it is. */
export interface UnusedTable {
  readonly rows: number
  /** Equal where every row, where it lies, and every right on the table is. */
  readonly image: string
}

export async function readUnusedTable(client: ClientBase): Promise<UnusedTable> {
  const { rows } = await client.query<UnusedTable>(/* sql */ `
    select count(*)::int as rows,
           md5(coalesce(string_agg(u.ctid::text || u.xmin::text || u::text, ' ' order by u.id), '')
               || (select relacl::text || relrowsecurity::text || relfilenode || relhastriggers::text
                   from pg_class where oid = 'public.unified_posts'::regclass)) as image
    from public.unified_posts u`)
  const found = rows[0]
  if (found === undefined) throw new Error('unified_posts gave no row')
  return found
}
