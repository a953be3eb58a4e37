import { expect, test } from 'vitest'
import { createProject } from '../lifecycle/project.ts'
import { newSql, oldSql, tables } from './planted.ts'
import { runCheck } from './run-check.ts'

test('what the check counts is what sync puts into the journal', async () => {
  const { commands, query, url } = await createProject({ oldSql, newSql, tables })
  const report = await runCheck(url, { ddl: newSql, config: { tables } })

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
