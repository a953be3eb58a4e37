import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadProject } from '../../src/control/project.ts'
import { connect } from '../../src/db/connect.ts'
import { tryDesign } from '../../src/lifecycle/design.ts'
import { createTestDatabase } from '../support/database.ts'

const EXAMPLE = join(import.meta.dirname, '../../examples/pg-pool')

test('the example: its mapping fits its tables', async () => {
  const database = await createTestDatabase()
  const db = await connect(database.url)
  onTestFinished(async () => {
    await db.close()
    await database.drop()
  })
  await database.query(readFileSync(join(EXAMPLE, 'old.sql'), 'utf8'))
  const session = await db.session()
  const { mapping } = await tryDesign(session, await loadProject({ cwd: EXAMPLE }))
  expect(mapping.targets.map((t) => [t.relation.name, t.sources.map((s) => s.relation.name)])).toEqual([
    ['posts', ['drafts', 'scheduled_posts']],
  ])
})
