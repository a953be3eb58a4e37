import { execFile } from 'node:child_process'
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { promisify } from 'node:util'
import { findRoot, listFiles } from '../codemap/discover/list-files.ts'
import { isTestFile } from '../codemap/file-role.ts'
import { UsageError } from '../lib/errors.ts'

/** A file as it is on disk: its text without the byte order mark, and how it becomes bytes again. */
export interface CodeFile {
  /** As a person would write it: from where they are, with slashes. */
  readonly file: string
  readonly path: string
  readonly text: string
  readonly encode: (text: string) => Buffer
}

export interface ListedFiles {
  readonly paths: readonly string[]
  /** Files of tests, which only names bring in. */
  readonly tests: number
}

const SOURCE = /\.[cm]?[jt]sx?$/
const DECLARATIONS = /\.d\.[cm]?ts$/
/** Their scripts are parts of another text. */
export const EMBEDDED = /\.(vue|svelte|astro)$/

/**
 * The files that are named, and those in the folders that are; of a folder what `.gitignore` leaves. Throws UsageError for
 * what isn't there, and for a file that is no code.
 */
export function listCode(cwd: string, named: readonly string[], withTests: boolean): ListedFiles {
  const files = named.filter((one) => isFile(resolve(cwd, one)))
  const odd = files.find((one) => !isCode(one))
  if (odd !== undefined)
    throw new UsageError('codemod.code', `${odd} is no JavaScript or TypeScript.`, {
      hint: 'Name files of code, folders, or nothing for the whole project.',
    })
  const folders = named.filter((one) => !files.includes(one))
  const paths = new Set(files.map((one) => resolve(cwd, one)))
  let tests = 0
  if (folders.length > 0 || named.length === 0) {
    const { root, within } = findRoot(cwd, folders)
    for (const file of listFiles(root).sources) {
      if (!within(file) || !isCode(file)) continue
      if (withTests || !isTestFile(file)) paths.add(join(root, file))
      else tests += 1
    }
  }
  return { paths: [...paths].sort(), tests }
}

function isCode(file: string): boolean {
  return (SOURCE.test(file) && !DECLARATIONS.test(file)) || EMBEDDED.test(file)
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** Null for a file that can't be read as text. */
export function readCode(cwd: string, path: string): CodeFile | null {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    return null
  }
  if (bytes.includes(0)) return null
  const short = relative(cwd, path)
  const file = (short.startsWith('..') ? path : short).split(sep).join('/')
  const utf8 = bytes.toString('utf8')
  // What is no UTF-8 has one character for each byte in Latin-1, so it comes back as it was.
  if (Buffer.compare(Buffer.from(utf8, 'utf8'), bytes) !== 0)
    return { file, path, text: bytes.toString('latin1'), encode: (text) => Buffer.from(text, 'latin1') }
  const mark = utf8.startsWith('\uFEFF') ? '\uFEFF' : ''
  return { file, path, text: utf8.slice(mark.length), encode: (text) => Buffer.from(mark + text, 'utf8') }
}

/** The whole file or nothing of it, also where a link leads to it; it keeps its mode. Throws UsageError where it can't. */
export function writeCode({ path, file, encode }: CodeFile, text: string): void {
  const real = realpathSync(path)
  const unfinished = join(dirname(real), `.${process.pid}.crossfade.tmp`)
  try {
    writeFileSync(unfinished, encode(text), { mode: statSync(real).mode })
    renameSync(unfinished, real)
  } catch (cause) {
    rmSync(unfinished, { force: true })
    throw new UsageError('codemod.unwritable', `${file} can't be written: ${(cause as Error).message}`, {
      hint: 'Files that were named before it are done; the same command goes on with the others.',
      cause,
    })
  }
}

/** Paths that one call of git gets at most: a command line is limited. */
const BATCH = 200

/** Those of the files that have changes which aren't committed; none outside of a repository, or without git. */
export async function findUncommitted(cwd: string, files: readonly CodeFile[]): Promise<Set<string>> {
  const changed = new Set<string>()
  const git = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('git', ['--no-optional-locks', ...args], { cwd, maxBuffer: 2 ** 26 })).stdout
  try {
    const top = (await git('rev-parse', '--show-toplevel')).replace(/\r?\n$/, '')
    const inside = new Map(files.map(({ path, file }) => [relative(realpathSync(top), realpathSync(path)), file]))
    const paths = [...inside.keys()].filter((path) => !path.startsWith('..'))
    for (let at = 0; at < paths.length; at += BATCH) {
      const named = paths.slice(at, at + BATCH).map((path) => `:(top,literal)${path.split(sep).join('/')}`)
      const status = await git('status', '--porcelain', '-z', '--untracked-files=all', '--', ...named)
      for (const entry of status.split('\0')) {
        const file = inside.get(entry.slice(3).split('/').join(sep))
        if (file !== undefined) changed.add(file)
      }
    }
  } catch {
    // Nobody keeps versions of them here.
  }
  return changed
}

/** The package.json next above a file, and whether it has pg-crossfade among what the application loads. */
export function findManifest(path: string): { path: string; hasOwn: boolean } | null {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    try {
      const found = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; dependencies?: object }
      const hasOwn = found.name === 'pg-crossfade' || Object.hasOwn(found.dependencies ?? {}, 'pg-crossfade')
      return { path: manifest, hasOwn }
    } catch {
      // None here, or none that is one.
    }
    if (dirname(folder) === folder) return null
  }
}
