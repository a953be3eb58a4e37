import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type CrossfadeFetch, type CrossfadeOptions, crossfade } from '../../../src/client/supabase.ts'
import { merge } from '../../../src/spec/config.ts'
import { createProject } from '../../lifecycle/project.ts'
import { type Api, signToken, startApi } from './api.ts'

const POLICY = `for select to anon, authenticated using (public or owner = current_setting('request.jwt.claims', true)::json->>'sub')`

const OLD = /* sql */ `
  do $$ declare r text; begin
    foreach r in array '{anon,authenticated,service_role}'::text[] loop
      begin execute format('create role %I', r); exception when duplicate_object or unique_violation then null; end;
    end loop; end $$;
  alter role service_role bypassrls;
  create table drafts (post_id uuid primary key, owner text not null, public boolean not null, title text, score numeric(6,2), meta jsonb, tags text[], at timestamptz);
  create table scheduled (post_id text primary key, owner text not null, public boolean not null, slot int);
  create table comments (id int primary key, post uuid references drafts, words text);
  insert into drafts select format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, case when n % 2 = 0 then 'alice' else 'bob' end, n % 3 = 0,
      'title, "' || n || '"', n / 7.0, jsonb_build_object('n', n, 'deep', jsonb_build_array(n)), array['a', 'b' || n], timestamptz '2026-01-01' + n * interval '1 hour'
    from generate_series(1, 60) as n;
  insert into scheduled select format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0')), case when n % 2 = 0 then 'alice' else 'bob' end, n % 3 = 0, n from generate_series(40, 80) as n;
  insert into comments select n, format('00000000-0000-4000-8000-%s', lpad(n::text, 12, '0'))::uuid, 'words ' || n from generate_series(1, 20) as n;
  alter table drafts enable row level security; alter table scheduled enable row level security;
  create policy seen on drafts ${POLICY}; create policy seen on scheduled ${POLICY};
  create function public.title_of(id uuid) returns text language sql stable as 'select title from public.drafts where post_id = id';
  grant usage on schema public to anon, authenticated, service_role;
  grant select on drafts, scheduled to anon, authenticated; grant select on comments to anon, authenticated, service_role;
  grant select, insert, update, delete on drafts, scheduled to service_role;`

const NEW = /* sql */ `
  create table posts (post_id uuid primary key, owner text not null, public boolean not null, title text, score numeric(6,2), meta jsonb, tags text[], at timestamptz, slot int);
  alter table posts enable row level security;
  create policy seen on posts ${POLICY};`

const TABLES = {
  posts: merge({ key: 'post_id', sources: { drafts: {}, scheduled: { key: 'post_id::uuid' } } }),
}

const POLL_MS = 500
const ID = '00000000-0000-4000-8000-000000000003'
const NO_ID = '00000000-0000-4000-8000-999999999999'

type Client = Pick<SupabaseClient, 'from' | 'rpc'>

/** What an application asks; each gives the same on both sides, also where it fails. */
const QUERIES: Record<string, (client: Client) => PromiseLike<unknown>> = {
  all: (c) => c.from('drafts').select().order('post_id'),
  columns: (c) =>
    c.from('drafts').select('id:post_id, title, meta->deep, n:meta->>n').order('at', { ascending: false }),
  cast: (c) => c.from('scheduled').select('post_id, slot::text').order('slot'),
  filters: (c) => c.from('drafts').select('title').gte('score', 2).in('owner', ['alice', 'bob']).order('at').limit(7),
  or: (c) => c.from('drafts').select('title').or('score.lt.1,and(owner.eq.bob,score.gt.7)').order('at'),
  not: (c) => c.from('drafts').select('title').or('not.and(owner.eq.bob,score.gt.7),score.gt.8').order('at'),
  contains: (c) => c.from('drafts').select('title').contains('tags', ['b5']),
  count: (c) => c.from('drafts').select('*', { count: 'exact', head: true }),
  range: (c) => c.from('drafts').select('title', { count: 'exact' }).order('at').range(2, 5),
  single: (c) => c.from('drafts').select('title, score').eq('post_id', ID).single(),
  'single of none': (c) => c.from('drafts').select().eq('post_id', NO_ID).single(),
  maybeSingle: (c) => c.from('scheduled').select().eq('post_id', NO_ID).maybeSingle(),
  csv: (c) => c.from('drafts').select('post_id, title').order('post_id').csv(),
  'a column that is not there': (c) => c.from('drafts').select('nothing'),
  embed: (c) => c.from('drafts').select('title, comments(words)').order('post_id'),
  'embed, inner, filtered': (c) => c.from('drafts').select('title, comments!inner(words)').eq('comments.id', 6),
  'another table': (c) => c.from('comments').select().order('id').limit(3),
  rpc: (c) => c.rpc('title_of', { id: ID }),
}

const KEPT_OLD = ['embed', 'embed, inner, filtered']
const REFUSED = ['single of none', 'a column that is not there']
const NOT_MIGRATED = ['another table', 'rpc']

test('supabase-js through a migration: the same answers at every percentage, back at once, no failed request', async () => {
  // The server tells of each failed query.
  vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => void vi.restoreAllMocks())
  const project = await createProject({ oldSql: OLD, newSql: NEW, tables: TABLES })
  const { commands, query } = project
  const api = await startApi(project.url)
  onTestFinished(() => api.close())
  const keys = { anon: signToken({ role: 'anon' }), service: signToken({ role: 'service_role' }) }
  const alice = { Authorization: `Bearer ${signToken({ role: 'authenticated', sub: 'alice' })}` }
  const warnings: string[] = []
  const wrap = (options: Partial<CrossfadeOptions> = {}): CrossfadeFetch =>
    crossfade({ url: api.url, key: keys.anon, pollMs: POLL_MS, warn: (m) => void warnings.push(m), ...options })
  const clientsWith = (fetches: { anon: typeof fetch; service: typeof fetch }): Record<string, Client> => ({
    anon: createClient(api.url, keys.anon, { global: { fetch: fetches.anon } }),
    authenticated: createClient(api.url, keys.anon, { global: { fetch: fetches.anon, headers: alice } }),
    service: createClient(api.url, keys.service, { global: { fetch: fetches.service } }),
  })
  const plain = clientsWith({ anon: fetch, service: fetch })
  const anonFetch = wrap()
  const serviceFetch = wrap({ key: keys.service })
  const routed = clientsWith({ anon: anonFetch, service: serviceFetch })
  const untilPercent = async (percent: number): Promise<void> => {
    const reached = async (): Promise<boolean> => {
      for (const client of Object.values(routed)) await client.from('drafts').select('title').limit(1)
      return anonFetch.crossfade.stats().percent === percent && serviceFetch.crossfade.stats().percent === percent
    }
    await expect.poll(reached, { interval: 30 }).toBe(true)
  }
  const compare = async (onNewSide: boolean): Promise<void> => {
    for (const role of Object.keys(plain)) {
      for (const [name, ask] of Object.entries(QUERIES)) {
        const expected = await ask(plain[role] as Client)
        const read = async (): Promise<string> => {
          api.log.length = 0
          expect({ role, name, answer: await ask(routed[role] as Client) }).toEqual({ role, name, answer: expected })
          const asked = api.log.filter((line) => !line.includes('/rpc/crossfade_state'))
          return asked.map((line) => line.split(' ')[2]).join()
        }
        const stays = !onNewSide || [...KEPT_OLD, ...NOT_MIGRATED].includes(name)
        const side = stays ? 'public' : `crossfade_compat${REFUSED.includes(name) ? ',public' : ''}`
        if (!onNewSide) expect(await read()).toBe(side)
        // On a busy machine a poll may come too late for the state to be trusted; then it reads old.
        else await expect.poll(read, { message: `${name} as ${role}`, interval: 20 }).toBe(side)
      }
    }
  }

  await commands.approve('design')
  // No Crossfade here yet, so to speak: the schema is there, and nothing in it.
  const [before, after] = [plain, routed].map((clients) => QUERIES.all?.(clients.anon as Client))
  expect(await after).toEqual(await before)
  expect(warnings).toEqual([])
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await commands.approve('sync')
  await commands.verify()
  await commands.approve('verify')
  await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  await api.reload()
  await compare(false)

  for (const percent of [1, 10, 25, 50, 100]) await commands.reads(percent)
  await untilPercent(100)
  await compare(true)
  expect(warnings).toEqual([])
  const stats = anonFetch.crossfade.stats()
  expect(stats.fallbacks).toBe(0)
  expect(stats.refusedByBoth).toBeGreaterThanOrEqual(2 * REFUSED.length)
  expect(stats.keptOld.map(({ table, what }) => `${table}: ${what}`)).toEqual([
    'drafts: select=title,comments(words)',
    'drafts: select=title,comments!inner(words)',
  ])

  await abortsOnce(api, routed.anon as Client)
  await writesGoOld(api, routed.service as Client)
  await fallsBack(api, query, routed.anon as Client, anonFetch, warnings)

  // A rollback: how long anybody is on the new side after it.
  const setPercent = (percent: number): Promise<unknown> =>
    query(`update crossfade.migration set stage = 'reads', read_percent = ${percent}; select crossfade.announce()`)
  const failed: unknown[] = []
  let done = false
  onTestFinished(() => {
    done = true
  })
  const read = async (client: Client): Promise<void> => {
    while (!done) {
      const answers = [
        await client.from('drafts').select('title').eq('post_id', ID),
        await client.rpc('title_of', { id: ID }),
      ]
      for (const { error } of answers) if (error !== null) failed.push(error)
      await sleep(5)
    }
  }
  const readers = [...Object.values(routed), ...Object.values(routed)].map(read)
  for (let round = 0; round < 4; round += 1) {
    await setPercent(round === 0 ? 100 : 50)
    await expect.poll(() => anonFetch.crossfade.stats().percent, { interval: 10 }).toBeGreaterThan(0)
    await query('select crossfade.rollback()')
    await sleep(POLL_MS * 1.2 + 250)
    api.log.length = 0
    await sleep(150)
    const late = api.log.filter((line) => line.endsWith('crossfade_compat') && !line.includes('/rpc/crossfade_state'))
    expect(late).toEqual([])
  }
  done = true
  await Promise.all(readers)
  expect(failed).toEqual([])
}, 180_000)

async function abortsOnce(api: Api, client: Client): Promise<void> {
  api.intercept = ({ profile, url }) => profile === 'crossfade_compat' && url.includes('/drafts')
  const abort = async (): Promise<string[]> => {
    api.log.length = 0
    const controller = new AbortController()
    const asked = client.from('drafts').select().limit(1).abortSignal(controller.signal)
    setTimeout(() => controller.abort(), 500)
    const { error } = await asked
    const requests = api.log.filter((line) => line.includes('/drafts')).map((line) => line.split(' ')[2] ?? '')
    return [...requests, error?.message.slice(0, 10) ?? 'answered']
  }
  await expect.poll(abort).toEqual(['crossfade_compat', 'AbortError'])
  api.intercept = null
}

async function writesGoOld(api: Api, client: Client): Promise<void> {
  const row = { post_id: NO_ID, owner: 'carol', public: true, title: 'written' }
  api.log.length = 0
  const inserted = await client.from('drafts').insert(row).select('title').single()
  expect(inserted).toMatchObject({ error: null, data: { title: 'written' } })
  const updated = await client.from('drafts').update({ title: 'changed' }).eq('post_id', NO_ID).select('title')
  expect(updated).toMatchObject({ error: null, data: [{ title: 'changed' }] })
  expect(api.log.filter((line) => !line.startsWith('GET')).map((line) => line.split(' ')[2])).toEqual([
    'public',
    'public',
  ])
  const read = async (): Promise<string | undefined> => {
    const found = await client.from('drafts').select('title').eq('owner', 'carol')
    expect(found).toMatchObject({ data: [{ title: 'changed' }] })
    return api.log
      .filter((line) => line.includes('/drafts'))
      .at(-1)
      ?.split(' ')[2]
  }
  await expect.poll(read).toBe('crossfade_compat')
  await client.from('drafts').delete().eq('post_id', NO_ID)
}

async function fallsBack(
  api: Api,
  query: (text: string) => Promise<unknown>,
  client: Client,
  wrapped: CrossfadeFetch,
  warnings: string[],
): Promise<void> {
  const [view] = (await query(`select pg_get_viewdef('crossfade_compat.drafts'::regclass) as text`)) as {
    text: string
  }[]
  const restore = `create or replace view crossfade_compat.drafts with (security_invoker = true) as ${view?.text};
    grant select on crossfade_compat.drafts to anon, authenticated, service_role; select crossfade.announce()`
  const sides = (): (string | undefined)[] =>
    api.log.filter((line) => line.includes('/drafts')).map((line) => line.split(' ')[2])
  const read = async (select: string): Promise<void> =>
    expect(await client.from('drafts').select(select).eq('post_id', ID)).toMatchObject({ error: null, data: [{}] })
  // Nobody may notice, neither before the state says that the view is gone nor after.
  await query('drop view crossfade_compat.drafts')
  for (let i = 0; i < 5; i += 1) await read('title')
  await expect.poll(() => read('title').then(() => sides().at(-1))).toBe('public')

  await query(`create view crossfade_compat.drafts as select post_id, title from drafts;
    grant select on crossfade_compat.drafts to anon, authenticated, service_role`)
  const before = wrapped.crossfade.stats().fallbacks
  const fallbacks = (): Promise<number> => read('title, owner').then(() => wrapped.crossfade.stats().fallbacks)
  await expect.poll(fallbacks, { interval: 20 }).toBe(before + 1)
  // Asked in vain once, it isn't asked again.
  api.log.length = 0
  await read('title, owner')
  expect(sides()).toEqual(['public'])
  expect(warnings.at(-1)).toMatch(/^crossfade: the new side did not answer a read of drafts \(role anon\).*42703/)
  await query('drop view crossfade_compat.drafts')
  await query(restore)
}
