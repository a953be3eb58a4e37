import { expect, test } from 'vitest'
import { redact } from '../../src/lib/redact.ts'

test.each([
  ['postgres://bob:s3cret@db:5432/app', 'postgres://bob:***@db:5432/app'],
  ['at postgresql://bob:s3/c@r?et#@db/app failed', 'at postgresql://bob:***@db/app failed'],
  ['"postgres://:s3cret@db/app"', '"postgres://:***@db/app"'],
  ['https://bob:s3cret@host/path?mail=a@b.c', 'https://bob:***@host/path?mail=a@b.c'],
  ['host=db password=s3cret dbname=app', 'host=db password=*** dbname=app'],
  ["host=db password = 's3 \\' cret' dbname=app", 'host=db password = *** dbname=app'],
  ['PGPASSWORD=s3cret psql', 'PGPASSWORD=*** psql'],
  ['postgres://db/app?user=bob&password=s3cret&x=1', 'postgres://db/app?user=bob&password=***&x=1'],
  ['{"password":"s3cret","x":1}', '{"password":"***","x":1}'],
  ["create role bob password 's3''cret' login", "create role bob password '***' login"],
  ['password authentication failed for user "bob"', 'password authentication failed for user "bob"'],
  ['postgres://bob@db/app', 'postgres://bob@db/app'],
])('%s', (text, safe) => {
  expect(redact(text)).toBe(safe)
})

test('hides given secrets, the longest first', () => {
  expect(redact('abc and abcdef', ['abc', 'abcdef', ''])).toBe('*** and ***')
})
