// Compiles src/ to dist/. Does nothing when dist/ is newer than everything that it is made of.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const dist = join(root, 'dist')
// Compiled beside it and renamed when it is whole: a build that was broken off must not look like a fresh one.
const draft = join(root, `.dist-${process.pid}.tmp`)
const before = join(root, `.dist-${process.pid}.old.tmp`)

if (!isFresh()) build()

function build() {
  try {
    const manifest = createRequire(import.meta.url).resolve('typescript/package.json')
    const tsc = join(dirname(manifest), JSON.parse(readFileSync(manifest, 'utf8')).bin.tsc)
    const args = [tsc, '-p', 'tsconfig.build.json', '--outDir', draft]
    const { status, error } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
    if (error) throw error
    if (status !== 0) {
      process.exitCode = status ?? 1
      return
    }
    makeExecutable(join(draft, 'main.js'))
    if (existsSync(dist)) renameSync(dist, before)
    renameSync(draft, dist)
  } catch (error) {
    // Another build was done at the same moment.
    if (!isFresh()) throw error
  } finally {
    for (const folder of [draft, before]) rmSync(folder, { recursive: true, force: true })
  }
}

function makeExecutable(file) {
  if (!existsSync(file)) return
  const text = readFileSync(file, 'utf8')
  if (!text.startsWith('#!')) writeFileSync(file, `#!/usr/bin/env node\n${text}`)
  chmodSync(file, 0o755)
}

function isFresh() {
  if (!existsSync(dist)) return false
  const sources = ['src', 'sql'].flatMap((name) => listTimes(join(root, name)))
  const settings = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name))
  const newest = Math.max(...sources, ...settings.map((name) => statSync(join(root, name)).mtimeMs))
  return Math.min(...listTimes(dist)) > newest
}

/** Of files and folders: a folder's time changes when a file in it is removed. */
function listTimes(folder) {
  if (!existsSync(folder)) return []
  const times = [statSync(folder).mtimeMs]
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) times.push(...listTimes(path))
    else times.push(statSync(path).mtimeMs)
  }
  return times
}
