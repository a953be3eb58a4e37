import { expect, test } from 'vitest'
import { readCheck } from '../../src/check/read-check.ts'
import { connect } from '../../src/db/connect.ts'
import { createLogger } from '../../src/lib/log.ts'
import { createProject } from '../lifecycle/project.ts'
import { newSql, oldSql, tables } from './planted.ts'

test('what the check counts is what sync puts into the journal', async () => {
  const { commands, query, url } = await createProject({ oldSql, newSql, tables })
  const db = await connect(url, { applicationName: 'check', readOnly: true, poolSize: 2 })
  const project = {
    ...{ config: { schema: 'new.sql', tables }, configPath: 'crossfade.config.ts' },
    ...{ ddl: newSql, ddlPath: 'new.sql', outDir: 'crossfade' },
  }
  const options = { url, onDatabase: false, showsValues: false, timeout: 60, signal: new AbortController().signal }
  const report = await readCheck(db, project, { ...options, log: createLogger({ stream: { write: () => true } }) })
  await db.close()

  await commands.approve('design')
  await commands.build()
  await commands.approve('build')
  await commands.sync()
  const journal = await query(
    `select target, count(*)::int as rows from crossfade.journal group by target order by target`,
  )
  // A foreign key to a table that stays is asked at finish.
  const stops = report.findings.filter((one) => one.severity === 'stops' && one.id !== 'articles.foreign-key.place')
  const counted = (start: string): number =>
    stops.filter((one) => one.id.startsWith(start)).reduce((sum, one) => sum + (one.rows ?? 0), 0)
  expect(journal).toEqual([
    { target: 'article_visits from visits', rows: counted('article_visits') },
    { target: 'articles', rows: counted('articles') },
  ])
})
