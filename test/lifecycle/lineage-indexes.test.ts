import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `create table drafts (id int primary key, slug text unique not null, body text);
           create table posts (id int primary key, slug text unique not null, likes int);
           insert into drafts select n, 'k' || n, 'body' from generate_series(1, 20) as n;
           insert into posts select n, 'k' || n, n from generate_series(10, 30) as n`,
  newSql: `create table post (slug text primary key, body text, likes int)`,
  tables: { post: merge({ key: 'slug', sources: { drafts: {}, posts: {} } }) },
}

const INDEXES = `select indexrelid::regclass::text as name, indisvalid as valid from pg_index
                  where indrelid = 'crossfade.lineage_post'::regclass and not indisprimary order by 1`

test('indexes of lineage come behind the backfill; one that a killed sync has left half built is built again', async () => {
  const { commands, query, other } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  expect(await query(INDEXES)).toEqual([])

  // It only reads, so nothing else waits for it.
  await other('begin isolation level repeatable read; select count(*) from drafts')
  const killed = expect(commands.sync()).rejects.toMatchObject({ code: 'connection_lost' })
  while ((await query(INDEXES)).length === 0) await sleep(5)
  await query(`select pg_terminate_backend(pid) from pg_stat_activity where query like 'CREATE INDEX CONCURRENTLY%'`)
  await killed
  expect(await query(INDEXES)).toEqual([{ name: 'crossfade.lineage_index_1_1', valid: false }])
  expect(await query('select stage, in_sync from crossfade.migration')).toEqual([{ stage: 'sync', in_sync: false }])

  await other('commit')
  await query(`update drafts set body = 'newer' where id = 1`)
  await commands.sync()
  expect(await query(INDEXES)).toEqual(
    [1, 2, 3, 4].map((n) => ({ name: `crossfade.lineage_index_1_${n}`, valid: true })),
  )
  expect(await query('select in_sync from crossfade.migration')).toEqual([{ in_sync: true }])
  await commands.approve('sync')
  await commands.verify()
})
