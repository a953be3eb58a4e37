import { expect, test } from 'vitest'
import { assertApproved, hashArtifacts, recordApproval, saveArtifacts } from '../../src/control/approvals.ts'
import { installControl } from '../../src/control/install.ts'
import { readBuiltState } from '../../src/control/state.ts'
import { connect } from '../../src/db/connect.ts'
import { assertNoDrift } from '../../src/lifecycle/gates.ts'
import { merge } from '../../src/spec/config.ts'
import { createTestDatabase } from '../support/database.ts'
import { createProject } from './project.ts'

const QUEUE = {
  oldSql: `create table jobs (id int primary key, title text); insert into jobs select n, 'job' from generate_series(1, 20) as n;`,
  newSql: `create table work (id int primary key, title text);`,
  tables: { work: merge({ key: 'id', sources: { jobs: {} } }) },
}

test('an artifact that changed since it was approved needs a new approval', async () => {
  const { commands, query } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await query(`update crossfade.artifact set content = content || ' and more' where stage = 'build'`)
  await expect(commands.sync()).rejects.toMatchObject({ code: 'gate.closed', message: /changed since/ })
})

test('where two people are asked for, one of them twice is one', async () => {
  const db = await createTestDatabase()
  const client = await db.pool.connect()
  try {
    await installControl(client)
    const artifacts = [{ name: 'A.md', content: 'a' }]
    await saveArtifacts(client, 'finish', artifacts)
    const approve = (person: string): Promise<void> =>
      recordApproval(client, 'finish', hashArtifacts(artifacts), person)
    await approve('Ann <ann@example.com>')
    await approve('Ann <ann@example.com>')
    await expect(assertApproved(client, 'finish', 2)).rejects.toMatchObject({ code: 'gate.closed' })
    await approve('Bob <bob@example.com>')
    await assertApproved(client, 'finish', 2)
  } finally {
    client.release(true)
    await db.drop()
  }
})

test('a column that a colleague added stops the next gate, and never the application', async () => {
  const { commands, query } = await createProject(QUEUE)
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await query(`alter table jobs add column owner text`)
  await expect(commands.sync()).rejects.toMatchObject({ code: 'gate.drift', message: /owner/ })
  await query(`alter table jobs drop column owner`)
  await commands.sync()
  await query(`alter table jobs add column owner text; update jobs set title = 'changed', owner = 'me' where id = 1`)
  expect(await query('select title from new_schema.work where id = 1')).toEqual([{ title: 'changed' }])
})

async function verified(): Promise<Awaited<ReturnType<typeof createProject>>> {
  const project = await createProject(QUEUE)
  const { commands } = project
  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  await commands.approve('sync')
  await commands.verify()
  await commands.approve('verify')
  await project.query(`insert into crossfade.worker values (0, 'test', now() + interval '1 hour')`)
  return project
}

test('a trigger of sync that somebody switched off and on again stops the next gate', async () => {
  const { commands, query } = await verified()
  await query(`alter table jobs disable trigger all; alter table jobs enable trigger all`)
  await expect(commands.reads(1)).rejects.toMatchObject({ code: 'gate.drift', message: /switched off/ })
})

test('who goes back while a gate looks is told of that, not of triggers that are gone', async () => {
  const { query, url } = await verified()
  const db = await connect(url)
  const session = await db.session()
  const state = await readBuiltState(session)
  await query('select crossfade.rollback()')
  await expect(assertNoDrift(session, state)).rejects.toMatchObject({ code: 'stage.changed', message: /stage "build"/ })
  await session.end()
  await db.close()
})

test('reads refuse while the journal has an open entry, or a key waits, or nobody drains', async () => {
  const { commands, query } = await verified()
  await query(`insert into crossfade.journal (target, key, sqlstate, reason) values ('work', '{99}', '22000', 'bad')`)
  await expect(commands.reads(1)).rejects.toMatchObject({ code: 'journal.open' })
  await commands.acceptJournal()
  await query(
    `insert into crossfade.outbox (target, key, enqueued_at) values ('work', '{1}', now() - interval '2 seconds')`,
  )
  await expect(commands.reads(1)).rejects.toMatchObject({ code: 'outbox.waiting' })
  await query(`delete from crossfade.outbox; update crossfade.worker set beat_at = now() - interval '1 minute'`)
  await expect(commands.reads(1)).rejects.toMatchObject({ code: 'worker.none' })
  await query(`update crossfade.worker set beat_at = now()`)
  await commands.reads(1)
})
