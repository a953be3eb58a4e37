import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import { merge } from '../../src/spec/config.ts'
import { Commands } from '../scenarios/commands.ts'
import { createProject } from './project.ts'

const SHOP = {
  oldSql: `create table authors (id int primary key);
           create table drafts (id int primary key, slug text unique not null, body text);
           create table posts (id int primary key, slug text unique not null, likes int, author int references authors);
           create table notes (id int primary key, slug text unique, note text);
           create table notes_old (id int primary key, slug text unique, note text);
           create view liked as select slug, likes from posts where likes > 0;
           create table comments (id int primary key, slug text references posts (slug));
           insert into authors values (1);
           insert into drafts select n, 'k' || n, 'body' from generate_series(1, 20) as n;
           insert into posts select n, 'k' || n, n, 1 from generate_series(1, 30) as n`,
  newSql: `create type state as enum ('old', 'new');
           create table post (slug text primary key, body text, likes int, author int references authors, state state default 'new');
           create table note (slug text primary key, note text)`,
  tables: {
    post: merge({ key: 'slug', sources: { posts: {}, drafts: {} } }),
    note: merge({ key: 'slug', sources: { notes: {}, notes_old: {} } }),
  },
}

/** Tables of the application that are locked against writers or readers; what is made in the transaction nobody waits for. */
const HELD = `select distinct c.relname::text as name
                from pg_locks as l join pg_class as c on c.oid = l.relation join pg_namespace as n on n.oid = c.relnamespace
               where l.pid = $1 and l.granted and l.mode in ('ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
                 and n.nspname in ('public', 'new_schema') and c.relkind = 'r'`

test('nobody waits for more than a round trip or two of a command: the network may be slow', async () => {
  const { commands, project, query, url } = await createProject(SHOP)
  // A pool, since the workers of sync send at once.
  const observer = new pg.Pool({ connectionString: url, max: 4 })
  const db = await connect(url)
  onTestFinished(async () => {
    await observer.end()
    await db.close()
  })
  let whileHeld: string[] = []
  const session = async (): Promise<pg.Client> => {
    const client = await db.session()
    const send = client.query.bind(client) as (...values: unknown[]) => Promise<unknown>
    const { processID } = client as unknown as { processID: number }
    client.query = (async (...values: unknown[]) => {
      const { rows } = await observer.query<{ name: string }>(HELD, [processID])
      if (rows.length > 0) whileHeld.push(`${rows.map(({ name }) => name)}: ${String(values[0]).trim().slice(0, 60)}`)
      return await send(...values)
    }) as never
    return client
  }
  const log = createLogger({ stream: { write: () => true } })
  const watched = new Commands({ db: { ...db, session }, project, log, signal: new AbortController().signal })
  const trips: { [command: string]: string[] } = {}
  const count = async (command: string, fn: () => Promise<unknown>): Promise<void> => {
    whileHeld = []
    await fn()
    trips[command] = whileHeld
  }

  await count('approve design', () => watched.approve('design'))
  await count('build', () => watched.build())
  await commands.approve('build')
  await count('sync', () => watched.sync())
  await count('outbox', () => watched.switchMode(['post'], 'outbox'))
  await count('inline', () => watched.switchMode(['post'], 'inline'))
  for (const table of ['drafts', 'posts', 'notes']) await query(`alter table ${table} disable trigger user`)
  await count('repair', () => watched.repair())
  await commands.approve('sync')
  await commands.verify()
  await commands.approve('verify')
  await query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  for (const percent of [1, 10, 25, 50, 100]) await commands.reads(percent)
  await commands.approve('reads')
  await count('move', () => watched.move())
  await count('back', () => watched.rollback())
  await commands.reads(100)
  await commands.approve('reads')
  await count('again', () => watched.move())
  await commands.approve('move')
  await count('approve finish', () => watched.approve('finish'))
  await count('finish', () => watched.finish(1))
  await count('back from finish', () => watched.rollback())
  for (const command of ['approve design', 'build']) expect(trips[command], command).toEqual([])
  for (const command of ['sync', 'outbox', 'inline', 'repair', 'move', 'again'])
    expect(trips[command], command).toEqual([expect.stringMatching(/: COMMIT$/)])
  // By the function that any console may call.
  expect(trips.back).toEqual([])
  // On trial, where it is read what is left; whatever the number of tables and foreign keys.
  expect(trips['approve finish']?.length).toBeLessThanOrEqual(9)
  expect(trips.finish?.slice(trips['approve finish']?.length)).toEqual([expect.stringMatching(/: COMMIT$/)])
  // What hung on the old tables is brought back one by one, so that none keeps the others away.
  expect(trips['back from finish']?.length).toBeLessThanOrEqual(3)
})
