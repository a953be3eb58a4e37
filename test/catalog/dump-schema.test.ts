import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { dumpSchema } from '../../src/catalog/dump-schema.ts'
import { DatabaseError, UsageError } from '../../src/lib/errors.ts'
import { ident, literal } from '../../src/lib/sql.ts'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'

const schemas = ['public', 'Odd "schema*.']
const role = `dump "reader" ${process.pid}`
let database: TestDatabase
let empty: TestDatabase

beforeAll(async () => {
  ;[database, empty] = await Promise.all([createTestDatabase(), createTestDatabase()])
  const source = await readFile(new URL('./dump-schema.sql', import.meta.url), 'utf8')
  await database.query(`CREATE ROLE ${ident(role)}`)
  await database.query(source.replaceAll(/\bdump_reader\b(?= (USING|WITH GRANT)|;)/g, ident(role).text))
})

afterAll(async () => {
  // The role can only go once nothing names it any more.
  const url = empty.url
  await empty.query(`DROP OWNED BY ${ident(role)}`)
  await database.query(`DROP OWNED BY ${ident(role)}`)
  await database.drop()
  await runOn(url, `DROP ROLE ${ident(role)}`)
  await empty.drop()
})

afterEach(() => vi.unstubAllEnvs())

describe('dumpSchema', () => {
  it('gives SQL that builds the same schemas on an empty database, without pg_dump', async () => {
    vi.stubEnv('PATH', '')
    const dump = await dumpSchema(database.url, { schemas, excludeTables: ['left_out'] })
    await runOn(empty.url, dump)
    expect(await dumpSchema(empty.url, { schemas, excludeTables: ['left_out'] })).toBe(dump)
    expect(dump).toContain('\\restrict this line is data\n\\unrestrict and so is this\nSET transaction_timeout = 0;')
    expect(dump).toContain(`'a\\b''c\n\\restrict no command'`)
    expect(dump).toContain('CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA ext')
    expect(dump).toContain(`GRANT UPDATE(quality) ON TABLE public.post TO ${ident(role)}`)
    expect(dump).not.toContain('left_out')
    expect(dump).not.toContain('OWNER TO')
    const outside = dump.replaceAll(/(\$_\$|\$body\$)[\s\S]*?\1|'(?:[^']|'')*'/g, '')
    expect(outside).not.toMatch(/^\\/m)
    if (Number(/version (\d+)/.exec(dump)?.[1]) < 17) expect(outside).not.toContain('transaction_timeout')
  })

  it('keeps owners when asked', async () => {
    vi.stubEnv('PATH', '')
    expect(await dumpSchema(database.url, { schemas, owner: true })).toContain('ALTER TABLE public.post OWNER TO ')
  })

  it('connects with a password of odd characters', async () => {
    vi.stubEnv('PATH', '')
    const password = `p@s/s:w%r'd#?& "ü\\`
    await database.query(`ALTER ROLE ${ident(role)} LOGIN PASSWORD ${literal(password)}`)
    const url = new URL(database.url)
    url.username = encodeURIComponent(role)
    url.password = encodeURIComponent(password)
    // This role may not lock every table, and gets as far as that.
    await expect(dumpSchema(url.href, { schemas })).rejects.toThrow(/permission denied/)
  })

  it('says which schema is missing', async () => {
    const attempt = dumpSchema(database.url, { schemas: ['public', 'no " such'] })
    await expect(attempt).rejects.toBeInstanceOf(UsageError)
    await expect(attempt).rejects.toThrow('has no schema "no "" such"')
  })

  it('gives up on a table that somebody holds', async () => {
    vi.stubEnv('PATH', '')
    const holder = await database.pool.connect()
    try {
      await holder.query('BEGIN; LOCK TABLE public.author IN ACCESS EXCLUSIVE MODE')
      await expect(dumpSchema(database.url, { schemas })).rejects.toThrow(
        /pg_dump failed: query failed: ERROR: {2}canceling statement due to statement timeout\.$/,
      )
    } finally {
      await holder.query('ROLLBACK')
      holder.release()
    }
  })
})

describe('dumpSchema with a pg_dump on PATH', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'crossfade-pg-dump-'))
    const script = `#!${process.execPath}
if (process.argv[2] === '--version') console.log('pg_dump (PostgreSQL) 99.1')
else if (process.env.PGDATABASE === 'fails') process.exit(1)
else console.log('-- ' + JSON.stringify({ args: process.argv.slice(2), env: process.env }))
`
    await writeFile(join(folder, 'pg_dump'), script)
    await chmod(join(folder, 'pg_dump'), 0o755)
  })
  afterAll(() => rm(folder, { recursive: true }))

  it.skipIf(process.platform === 'win32')(
    'hands it the connection in its environment, nothing as argument',
    async () => {
      vi.stubEnv('PATH', [folder, dirname(process.execPath)].join(delimiter))
      vi.stubEnv('PGSERVICE', 'elsewhere')
      const url = new URL(database.url)
      const { args, env } = JSON.parse(/^-- (.*)/m.exec(await dumpSchema(url.href, { schemas }))?.[1] ?? '')
      expect(args).toContain('--schema="Odd ""schema*."')
      expect(args.join(' ')).not.toContain(url.host)
      expect(env).toMatchObject({ PGHOST: url.hostname, PGPORT: url.port, PGDATABASE: url.pathname.slice(1) })
      expect(env.PGPASSWORD ?? '').toBe(decodeURIComponent(url.password))
      expect(env).not.toHaveProperty('PGSERVICE')
    },
  )

  it.skipIf(process.platform === 'win32')('goes on without it where it fails', async () => {
    vi.stubEnv('PATH', [folder, dirname(process.execPath)].join(delimiter))
    await writeFile(join(folder, 'pg_dump'), `#!/bin/sh\n[ "$1" = --version ] && echo 'pg_dump (PostgreSQL) 99.1'\n`)
    expect(await dumpSchema(database.url, { schemas })).toContain('CREATE TABLE public.post')
  })
})

describe('dumpSchema without a database', () => {
  it.each([
    ['postgresql://nobody:secret@127.0.0.1:1/none', DatabaseError, /nothing listens there/],
    ['postgresql://u:sec/ret@half/none', UsageError, /not a URL/],
  ])('%s', async (url, kind, message) => {
    const error: unknown = await dumpSchema(url, { schemas: ['public'] }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(kind)
    expect((error as Error).message).toMatch(message)
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('sec')
  })

  it('says what is wrong with the user', async () => {
    const url = new URL(database.url)
    url.username = 'no_such_role'
    await expect(dumpSchema(url.href, { schemas })).rejects.toBeInstanceOf(DatabaseError)
  })

  it('rejects when the server goes away in the middle', async () => {
    vi.stubEnv('PATH', '')
    const proxy = await openProxy(new URL(database.url), 20_000)
    const url = new URL(database.url)
    url.host = `127.0.0.1:${proxy.port}`
    try {
      await expect(dumpSchema(url.href, { schemas })).rejects.toMatchObject({ code: 'connection_lost' })
    } finally {
      proxy.server.close()
    }
  })
})

/** Passes on what a client and the server say, and hangs up after so many bytes of the server's. */
async function openProxy(target: URL, bytes: number): Promise<{ server: Server; port: number }> {
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    let left = bytes
    client.pipe(upstream)
    client.on('error', () => {})
    upstream.on('error', () => client.destroy())
    upstream.on('data', (chunk) => {
      left -= chunk.length
      if (left > 0) return client.write(chunk)
      upstream.destroy()
      return client.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as { port: number }).port }
}

async function runOn(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}
