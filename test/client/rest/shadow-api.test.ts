import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@supabase/supabase-js'
import { expect, onTestFinished, test, vi } from 'vitest'
import { crossfade } from '../../../src/client/supabase.ts'
import { shadowReads } from '../../../src/client/supabase-shadow.ts'
import { merge } from '../../../src/spec/config.ts'
import { createProject } from '../../lifecycle/project.ts'
import { signToken, startApi } from './api.ts'

const POLICY = `for select to anon, authenticated using (owner = current_setting('request.jwt.claims', true)::json->>'sub')`

const OLD = /* sql */ `
  do $$ declare r text; begin
    foreach r in array '{anon,authenticated,service_role}'::text[] loop
      begin execute format('create role %I', r); exception when duplicate_object or unique_violation then null; end;
    end loop; end $$;
  alter role service_role bypassrls;
  create table drafts (id int primary key, owner text not null, title text);
  insert into drafts select n, case when n % 2 = 0 then 'alice' else 'bob' end, 'title ' || n from generate_series(1, 20) as n;
  alter table drafts enable row level security;
  create policy seen on drafts ${POLICY};
  grant usage on schema public to anon, authenticated, service_role;
  grant select on drafts to anon, authenticated, service_role;`

const NEW = /* sql */ `
  create table posts (id int primary key, owner text not null, title text);
  alter table posts enable row level security;
  create policy seen on posts ${POLICY};`

test('reads over the API are compared under the caller’s token, and told with the service key alone', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => void vi.restoreAllMocks())
  const { commands, query, url } = await createProject({
    oldSql: OLD,
    newSql: NEW,
    tables: { posts: merge({ key: 'id', sources: { drafts: {} } }) },
  })
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  const api = await startApi(url)
  onTestFinished(() => api.close())
  const [anon, service] = [signToken({ role: 'anon' }), signToken({ role: 'service_role' })]
  const alice = signToken({ role: 'authenticated', sub: 'alice' })
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  const shadow = shadowReads({ sample: 1, againAfterMs: 50, serviceKey: service, warn })
  const fetch = crossfade({ url: api.url, key: anon, pollMs: 500, warn, shadow })
  const client = createClient(api.url, anon, { global: { fetch, headers: { Authorization: `Bearer ${alice}` } } })
  const read = async () => (await client.from('drafts').select('id, title').order('id')).data

  // Until the state is known, and each read again, since a poll may come late on a busy machine.
  await expect.poll(() => read().then(() => shadow.stats().same)).toBeGreaterThan(0)
  expect(await read()).toHaveLength(10)
  expect(shadow.stats().different).toBe(0)

  // What only bob may see differs, and alice's token sees nothing of it.
  await query(`create or replace view crossfade_compat.drafts with (security_invoker) as
    select id, owner, case when owner = 'bob' then 'other' else title end as title from new_schema.posts`)
  const before = shadow.stats().same
  await expect.poll(() => read().then(() => shadow.stats().same)).toBeGreaterThan(before)
  expect(shadow.stats().different).toBe(0)
  await query(`create or replace view crossfade_compat.drafts with (security_invoker) as
    select id, owner, upper(title) as title from new_schema.posts`)
  await expect.poll(() => read().then(() => shadow.stats().different)).toBeGreaterThan(0)

  const told = () => query(`select kind, column_name, tables, statement, example from crossfade.mismatch`)
  for (const token of [anon, alice]) {
    const refused = await globalThis.fetch(`${api.url}/rest/v1/rpc/crossfade_record_reads`, {
      method: 'POST',
      headers: {
        apikey: anon,
        Authorization: `Bearer ${token}`,
        'Content-Profile': 'crossfade_compat',
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ report: JSON.stringify({ counts: { same: 1 } }) }),
    })
    expect(await refused.text()).toContain('42501')
  }
  expect(await query('select * from crossfade.shadow_count')).toEqual([])
  await shadow.flush()
  expect(await told()).toEqual([
    {
      ...{ kind: 'values', column_name: 'title', tables: ['drafts'], statement: 'drafts?select=id,title&order=id.asc' },
      example: '7 characters, then 7 characters: the same but for case',
    },
  ])
  expect(await query(`select side, shadow from crossfade.metrics order by shadow, side`)).toEqual([
    { side: 'old', shadow: false },
    { side: 'new', shadow: true },
    { side: 'old', shadow: true },
  ])
  expect(warnings).toEqual([])

  // What is still on its way would open a connection behind the test.
  let seen = -1
  while (seen !== api.log.length) {
    seen = api.log.length
    await sleep(500)
  }
}, 120_000)
