import net from 'node:net'
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { translateConnectError } from '../../src/db/connect-errors.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { listenBetween } from '../support/network.ts'
import { startTransactionPooler } from './transaction-pooler.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

test('gives sessions with settings of their own', async () => {
  const db = await connect(database.url, { applicationName: 'verify' })
  try {
    expect(db.serverVersion).toBeGreaterThanOrEqual(150000)
    expect(db.name).toBe(database.name)
    expect(db.transactionPooler).toBe(false)
    const session = await db.session()
    for (const one of [db.pool, session]) {
      const { rows } = await one.query(/* sql */ `
        select current_setting('application_name') as name, current_setting('search_path') as path,
               current_setting('TimeZone') as zone, current_setting('row_security') as rls`)
      expect(rows[0]).toEqual({ name: 'crossfade verify', path: 'pg_catalog, pg_temp', zone: 'UTC', rls: 'off' })
    }
  } finally {
    await db.close()
    await db.close()
  }
})

test('a session that the server ends is an error of the next statement, and of nothing else', async () => {
  const db = await connect(database.url)
  try {
    const session = await db.session()
    const { rows } = await session.query('select pg_backend_pid() as pid')
    await db.query('select pg_terminate_backend($1, 5000)', [rows[0].pid])
    await expect(session.query('select 1')).rejects.toThrow()
    const sleeping = db.query('select pg_terminate_backend(pg_backend_pid()), pg_sleep(1)')
    await expect(sleeping).rejects.toMatchObject({ code: 'connection_lost', exitCode: 3 })
    await expect(db.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] })
  } finally {
    await db.close()
  }
})

test('refuses a pooler in transaction mode, unless no session is needed', async () => {
  const pooler = await startTransactionPooler(database.url)
  try {
    await expect(connect(pooler.url)).rejects.toMatchObject({ code: 'transaction_pooler', exitCode: 3 })
    const db = await connect(pooler.url, { session: false })
    expect(db.transactionPooler).toBe(true)
    await expect(db.session()).rejects.toMatchObject({ code: 'transaction_pooler' })
    const { rows } = await db.query<{ path: string }>(`select current_setting('search_path') as path`)
    expect(rows[0]?.path).not.toContain('pg_catalog')
    await db.close()
  } finally {
    await pooler.close()
  }
})

test('says what is wrong with the way to the server, and never the password', async () => {
  const url = (parts: Partial<URL>) => Object.assign(new URL(database.url), parts).href
  const secret = decodeURIComponent(new URL(database.url).password) || 's3cret'
  const closed = await freePort()
  const cases: [string, string][] = [
    [url({ port: String(closed) }), 'unreachable'],
    [url({ hostname: 'no-such-host.invalid' }), 'host_unknown'],
    [url({ pathname: '/no_such_database' }), 'database_missing'],
    [url({ username: 'no_such_role' }), 'auth_failed'],
    [url({ search: '?sslmode=no-verify' }), 'tls_refused'],
    ['', 'database_url'],
    ['host=db password=s3cret', 'database_url'],
    ['mysql://bob:s3cret@db/app', 'database_url'],
    ['postgres://bob:12/s3cret@db/app', 'database_url'],
    ['postgres://bob:x#s3cret@db/app', 'database_url'],
  ]
  for (const [wrong, code] of cases) {
    const error = await connect(wrong).catch((reason) => reason)
    expect(error, wrong).toMatchObject({ code, exitCode: code === 'database_url' ? 2 : 3, hint: expect.any(String) })
    expect(`${error.message}${error.hint}`).not.toContain('s3cret')
    expect(`${error.message}${error.hint}`).not.toContain(secret)
  }
})

test('refuses a server that only reads', async () => {
  await database.query(`alter database "${database.name}" set default_transaction_read_only = on`)
  await expect(connect(database.url)).rejects.toMatchObject({ code: 'read_only', exitCode: 3 })
  const db = await connect(database.url, { readOnly: true })
  await db.close()
  const admin = await connect(database.url, { readOnly: true })
  await admin.query(`begin read write; alter database "${database.name}" reset default_transaction_read_only; commit`)
  await admin.close()
})

test.each([
  ['28000', 'no pg_hba.conf entry for host "::1", user "bob", database "app", no encryption', 'tls_required'],
  ['28P01', 'password authentication failed for user "bob"', 'auth_failed'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate in certificate chain', 'tls_certificate'],
  ['53300', 'sorry, too many clients already', 'too_many_connections'],
  ['42501', 'permission denied for database "app"', 'privilege_missing'],
  ['XX000', 'Tenant or user not found', 'auth_failed'],
  ['57P03', 'the database system is starting up', 'unreachable'],
  ['', 'something new password=s3cret', 'connect_failed'],
])('translates %s %s', (code, message, expected) => {
  const target = { host: 'db', port: 5432, user: 'bob', database: 'app' }
  const error = translateConnectError(Object.assign(new Error(message), { code }), target)
  expect(error).toMatchObject({ code: expected, exitCode: 3 })
  expect(error.hint).toBeTruthy()
  expect(error.message).not.toContain('s3cret')
})

async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as net.AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

test('a pooler that gives no further connection is told from a server that is not there', async () => {
  const url = new URL(inject('serverUrl'))
  url.port = String(await listenBetween(Number(url.port), { delayMs: 0, atMost: 2 }))
  const db = await connect(url.href, { timeoutMs: 500 })
  onTestFinished(() => db.close())
  await Promise.all([db.session(), db.session()])
  await expect(db.session()).rejects.toMatchObject({
    code: 'no_free_connection',
    message: expect.stringContaining('gives no further connection; this run has 2'),
  })
  await expect(db.query('select 1')).rejects.toMatchObject({ code: 'no_free_connection' })
})
