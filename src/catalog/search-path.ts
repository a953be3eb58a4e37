import type pg from 'pg'

/** The paths of the calls that are at work. */
const paths = new WeakMap<pg.ClientBase, string>()

/**
 * Runs `fn` under this search path, which is SQL text of quoted names, and restores the one before. Only inside a
 * transaction: the setting is local to it, so an error leaves nothing behind either. Inside another call with the same
 * path nothing is asked of the server.
 */
export async function withSearchPath<Result>(
  client: pg.ClientBase,
  path: string,
  fn: () => Promise<Result>,
): Promise<Result> {
  const around = paths.get(client)
  if (around === path) return await fn()
  const { rows } = await client.query<{ before: string }>(
    /* sql */ `select pg_catalog.current_setting('search_path') as before`,
  )
  await setSearchPath(client, path)
  paths.set(client, path)
  const restore = () => {
    if (around === undefined) paths.delete(client)
    else paths.set(client, around)
    return setSearchPath(client, rows[0]?.before ?? '')
  }
  let result: Result
  try {
    result = await fn()
  } catch (error) {
    // In a failed transaction nothing can be set, and its rollback restores. Whether it has failed, the client may learn
    // only after the error itself.
    await restore().catch(() => undefined)
    throw error
  }
  await restore()
  return result
}

async function setSearchPath(client: pg.ClientBase, path: string): Promise<void> {
  await client.query(/* sql */ `select pg_catalog.set_config('search_path', $1, true)`, [path])
}
