import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { nextVersion, writeWhole } from '../../src/migrations/folder.ts'

const NOW = new Date('2026-02-03T04:05:06.789Z')

test.each([
  [[], '20260203040506'],
  [['20240101000000', '0001'], '20260203040506'],
  [['20260203040506'], '20260203040507'],
  [['20991231235959', '20240101000000'], '20991231235960'],
  [['99'], '100'],
])('the version behind %j', (versions, expected) => {
  if (expected === '100') expect(() => nextVersion(versions, NOW)).toThrow(/Nothing can come behind the migration 99/)
  else expect(nextVersion(versions, NOW)).toBe(expected)
})

test('a file is written whole, left where it is the same, and not overwritten where it is another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade folder-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeWhole(folder, "it's new/migration.sql", 'select 1;')
  await writeWhole(folder, "it's new/migration.sql", 'select 1;')
  expect(await readFile(join(folder, "it's new/migration.sql"), 'utf8')).toBe('select 1;')
  await writeFile(join(folder, "it's new/migration.sql"), 'select 2;')
  await expect(writeWhole(folder, "it's new/migration.sql", 'select 1;')).rejects.toMatchObject({
    code: 'migrations.changed',
  })
  expect(await readdir(join(folder, "it's new"))).toEqual(['migration.sql'])
})

test('a folder that nothing can be written to is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-folder-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'file'), '')
  await expect(writeWhole(join(folder, 'file'), 'x.sql', '')).rejects.toMatchObject({
    code: 'migrations.unwritable',
    exitCode: 2,
  })
})
