import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckReport } from '../../src/check/check-report.ts'
import { type Server, startServer } from '../../src/embedded/server.ts'
import { fastSettings } from '../../src/embedded/settings.ts'
import { merge } from '../../src/spec/config.ts'
import { findingOf, runCheck } from './run-check.ts'

/** Of its own: roles are the whole server's. */
let server: Server
let client: pg.Client
let withoutApi: CheckReport

const checked = {
  ddl: 'create table remarks (id int primary key); create table replies (id int primary key, remark int references remarks)',
  config: {
    tables: {
      remarks: merge({ key: 'id', sources: { notes: {} } }),
      replies: merge({ key: 'id', sources: { answers: {} } }),
    },
  },
}
const OLD_SQL = 'create table notes (id int primary key); create table answers (id int primary key, remark int)'

beforeAll(async () => {
  server = await startServer({ settings: fastSettings })
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(OLD_SQL)
  withoutApi = await runCheck(server.url, checked)
  await client.query(`
    create role anon; create role authenticator login;
    create publication supabase_realtime for table notes, answers;
    create function watch() returns event_trigger language plpgsql as $$ begin notify pgrst, 'reload schema'; end $$`)
})

afterAll(async () => {
  await client.end()
  await server.stop()
})

function aboutApi(report: CheckReport) {
  return report.findings.filter(({ id }) => /^(api|realtime)\./.test(id))
}

test('without PostgREST there is nothing to say', () => {
  expect(aboutApi(withoutApi)).toEqual([])
})

test('what the API shows from move on, that it has to be told, and what realtime does not send', async () => {
  const report = await runCheck(server.url, checked)
  expect(aboutApi(report).map(({ id, severity }) => `${severity} ${id}`)).toEqual([
    'note api.schema',
    'note api.compat',
    'note api.embeds',
    'note realtime.answers',
    'note realtime.notes',
  ])
  const { what, advice } = findingOf(report, 'api.schema')
  expect(what).toContain('(anon, authenticator): from move on it shows remarks, replies there')
  expect(advice).toContain("NOTIFY pgrst, 'reload schema'")
  expect(findingOf(report, 'api.compat').advice).toMatch(/Exposed schemas: add crossfade_compat/)
  expect(findingOf(report, 'realtime.notes').advice).toContain(
    'ALTER PUBLICATION supabase_realtime ADD TABLE "public"."remarks",',
  )
})

test('an event trigger that tells the API, and a disabled one that does not', async () => {
  await client.query('create event trigger pgrst_ddl_watch on ddl_command_end execute function watch()')
  expect(findingOf(await runCheck(server.url, checked), 'api.schema').advice).toContain('Nothing: the event trigger')
  await client.query('alter event trigger pgrst_ddl_watch disable')
  expect(findingOf(await runCheck(server.url, checked), 'api.schema').advice).toContain('NOTIFY pgrst')
})

test('an API of another schema; the setting of this database counts, and no other setting is read', async () => {
  await client.query(`alter role authenticator set pgrst.db_schemas = 'public, api'`)
  expect(findingOf(await runCheck(server.url, checked), 'api.compat').advice).toContain(
    '"public, api, crossfade_compat"',
  )
  await client.query(`alter role authenticator set pgrst.db_schemas = 'public, crossfade_compat'`)
  const shown = aboutApi(await runCheck(server.url, checked))
  expect(shown.map(({ id }) => id)).not.toContain('api.compat')
  await client.query(`alter role authenticator set pgrst.jwt_secret = 'hidden'`)
  expect(findingOf(await runCheck(server.url, checked), 'api.schema').what).toContain('there is an API')
  await client.query(`alter role authenticator in database postgres set pgrst.db_schemas = 'api, graphql_public'`)
  const report = await runCheck(server.url, checked)
  expect(findingOf(report, 'api.schema').what).toContain('the API shows api, graphql_public, so it')
  expect(JSON.stringify(report)).not.toContain('hidden')
  expect(report.findings.some(({ id }) => id === 'api.embeds')).toBe(false)
})
