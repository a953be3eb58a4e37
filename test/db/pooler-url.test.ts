import { expect, test } from 'vitest'
import { readPoolerUrl } from '../../src/db/pooler-url.ts'

test.each([
  [
    'postgres://postgres.abc:p%40ss@aws-0-eu.pooler.supabase.com:6543/postgres?pgbouncer=true&x=1',
    'postgres://postgres.abc:p%40ss@aws-0-eu.pooler.supabase.com:5432/postgres?x=1',
    'port 5432 in place of 6543',
  ],
  [
    'postgres://u:p@db.abc.supabase.co:6543/postgres',
    'postgres://u:p@db.abc.supabase.co:5432/postgres',
    'port 5432 in place of 6543',
  ],
  [
    'postgresql://u:p@ep-x-1-pooler.eu.aws.neon.tech/app?sslmode=require',
    'postgresql://u:p@ep-x-1.eu.aws.neon.tech/app?sslmode=require',
    'ep-x-1.eu.aws.neon.tech as the host',
  ],
  ['postgres://u:p@db.internal:5433/app?pgbouncer=true', null, null],
])('%s is a pooler in transaction mode', (url, session, how) => {
  expect(readPoolerUrl(url)).toEqual({ session, how })
})

test.each([
  'postgres://u:p@aws-0-eu.pooler.supabase.com:5432/postgres',
  'postgres://u:p@db.internal:6543/app',
  'postgres://u:p@ep-x-1.eu.aws.neon.tech/app',
  'postgres://u:p@h/app?pgbouncer=false',
  'postgres://u@/app?host=/run/postgresql',
  '/run/postgresql app',
])('%s looks like none', (url) => {
  expect(readPoolerUrl(url)).toBe(null)
})
