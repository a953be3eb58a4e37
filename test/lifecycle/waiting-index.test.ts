import { expect, onTestFinished, test } from 'vitest'
import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import { merge } from '../../src/spec/config.ts'
import { Commands } from '../scenarios/commands.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `create table drafts (id int primary key, slug text not null, body text);
           create table posts (id int primary key, slug text unique not null, likes int);
           insert into drafts values (1, 'a', 'body')`,
  newSql: `create table post (slug text primary key, body text, likes int)`,
  tables: { post: merge({ key: 'slug', sources: { drafts: {}, posts: {} } }) },
}

const KEY_INDEX = `select indisvalid as valid from pg_index
                    where indexrelid::regclass::text like 'crossfade\\_key\\_%' and indrelid = 'drafts'::regclass`

test('an index that waits for a snapshot of somebody else says for whom, is given up at Ctrl-C, and built again', async () => {
  const { commands, project, query, other, url } = await createProject(QUEUE)
  await commands.approve('design')

  await other(
    `set application_name = 'nightly report'; begin isolation level repeatable read; select count(*) from posts`,
  )
  const db = await connect(url)
  onTestFinished(() => db.close())
  const lines: string[] = []
  const stop = new AbortController()
  const log = createLogger({ stream: { write: (line: string) => lines.push(line) > 0 } })
  const building = new Commands({ db, project, log, signal: stop.signal }).build()
  const ended = expect(building).rejects.toMatchObject({ code: 'interrupted', exitCode: 130 })
  await expect
    .poll(() => lines.join(''))
    .toMatch(/building an index: waiting, \d+ s so far, for:\s+pid \d+ \(application "nightly report"/)
  stop.abort()
  await ended
  expect(await query(KEY_INDEX)).toEqual([{ valid: false }])

  await other('commit')
  await commands.build()
  expect(await query(KEY_INDEX)).toEqual([{ valid: true }])
})
