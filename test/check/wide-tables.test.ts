import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { checkTables } from './run-check.ts'

test('conflicts of more columns than one statement gives results for are all counted', async () => {
  const columns = Array.from({ length: 900 }, (_, at) => `c${at} smallint`).join(', ')
  const report = await checkTables(
    `create table wide (id int primary key, ${columns});
     create table wide_old (id int primary key, ${columns});
     insert into wide (id, c0, c1, c899) select g, 1, 1, 1 from generate_series(1, 20) g;
     insert into wide_old (id, c0, c1, c899) select g, 2, 1, g from generate_series(1, 20) g;`,
    {
      ddl: `create table rows_of_both (id int primary key, ${columns});`,
      config: { tables: { rows_of_both: merge({ key: 'id', sources: { wide: {}, wide_old: {} } }) } },
    },
  )
  const conflicts = report.findings.filter(({ id }) => id.includes('conflict')).map(({ id, rows }) => [id, rows])
  expect(conflicts).toEqual([
    ['rows_of_both.conflict.c0', 20],
    ['rows_of_both.conflict.c899', 19],
  ])
}, 120_000)
