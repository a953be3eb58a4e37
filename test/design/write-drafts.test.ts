import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { writeDrafts } from '../../src/commands/design-files.ts'
import { isUntouched, sealDraft } from '../../src/design/seal-draft.ts'

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'crossfade-drafts-'))
  onTestFinished(() => rm(path, { recursive: true }))
  const write = async (ddl: string, config: string) => {
    const written = await writeDrafts([
      { path: join(path, 'a.sql'), text: ddl, comment: '--' },
      { path: join(path, 'b.ts'), text: config, comment: '//' },
    ])
    return written.map((one) => one.state)
  }
  return { path, write, read: (name: string) => readFile(join(path, name), 'utf8') }
}

test('a draft that nobody changed is written again', async () => {
  const { write, read } = await folder()
  expect(await write('one\n', 'x\n')).toEqual(['new', 'new'])
  expect(await write('one\n', 'x\n')).toEqual(['unchanged', 'unchanged'])
  expect(await write('two\n', 'x\n')).toEqual(['written again', 'unchanged'])
  expect(await read('a.sql')).toMatch(/^-- .*\ntwo\n$/)
})

test('a changed file stays, whatever was changed, and both drafts go beside', async () => {
  const { path, write, read } = await folder()
  await write('one\n', 'x\n')
  const edited = `${await read('a.sql')} `
  await writeFile(join(path, 'a.sql'), edited)
  const config = await read('b.ts')
  expect(await write('two\n', 'y\n')).toEqual(['beside', 'beside'])
  expect([await read('a.sql'), await read('b.ts')]).toEqual([edited, config])
  expect(await read('b.ts.draft')).toMatch(/^\/\/ .*\ny\n$/)
  const draft = `${await read('a.sql.draft')}-- mine\n`
  await writeFile(join(path, 'a.sql.draft'), draft)
  await write('three\n', 'y\n')
  expect(await read('a.sql.draft')).toBe(draft)
  expect((await readdir(path)).sort()).toEqual(['a.sql', 'a.sql.draft', 'a.sql.draft-2', 'b.ts', 'b.ts.draft'])
})

test('a file that design never wrote stays', async () => {
  const { path, write, read } = await folder()
  await writeFile(join(path, 'b.ts'), 'mine\n')
  expect(await write('one\n', 'x\n')).toEqual(['beside', 'beside'])
  expect(await read('b.ts')).toBe('mine\n')
})

test.each(['', '\n', 'text\n', 'ünï\r\ncode', '-- x\n'])('the seal of %j holds, and breaks with any byte', (text) => {
  const sealed = sealDraft(text, '--')
  expect(isUntouched(sealed)).toBe(true)
  expect(isUntouched(`${sealed} `)).toBe(false)
  expect(isUntouched(` ${sealed}`)).toBe(false)
  expect(isUntouched(text)).toBe(false)
})
