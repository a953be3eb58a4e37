import pg from 'pg'
import { expect, test } from 'vitest'
import { assertConnectionUrl } from '../../src/db/connection-url.ts'
import { parseVariables, urlOf } from '../../src/db/url-variables.ts'

test('a variable that is missing, empty or blank holds no URL', () => {
  for (const value of [undefined, '', '  ']) expect(urlOf({ DIRECT_URL: value }, 'DIRECT_URL')).toBe(null)
  expect(urlOf({ DIRECT_URL: ' postgres://h/d\n' }, 'DIRECT_URL')).toBe('postgres://h/d')
  expect(urlOf({ PGPORT: '5433' }, 'PGHOST')).toBe(null)
})

test.each([
  [{ PGHOST: 'h' }, { host: 'h' }],
  [
    { PGHOST: 'h', PGPORT: '6000', PGUSER: 'a@b', PGPASSWORD: 'p:/?#@%', PGDATABASE: 'my db' },
    { host: 'h', port: 6000, user: 'a@b', password: 'p:/?#@%', database: 'my db' },
  ],
  [
    { PGHOST: '/run/postgresql', PGUSER: 'me', PGDATABASE: 'd' },
    { host: '/run/postgresql', user: 'me', database: 'd' },
  ],
  [
    { PGHOST: '::1', PGDATABASE: 'd' },
    { host: '::1', database: 'd' },
  ],
  [
    { PGHOST: 'h', PGSSLMODE: 'verify-full' },
    { host: 'h', ssl: {} },
  ],
  [
    { PGHOST: 'h', PGSSLMODE: 'prefer' },
    { host: 'h', ssl: false },
  ],
] as const)('%o of libpq make a URL that pg understands', (variables, parts) => {
  const url = urlOf(variables, 'PGHOST') ?? ''
  expect(() => assertConnectionUrl(url)).not.toThrow()
  const { connectionParameters } = new pg.Client(url) as unknown as { connectionParameters: object }
  expect(connectionParameters).toMatchObject(parts)
})

test('a .env file, with a mark of its bytes, quotes, and variables in variables', () => {
  const own = (name: string): string => `$\{${name}}`
  const url = `postgres://me:${own('DB_PASSWORD')}@${own('HOST')}/${own('NONE')}`
  const text = `\uFEFFDB_PASSWORD="a b"\r\nexport DIRECT_URL=postgres://me@h/d\r\nDATABASE_URL="${url}"\n`
  expect(parseVariables('/x/.env', text, { HOST: 'here' })).toEqual({
    DB_PASSWORD: 'a b',
    DIRECT_URL: 'postgres://me@h/d',
    DATABASE_URL: `postgres://me:a b@here/${own('NONE')}`,
  })
})

test.each([
  ['[api]\nport = 54321\n[db]\n# port = 1\nport = 55322 # mine\nshadow_port = 2\n[db.pooler]\nport = 3\n', 55322],
  ['[api]\nport = 54321\n', 54322],
])('the local database of the Supabase CLI has the port that config.toml says', (text, port) => {
  const url = urlOf(parseVariables('/x/supabase/config.toml', text, {}), 'DATABASE_URL')
  expect(url).toBe(`postgres://postgres:postgres@127.0.0.1:${port}/postgres`)
})
