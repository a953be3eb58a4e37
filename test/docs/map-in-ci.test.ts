import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { buildMap } from '../../src/codemap/build-map.ts'
import { postingProgram } from '../codemap/programs/posting.ts'

const ROOT = join(import.meta.dirname, '../..')

test('the example fails a build that writes a table on its way out, and lets others pass', () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-example-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'map.json')
  writeFileSync(file, JSON.stringify(buildMap({ ...postingProgram, problems: [] })))
  const run = (tables: string) => {
    const args = ['--import', 'jiti/register', join(ROOT, 'examples/map-in-ci/check-map.ts'), file, tables]
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' })
    return { status, lines: stdout.trim() }
  }
  expect(run('posts')).toEqual({ status: 1, lines: 'src/posting/tell.ts:30:5 insert posts, which is on its way out' })
  expect(run('unheard_of')).toEqual({ status: 0, lines: '' })
})
