import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readCheck } from '../../src/check/read-check.ts'
import { loadProject } from '../../src/control/project.ts'
import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import { tryDesign } from '../../src/lifecycle/design.ts'
import { createTestDatabase } from '../support/database.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/pg-pool')

test('the example: its mapping fits its tables, and nothing stops', async () => {
  const database = await createTestDatabase()
  const db = await connect(database.url)
  onTestFinished(async () => {
    await db.close()
    await database.drop()
  })
  await database.query(readFileSync(join(EXAMPLE, 'old.sql'), 'utf8'))
  const session = await db.session()
  const project = await loadProject({ cwd: EXAMPLE })
  const { mapping } = await tryDesign(session, project)
  expect(mapping.targets.map((t) => [t.relation.name, t.sources.map((s) => s.relation.name)])).toEqual([
    ['posts', ['drafts', 'scheduled_posts']],
  ])
  const log = createLogger({ stream: { write: () => true } })
  const { ok, unknownAccepted } = await readCheck(db, project, {
    ...{ url: database.url, onDatabase: false, showsValues: false, timeout: 60, log },
    signal: new AbortController().signal,
  })
  expect({ ok, unknownAccepted }).toEqual({ ok: true, unknownAccepted: [] })
})
