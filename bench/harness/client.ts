import pg from 'pg'

/** Runs texts one after the other, each by itself, on a connection of its own. */
export async function run(url: string, ...texts: string[]): Promise<pg.QueryResultRow[]> {
  return await withClient(url, async (client) => {
    let rows: pg.QueryResultRow[] = []
    for (const text of texts) rows = (await client.query(text)).rows
    return rows
  })
}

export async function withClient<Result>(url: string, fn: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, application_name: 'bench' })
  await client.connect()
  try {
    return await fn(client)
  } finally {
    await client.end()
  }
}

export interface Block {
  /** From the first statement to the end of the last. */
  readonly ms: number
  /** Of each one. Milliseconds. */
  readonly latencies: number[]
}

/** Runs `total` pieces of work, each client one after the other until none is left. */
export async function runBlock(
  clients: readonly pg.Client[],
  total: number,
  work: (client: pg.Client, index: number) => Promise<unknown>,
): Promise<Block> {
  const latencies: number[] = []
  let next = 0
  const started = performance.now()
  await Promise.all(
    clients.map(async (client) => {
      while (next < total) {
        const index = next++
        const before = performance.now()
        await work(client, index)
        latencies.push(performance.now() - before)
      }
    }),
  )
  return { ms: performance.now() - started, latencies }
}

export async function connectAll(url: string, count: number): Promise<pg.Client[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const client = new pg.Client({ connectionString: url, application_name: 'bench application' })
      await client.connect()
      return client
    }),
  )
}

export async function endAll(...clients: readonly (readonly pg.Client[])[]): Promise<void> {
  await Promise.all(clients.flat().map((client) => client.end()))
}
