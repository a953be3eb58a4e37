import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { merge } from '../../src/spec/config.ts'
import { createProject } from '../lifecycle/project.ts'

const MAIN = join(import.meta.dirname, '../../dist/main.js')

test('what clients told is listed, accepted by name and forgotten, and the most that they compare is set', async () => {
  const { commands, query, url, project } = await createProject({
    oldSql: 'create table jobs (id int primary key, title text)',
    newSql: 'create table work (id int primary key, title text)',
    tables: { work: merge({ key: 'id', sources: { jobs: {} } }) },
  })
  const run = (...words: string[]): Promise<{ code: number; out: string; err: string }> =>
    new Promise((resolve) => {
      const env = { ...process.env, GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@example.com' }
      const child = execFile(
        process.execPath,
        [MAIN, 'shadow', ...words, '--database', url],
        { cwd: project.outDir, env },
        (_, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
      )
    })

  await commands.approve('design')
  expect(await run()).toMatchObject({ code: 1, err: expect.stringContaining('Nothing is built yet') })
  await commands.build()
  await query(`update crossfade.migration set stage = 'reads', in_sync = true`)
  const told = {
    fingerprint: 'aa',
    kind: 'values',
    column: 'title',
    statement: 'select title from jobs',
    example: 'e',
    seen: 3,
  }
  const read = {
    fingerprint: 'aa',
    statement: 's',
    tables: ['jobs'],
    count: 4,
    errors: 1,
    sumMs: 9,
    buckets: { 100: 3 },
  }
  const report = {
    mismatches: [
      { ...told, tables: ['jobs'] },
      { ...told, noise: true, column: 'at' },
    ],
    measures: [
      { ...read, side: 'old' },
      { ...read, side: 'new', shadow: true },
    ],
    counts: { same: 5, different: 3, 'left out: DISTINCT ON': 2 },
  }
  await query(`select crossfade.record_reads('${JSON.stringify(report)}')`)

  const { code, out } = await run()
  expect(out.split('\n')).toEqual([
    'Clients compare what they draw, of at most 100 % of the reads.',
    '8 reads were compared: 5 same, 0 settled, 3 different.',
    '  2 × left out: DISTINCT ON',
    expect.stringMatching(/^\d: 3 × other values: title \(the old side differs from itself, too\)$/),
    '    select title from jobs',
    '    for example e',
    expect.stringMatching(/^\d: 3 × other values: at \(the old side differs from itself\)$/),
    '    select title from jobs',
    '    for example e',
    'At 0 %, jobs, old: 4 reads, 1 failed, p50 0.66 ms, p95 0.66 ms, p99 0.66 ms',
    'At 0 %, jobs, new, shadow: 4 reads, 1 failed, p50 0.66 ms, p95 0.66 ms, p99 0.66 ms',
    '1 mismatches are open. Correct the mapping or the code, or: crossfade shadow accept --id NUMBER',
    '',
  ])
  expect(code).toBe(1)

  for (const words of [['-1'], ['101'], ['tea'], ['accept'], ['forget', '--id', 'x']]) {
    expect(await run(...words), words.join(' ')).toMatchObject({
      code: 2,
      err: expect.stringContaining('crossfade shadow'),
    })
  }
  expect(await run('accept', '--all')).toMatchObject({ code: 1, out: expect.stringContaining('Nothing was changed') })
  expect(await run('accept', '--all', '--yes')).toMatchObject({ code: 0, out: expect.stringContaining('Ann') })
  const listed = await run('--json')
  expect(listed.code).toBe(0)
  expect(JSON.parse(listed.out)).toMatchObject({
    ...{ ok: true, open: 0, shadowPercent: 100 },
    mismatches: [
      { column: 'title', acceptedBy: 'Ann <ann@example.com>' },
      { column: 'at', noise: true },
    ],
  })
  expect(await run('0.5')).toMatchObject({ code: 0, out: expect.stringContaining('at most 0.5 %') })
  expect(await query(`select crossfade.client_state()->'shadow' as s`)).toEqual([{ s: 0.5 }])
  expect(await run('forget', '--all', '--yes')).toMatchObject({ code: 0, out: expect.stringContaining('2 mismatches') })
})
