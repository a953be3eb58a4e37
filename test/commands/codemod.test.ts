import { execFile } from 'node:child_process'
import { chmodSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const MAIN = join(ROOT, 'dist/main.js')
const run = promisify(execFile)

const POOL = "import { Pool } from 'pg'\nexport const pool = new Pool()\n"
const WRAPPED =
  "import { Pool } from 'pg'\nimport { crossfade } from 'pg-crossfade/pg'\nexport const pool = crossfade(new Pool())\n"
const UNSURE =
  "import { createClient } from '@supabase/supabase-js'\nexport const make = (o) => createClient(url, key, o)\n"

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

interface Folder {
  readonly path: string
  put(file: string, content: string | Buffer): void
  read(file: string): string
  codemod(...words: string[]): Promise<Ended>
  git(...words: string[]): Promise<unknown>
}

async function makeFolder(files: Readonly<Record<string, string>> = {}): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'crossfade codemod '))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  const put = (file: string, content: string | Buffer): void => {
    mkdirSync(dirname(join(path, file)), { recursive: true })
    writeFileSync(join(path, file), content)
  }
  for (const [file, text] of Object.entries(files)) put(file, text)
  return {
    path,
    put,
    read: (file) => readFileSync(join(path, file), 'utf8'),
    git: (...words) => run('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], { cwd: path }),
    codemod: (...words) =>
      new Promise((done) => {
        const env = { ...process.env, NO_COLOR: '1' }
        execFile(process.execPath, [MAIN, 'codemod', ...words], { cwd: path, env }, (error, stdout, stderr) =>
          done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
        )
      }),
  }
}

test('without files the whole project is wrapped, but for what is ignored, installed, or a test; and unwrapped', async () => {
  const files = {
    'src/db.ts': POOL,
    'src/plain.ts': 'export const a = 1\n',
    'src/db.test.ts': POOL,
    'generated/db.ts': POOL,
    'node_modules/other/db.js': POOL,
    '.gitignore': 'generated\n',
    'package.json': '{ "dependencies": { "pg": "8" } }',
  }
  const folder = await makeFolder(files)
  await folder.git('init', '-q')
  const wrapped = await folder.codemod('wrap')
  expect(wrapped).toMatchObject({ code: 0, stderr: '' })
  expect(wrapped.stdout).toMatch(/src\/db\.ts: new Pool \(line 2\).*not committed/)
  expect(wrapped.stdout).toMatch(/1 client in 1 file wrapped\.\n1 file of tests was not looked at/)
  expect(wrapped.stdout).toMatch(/add pg-crossfade to the dependencies of package\.json/)
  expect(wrapped.stdout).toContain('Undo: crossfade codemod unwrap')
  expect(folder.read('src/db.ts')).toBe(WRAPPED)
  expect((await folder.codemod('wrap')).stdout).toMatch(/0 clients in 0 files wrapped\.\n1 client is wrapped already\./)
  expect(await folder.codemod('unwrap')).toMatchObject({ code: 0, stderr: '' })
  for (const [file, text] of Object.entries(files)) expect(folder.read(file)).toBe(text)
  expect((await folder.codemod('unwrap')).stdout).toMatch(/No client is wrapped there/)
})

test('committed files are told from changed ones; files and folders can be named', async () => {
  const folder = await makeFolder({ 'a/db.ts': POOL, 'b/db.ts': POOL, 'b/db.test.ts': POOL })
  await folder.git('init', '-q')
  await folder.git('add', '.')
  await folder.git('commit', '-qm', 'all')
  expect((await folder.codemod('wrap', 'a', 'b/db.test.ts')).stdout).not.toContain('committed')
  expect([folder.read('a/db.ts'), folder.read('b/db.test.ts'), folder.read('b/db.ts')]).toEqual([
    WRAPPED,
    WRAPPED,
    POOL,
  ])
  const { stdout } = await folder.codemod('unwrap', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    ...{ ok: true, action: 'unwrap', dryRun: false },
    files: [
      { file: 'a/db.ts', changed: true, uncommitted: true, clients: [{ line: 3, what: 'pool' }], unsure: [] },
      { file: 'b/db.test.ts', changed: true, uncommitted: true },
    ],
  })
  expect((await folder.git('status', '--porcelain')) as object).toMatchObject({ stdout: '' })
})

test('the configuration says where the code is', async () => {
  const folder = await makeFolder({
    'app/src/db.ts': POOL,
    'tools/db.ts': POOL,
    'crossfade.config.ts': "export default { schema: 'new.sql', code: ['app'], tables: {} }",
  })
  await folder.codemod('wrap')
  expect([folder.read('app/src/db.ts'), folder.read('tools/db.ts')]).toEqual([WRAPPED, POOL])
})

test('--dry-run prints a diff that git applies, and changes nothing', async () => {
  const folder = await makeFolder({ 'src/db.ts': POOL, 'src/two.ts': POOL.replace(/\n$/, '') })
  await folder.git('init', '-q')
  const { code, stdout, stderr } = await folder.codemod('wrap', '--dry-run')
  expect(code).toBe(0)
  expect(stderr).toContain('2 clients in 2 files would be wrapped.')
  expect([folder.read('src/db.ts'), folder.read('src/two.ts')]).toEqual([POOL, POOL.replace(/\n$/, '')])
  folder.put('../wrap.diff', stdout)
  onTestFinished(() => rm(join(folder.path, '../wrap.diff')))
  await folder.git('apply', '../wrap.diff')
  expect(folder.read('src/db.ts')).toBe(WRAPPED)
  expect(folder.read('src/two.ts')).toBe(WRAPPED.replace(/\n$/, ''))
})

test('what is not sure is told with file, line, reason and what to write; exit code 1; the rest is done', async () => {
  const folder = await makeFolder({
    'src/db.ts': POOL,
    'src/make.ts': UNSURE,
    'src/App.vue': `<script>\n${POOL}</script>`,
  })
  const { code, stdout } = await folder.codemod('wrap')
  expect(code).toBe(1)
  expect(stdout).toMatch(/src\/make\.ts:2: its options are handed in as o.*\n +write: \{ \.\.\.o, global/)
  expect(stdout).toMatch(/src\/App\.vue:3: what stands in such a file is not changed/)
  expect(folder.read('src/db.ts')).toBe(WRAPPED)
  expect(folder.read('src/make.ts')).toBe(UNSURE)
  const document = JSON.parse((await folder.codemod('wrap', '--json')).stdout)
  expect(document).toMatchObject({
    ok: false,
    files: [{ file: 'src/App.vue' }, { file: 'src/db.ts', changed: false }, {}],
  })
})

test('bytes: a mark, Latin-1, links and modes stay', async () => {
  const folder = await makeFolder()
  const files = {
    'mark.ts': Buffer.from(`\uFEFF${POOL}`, 'utf8'),
    'latin.ts': Buffer.from(`// Gr\u00fc\u00dfe\n${POOL}`, 'latin1'),
    'real/db.mjs': Buffer.from(`#!/usr/bin/env node\n${POOL}`),
  }
  for (const [file, bytes] of Object.entries(files)) folder.put(file, bytes)
  chmodSync(join(folder.path, 'real/db.mjs'), 0o750)
  symlinkSync('real/db.mjs', join(folder.path, 'link.mjs'))
  const bytes = () => Object.keys(files).map((file) => readFileSync(join(folder.path, file)))
  expect((await folder.codemod('wrap', 'mark.ts', 'latin.ts', 'link.mjs')).code).toBe(0)
  expect(bytes().map((one) => one.includes('crossfade(new Pool())'))).toEqual([true, true, true])
  expect(bytes()[0]?.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  expect(statSync(join(folder.path, 'real/db.mjs')).mode & 0o777).toBe(0o750)
  expect(lstatSync(join(folder.path, 'link.mjs')).isSymbolicLink()).toBe(true)
  await folder.codemod('unwrap')
  expect(bytes()).toEqual(Object.values(files))
})

test('no password and no key is told', async () => {
  const folder = await makeFolder({
    'db.ts': "import { Pool } from 'pg'\nconst p = new Pool({ connectionString: 'postgres://a:Ungues5able@b/c' })\n",
    'own.ts':
      "import { Pool } from 'pg'\nimport { crossfade } from 'pg-crossfade/pg'\nconst p = crossfade(new Pool('postgres://a:Ungues5able@b/c'), {})\n",
  })
  const ended = [
    await folder.codemod('wrap', '--dry-run'),
    await folder.codemod('unwrap'),
    await folder.codemod('unwrap', '--json'),
  ]
  expect(ended.map(({ code }) => code)).toEqual([0, 1, 1])
  expect(JSON.stringify(ended)).not.toContain('Ungues5able')
})

test('mistakes: words that mean nothing, files that are not there or no code', async () => {
  const folder = await makeFolder({ 'notes.md': '# Notes' })
  const mistakes = [
    ['brew'],
    ['wrap', 'nowhere.ts'],
    ['wrap', 'notes.md'],
    ['wrap', '--config', 'nowhere.ts'],
    ['wrap', '--brew'],
  ]
  for (const words of mistakes) {
    const { code, stderr, stdout } = await folder.codemod(...words, '--json')
    expect(code, words.join(' ')).toBe(2)
    expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { message: expect.any(String) } })
  }
})
