import { expect, test } from 'vitest'
import { hideInInventory, hideInStatement, hideSecrets } from '../../src/snapshot/hide-secrets.ts'

const JWT = `eyJ${'hbGciOiJIUzI1NiJ9'}.eyJ${'yb2xlIjoic2VydmljZSJ9'}.c2lnbmF0dXJl`

test.each([
  [`perform net.http_post('https://x.example', '{"Authorization":"Bearer ${JWT}"}')`, `"Bearer ***"`],
  [`EXECUTE FUNCTION http_request('https://u:s3cr3t@h.example/hook')`, `'https://u:***@h.example/hook'`],
  [`dblink('host=db.example user=u password=s3cr3t')`, `'host=db.example user=u password=***'`],
  [`headers := '{"apikey": "s3cr3t-12345"}'`, `"apikey": "***"`],
  [`'sk_live_${'a1B2'.repeat(6)}'`, `'***'`],
  [`'Basic dXNlcjpzM2NyM3QxMjM='`, `'Basic ***'`],
  [
    `'-----BEGIN RSA PRIVATE KEY-----\ns3cr3t\n-----END RSA PRIVATE KEY-----'`,
    `-----BEGIN RSA PRIVATE KEY-----***-----END`,
  ],
])('%s', (text, shown) => {
  expect(hideSecrets(text)).toContain(shown)
  expect(hideSecrets(text)).not.toMatch(/s3cr3t|eyJ|a1B2|dXNl/)
  expect(hideSecrets(hideSecrets(text))).toBe(hideSecrets(text))
})

test.each([
  `CREATE TABLE users (password text NOT NULL, api_token text DEFAULT 'none', basic public.subscription_tier_2)`,
  `select * from users where "user" = 'x' and password = crypt($1, password)`,
  `CONSTRAINT pk_a_very_long_name_of_a_constraint_1 PRIMARY KEY (id)`,
  `CHECK (url ~ '^https?://[^/:]+(:[0-9]+)?/')`,
  `COMMENT ON TABLE t IS 'Basic authentication is off; see https://docs.example/a:b@c'`,
  `'{"password": "required", "token": null}'`,
  `raise exception 'bearer % is unknown', token`,
])('leaves alone what is no secret: %s', (text) => {
  expect(hideSecrets(text)).toBe(text)
})

test('options of foreign servers, in a dump and in the catalog', () => {
  const dumped = `CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (\n    host 'h',\n    api_key 'it''s',\n    "Access-Key" E'a\\\\b'\n);`
  expect(hideInStatement(dumped, 'CreateForeignServerStmt')).toBe(
    `CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (\n    host 'h',\n    api_key '***',\n    "Access-Key" '***'\n);`,
  )
  const body = `CREATE FUNCTION f() ... $$\n    password 'x'\n$$`
  expect(hideInStatement(body, 'CreateFunctionStmt')).toBe(body)
  const object = { kind: 'foreign server', schema: null, name: 's', of: null }
  const facts = { foreignOptions: ['host=h', 'api_key=it'], owner: 'me' }
  expect(hideInInventory([{ ...object, facts }])).toEqual([
    { ...object, facts: { foreignOptions: ['host=h', 'api_key=***'], owner: 'me' } },
  ])
})
