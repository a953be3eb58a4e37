import type { PoolClient } from 'pg'
import { ANSWERS_WITHIN_MS } from './follower.ts'

/**
 * Runs a statement of our own on a client of the pool, if one comes free soon and is in no transaction: an error would
 * break one that the application left open. `run` says whether the client is still good. False: there was none.
 */
export async function useSpareClient(
  acquire: () => Promise<PoolClient>,
  run: (client: PoolClient) => Promise<boolean>,
): Promise<boolean> {
  const client = await acquireSoon(acquire).catch(() => null)
  if (client === null) return false
  if (client.getTransactionStatus?.() !== 'I') {
    client.release()
    return false
  }
  const ignore = () => {}
  client.on('error', ignore)
  const usable = await run(client)
  client.removeListener('error', ignore)
  client.release(!usable)
  return true
}

/** A client that comes later goes back. */
async function acquireSoon(acquire: () => Promise<PoolClient>): Promise<PoolClient | null> {
  const acquired = acquire()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), ANSWERS_WITHIN_MS)
    timer.unref()
  })
  const client = await Promise.race([acquired, late]).finally(() => clearTimeout(timer))
  if (client !== null) return client
  acquired.then(
    (later) => later.release(),
    () => undefined,
  )
  return null
}
