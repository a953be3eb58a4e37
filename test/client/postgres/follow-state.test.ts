import { execFile } from 'node:child_process'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { createSqlRamp, readSide, waitForPercent } from './sql-ramp.ts'

/** The connection of `listen`, once it has asked for the state: from then on nothing is missed. */
const LISTENERS = /* sql */ `
  select pid from pg_stat_activity
  where datname = current_database() and state = 'idle' and query like '%client_state()::text%'`

async function createListening() {
  const ramp = await createSqlRamp()
  const sql = ramp.wrap()
  await readSide(sql)
  await expect.poll(() => sql.crossfade.stats().version).toBe(1)
  await expect.poll(async () => (await ramp.database.query(LISTENERS)).length).toBe(1)
  const waitWithoutTraffic = async (percent: number) => {
    const start = performance.now()
    while (sql.crossfade.stats().percent !== percent) {
      expect(performance.now() - start).toBeLessThan(5_000)
      await sleep(1)
    }
  }
  return { ...ramp, sql, waitWithoutTraffic }
}

test('a change is followed over LISTEN without any traffic, beside a listener of the application', async () => {
  const { sql, setPercent, waitWithoutTraffic } = await createListening()
  const heard: string[] = []
  const { unlisten } = await sql.listen('crossfade', (payload) => void heard.push(payload))
  for (const percent of [100, 0, 50, 100, 0]) {
    await setPercent(percent)
    await waitWithoutTraffic(percent)
  }
  expect(heard).toHaveLength(5)
  await unlisten()
  await setPercent(100)
  await waitWithoutTraffic(100)
})

test('it is polled when nothing is announced', async () => {
  const { wrap, setPercent } = await createSqlRamp()
  const sql = wrap()
  await waitForPercent(sql, 0)
  await expect.poll(() => sql.crossfade.stats().version).toBe(1)
  await setPercent(100, false)
  await waitForPercent(sql, 100, 3_000)
  await setPercent(0, false)
  await waitForPercent(sql, 0, 3_000)
})

test('a lost LISTEN connection is made again', async () => {
  const { setPercent, waitWithoutTraffic, database } = await createListening()
  const [lost] = await database.query<{ pid: number }>(LISTENERS)
  await database.query('select pg_terminate_backend($1)', [lost?.pid])
  await expect
    .poll(async () => (await database.query<{ pid: number }>(LISTENERS)).filter(({ pid }) => pid !== lost?.pid).length)
    .toBe(1)
  await setPercent(100)
  await waitWithoutTraffic(100)
})

test('one that the driver has given up is made again with the next reads', async () => {
  const { sql, setPercent, waitWithoutTraffic } = await createListening()
  const { channels } = sql.listen as unknown as { channels: Record<string, { result: Promise<unknown> }> }
  // What the driver keeps where it could not listen anew.
  const broken = Promise.reject(new Error('no connection'))
  broken.catch(() => undefined)
  Object.assign(channels.crossfade ?? {}, { result: broken, listeners: [] })
  const isMended = async (): Promise<boolean> => {
    await readSide(sql)
    return channels.crossfade !== undefined && channels.crossfade.result !== broken
  }
  await expect.poll(isMended, { timeout: 10_000 }).toBe(true)
  await setPercent(100)
  await waitWithoutTraffic(100)
})

test('behind a pooler that shares connections nobody listens, and reads are routed', async () => {
  const { wrap, setPercent, database } = await createSqlRamp()
  await setPercent(100)
  const url = new URL(database.url)
  // Such a pooler makes up the server process that a client is told.
  const proxy = createServer((client) => {
    const server = connect(Number(url.port), url.hostname)
    client.pipe(server)
    server.on('data', (data) => {
      const key = data.indexOf(Buffer.from([0x4b, 0, 0, 0, 12]))
      if (key >= 0) data.writeInt32BE(7, key + 5)
      client.write(data)
    })
    server.on('close', () => client.destroy())
    client.on('close', () => server.destroy())
    for (const socket of [client, server]) socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void proxy.close())
  const sql = wrap({}, { port: (proxy.address() as AddressInfo).port })
  await waitForPercent(sql, 100)
  const until = performance.now() + 2_500
  while (performance.now() < until) expect(await readSide(sql)).toBe('new')
  expect(await database.query(LISTENERS)).toEqual([])
  expect(sql.listen).not.toHaveProperty('sql')
  expect(sql.crossfade.stats()).toMatchObject({ fallbacks: 0, readsOld: 0 })
})

test('a database without Crossfade is left alone', async () => {
  const { wrap, database, warnings } = await createSqlRamp({ installed: false })
  const sql = wrap()
  for (let i = 0; i < 3; i += 1) {
    expect(await readSide(sql)).toBe('old')
    await sleep(100)
  }
  expect(sql.crossfade.stats()).toMatchObject({ percent: 0, version: null })
  expect(await database.query(`select from pg_stat_activity where query ilike 'listen%'`)).toEqual([])
  expect(warnings).toEqual([])
})

test('a program that ends by itself once its connections are idle still does', async () => {
  const { database, setPercent } = await createSqlRamp()
  await setPercent(100)
  const entry = new URL('../../../src/client/postgres.ts', import.meta.url).href
  const script = `
    import postgres from ${JSON.stringify(import.meta.resolve('postgres'))}
    import { createJiti } from ${JSON.stringify(import.meta.resolve('jiti'))}
    const { crossfade } = await createJiti(import.meta.url).import(${JSON.stringify(entry)})
    const sql = crossfade(postgres(${JSON.stringify(database.url)}, { idle_timeout: 1 }))
    while (sql.crossfade.stats().percent !== 100) await sql\`select 1\`
    await new Promise((resolve) => setTimeout(resolve, 500))
    console.log((await sql\`select side from posts where id = 1\`)[0].side)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 60_000,
  })
  expect(stdout.trim()).toBe('new')
}, 90_000)
