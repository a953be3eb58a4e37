import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { checkFrontDoor } from '../../src/check/check-front-door.ts'
import type { Found } from '../../src/check/finding.ts'
import { tryFrontDoor } from '../../src/check/front-door.ts'
import { readBuiltState } from '../../src/control/state.ts'
import { tryDesign } from '../../src/lifecycle/design.ts'
import { merge } from '../../src/spec/config.ts'
import { signToken, startApi } from '../client/rest/api.ts'
import { createProject } from '../lifecycle/project.ts'

const ROLES = ['anon', 'service_role', 'nobody_else']
  .map(
    (role) => `do $$ begin create role ${role}; exception when duplicate_object or unique_violation then null; end $$;`,
  )
  .join('\n')
const OLD = `${ROLES}
  create table drafts (id int primary key, title text); create table "Let""ters" (id int primary key, words text);
  grant usage on schema public to anon, service_role, nobody_else;
  grant select on drafts to anon; grant select, insert, update, delete on drafts, "Let""ters" to service_role;
  insert into drafts values (1, 'a'); insert into "Let""ters" values (2, 'b');`
const NEW = `create table posts (id int primary key, title text); create table "Ma il" ("I d" int primary key, words text);`
const TABLES = {
  posts: merge({ key: 'id', sources: { drafts: {} } }),
  'Ma il': merge({ key: 'I d', sources: { 'Let"ters': { key: 'id' } } }),
}
const signal = new AbortController().signal
const NOW = { signal, patienceMs: 0 }

const idsOf = (found: readonly Found[]) => found.map(({ id }) => id.join('.'))
const about = (found: readonly Found[], id: string) => {
  const one = found.find((each) => each.id.join('.') === id)
  return `${one?.what} → ${one?.advice}`
}

test('each cause is told apart with its cure, before build, after it and after move; and no row is written', async () => {
  const { project, commands, query, url, climb } = await createProject({ oldSql: OLD, newSql: NEW, tables: TABLES })
  // The API says there what it answers anyhow.
  const log = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => log.mockRestore())
  const session = new pg.Client({ connectionString: url })
  await session.connect()
  const api = await startApi(url, ['public'])
  onTestFinished(async () => {
    await api.close()
    await session.end()
  })
  const key = signToken({ role: 'service_role' })
  const { mapping } = await tryDesign(session, project)
  const check = (role?: string) =>
    checkFrontDoor(session, mapping, { url: api.url, key: role ? signToken({ role }) : key }, NOW)

  const before = await check()
  expect(idsOf(before)).toEqual(['front-door.crossfade_compat.not-exposed', 'front-door.new_schema.not-exposed'])
  expect(before.map(({ severity }) => severity)).toEqual(['decide', 'note'])
  expect(about(before, 'front-door.crossfade_compat.not-exposed')).toMatch(
    /no read over it can come from the new tables → Before crossfade reads: Supabase: .* add crossfade_compat; .*"public, crossfade_compat"/,
  )
  expect(about(before, 'front-door.new_schema.not-exposed')).toContain('Nothing, since move brings')

  await commands.approve('design')
  api.expose(['public', 'crossfade_compat', 'new_schema'])
  expect(idsOf(await check())).toEqual(['front-door.crossfade_compat.tried', 'front-door.new_schema.tried'])
  await commands.build()
  const stale = await check()
  expect(idsOf(stale)).toContain('front-door.crossfade_compat.stale')
  expect(about(stale, 'front-door.crossfade_compat.stale')).toMatch(/drafts.* → NOTIFY pgrst, 'reload schema'/)

  await api.reload()
  const built = await check()
  expect(idsOf(built)).toEqual(['front-door.crossfade_compat.tried', 'front-door.new_schema.no-grant'])
  expect(about(built, 'front-door.crossfade_compat.tried')).toMatch(
    /as service_role: call of crossfade_state, select of /,
  )
  expect(about(built, 'front-door.new_schema.no-grant')).toMatch(
    /permission denied for schema new_schema → Nothing, since .*GRANT USAGE ON SCHEMA "new_schema" TO "service_role";/,
  )
  await query('grant usage on schema new_schema to service_role')
  const open = await check()
  expect(idsOf(open)).toEqual([
    'front-door.crossfade_compat.tried',
    'front-door.new_schema.no-grant',
    'front-door.new_schema.tried',
  ])
  expect(about(open, 'front-door.new_schema.no-grant')).toMatch(/insert, update, delete of Ma il, posts/)
  expect(about(open, 'front-door.new_schema.tried')).toMatch(/select of Ma il, posts/)
  await query('grant insert, update, delete on all tables in schema new_schema to service_role')
  const closed = await check()
  expect(idsOf(closed)).toEqual(['front-door.crossfade_compat.tried', 'front-door.new_schema.tried'])
  expect(about(closed, 'front-door.new_schema.tried')).toMatch(/writes to Ma il, posts are refused, as they should be/)

  // anon reads drafts alone, by both names; a stranger reads nothing.
  expect(idsOf(await check('anon'))).toEqual(['front-door.crossfade_compat.tried', 'front-door.new_schema.no-grant'])
  expect(idsOf(await check('nobody_else'))).toEqual(['front-door.new_schema.no-grant'])
  await query('grant select on drafts to nobody_else')
  expect(about(await check('nobody_else'), 'front-door.crossfade_compat.no-grant')).toMatch(
    /GRANT USAGE ON SCHEMA "crossfade_compat" TO "nobody_else"; GRANT SELECT ON "crossfade_compat"\."drafts", "new_schema"\."posts"/,
  )
  await query('revoke select on drafts from nobody_else')
  await commands.approve('build')
  await climb()
  const rows = `select (select count(*) from drafts) + (select count(*) from "Let""ters") as n`
  expect(await query(rows)).toEqual([{ n: '2' }])
  expect((await readBuiltState(session)).stage).not.toBe('build')
  expect(idsOf(await check())).toContain('front-door.crossfade_compat.tried')
}, 120_000)

type Reply = (request: IncomingMessage, response: ServerResponse) => unknown

/** An API that answers by hand. */
async function serve(reply: Reply): Promise<string> {
  const server = createServer(reply)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const saying =
  (status: number, body: unknown): Reply =>
  (_, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  }
const DOOR = { schema: 's', relations: [{ name: 'a', column: 'b', acts: ['select' as const] }], call: null }
const KEY = 'sb_secret_Ungues5able'

test.each<[what: string, reply: Reply, failure: object | null, outcome?: object]>([
  ['a page of HTML', saying(404, '<html>'), { is: 'unreachable', message: expect.stringMatching(/HTTP 404, and no/) }],
  ['the gateway’s word for a wrong key', saying(401, { message: `Invalid ${KEY}` }), { is: 'key' }],
  ['an expired token', saying(401, { code: 'PGRST303', message: 'JWT expired' }), { is: 'key' }],
  ['no database behind it', saying(503, { code: 'PGRST001', message: 'no connection' }), { is: 'unreachable' }],
  ['a connection that breaks', (request) => request.destroy(), { is: 'unreachable' }],
  [
    'older words for a schema',
    saying(406, { code: 'PGRST106', message: 'The schema must be one of the following: public, b' }),
    null,
    { is: 'not exposed', shown: 'public, b' },
  ],
  [
    'a missing right',
    saying(401, { code: '42501', message: 'permission denied for table a' }),
    null,
    { is: 'no grant' },
  ],
  ['a column that the API does not know', saying(400, { code: 'PGRST204', message: 'x' }), null, { is: 'stale' }],
  [
    'something else',
    saying(400, { code: 'PGRST100', message: KEY }),
    null,
    { is: 'refused', message: 'select: *** (PGRST100)' },
  ],
])('%s', async (_what, reply, failure, outcome) => {
  const tried = await tryFrontDoor({ url: await serve(reply), key: KEY }, [DOOR], NOW)
  expect(tried.role).toBe('service_role')
  if (failure === null) expect(tried.failure).toBe(null)
  else expect(tried.failure).toMatchObject(failure)
  expect(tried.tries).toMatchObject(outcome === undefined ? [] : [{ outcome }])
  expect(JSON.stringify(tried)).not.toContain(KEY)
})

test('no act can leave a row or change one', async () => {
  const seen: string[] = []
  const url = await serve(async (request, response) => {
    const { apikey, authorization = '-' } = request.headers
    let body = ''
    for await (const chunk of request) body += chunk
    seen.push(`${request.method} ${decodeURIComponent(request.url ?? '')} ${apikey} ${authorization} ${body}`)
    response.end('[]')
  })
  const acts = ['select', 'insert', 'update', 'delete'] as const
  await tryFrontDoor(
    { url: `${url}/`, key: KEY },
    [{ schema: 's', relations: [{ name: 'a b', column: 'c"d', acts }], call: null }],
    NOW,
  )
  expect(seen).toEqual([
    `GET /rest/v1/a b?limit=0 ${KEY} - `,
    `POST /rest/v1/a b ${KEY} - {"c\\"d":null}`,
    `PATCH /rest/v1/a b?"c\\"d"=is.null ${KEY} - {"c\\"d":null}`,
    `DELETE /rest/v1/a b?"c\\"d"=is.null ${KEY} - `,
  ])
})

test('a schema that is not shown is asked for once', async () => {
  const reply = vi.fn<Reply>(saying(406, { code: 'PGRST106', message: 'x' }))
  const relations = ['a', 'b'].map((name) => ({ name, column: null, acts: ['select' as const] }))
  const { tries } = await tryFrontDoor({ url: await serve(reply), key: KEY }, [{ ...DOOR, relations }], NOW)
  expect(tries).toMatchObject([{ outcome: { is: 'not exposed', shown: '' } }])
  expect(reply).toHaveBeenCalledTimes(1)
})

test('the key follows no redirection', async () => {
  const elsewhere = vi.fn<Reply>((_, response) => response.end('[]'))
  const there = await serve(elsewhere)
  const url = await serve((_, response) => response.writeHead(307, { location: there }).end())
  const { failure } = await tryFrontDoor({ url, key: KEY }, [DOOR], NOW)
  expect(failure).toEqual({ is: 'unreachable', message: 'HTTP 307, and no answer of PostgREST' })
  expect(elsewhere).not.toHaveBeenCalled()
})

test('an API that has not heard of a table yet is asked again, as long as there is patience', async () => {
  let asked = 0
  const url = await serve((request, response) => {
    asked += 1
    saying(asked < 4 ? 404 : 200, asked < 4 ? { code: 'PGRST205', message: 'x' } : [])(request, response)
  })
  const { tries } = await tryFrontDoor({ url, key: KEY }, [DOOR], { signal, patienceMs: 60_000 })
  expect(tries).toMatchObject([{ outcome: { is: 'ok' } }])
  expect(asked).toBe(4)
})
