import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join, relative, resolve, sep } from 'node:path'
import { UsageError } from '../../lib/errors.ts'
import type { Problem } from '../interaction.ts'
import { enterFolder, type IgnoreRules, isIgnored, outerRules } from './ignore-rules.ts'
import { isOutputFolder, isSkippedFolder, kindOf, tooLarge } from './kinds.ts'

export interface FoundFiles {
  /** All paths in it are from here. */
  readonly root: string
  /** Source files, in order. */
  readonly sources: readonly string[]
  /** Schemas, SQL, settings. */
  readonly data: readonly string[]
  readonly problems: readonly Problem[]
}

interface Walk {
  readonly root: string
  readonly sources: string[]
  readonly data: string[]
  readonly problems: Problem[]
  /** Real paths of the folders that were entered through links. */
  readonly linked: Set<string>
}

/**
 * The files under a folder that belong to the project: not what is ignored, installed or compiled. A link is followed
 * once, and only out of the folder. Throws UsageError for a folder that isn't there.
 */
export function listFiles(root: string): FoundFiles {
  const walk: Walk = { root, sources: [], data: [], problems: [], linked: new Set() }
  walkFolder(walk, root, outerRules(root))
  return { ...walk, sources: walk.sources.sort(), data: walk.data.sort() }
}

/** The folder that holds all paths that are named, and what of it is meant. Throws UsageError for a path that isn't there. */
export function findRoot(cwd: string, paths: readonly string[]): { root: string; within: (file: string) => boolean } {
  const targets = paths.map((path) => {
    const full = resolve(cwd, path)
    const stats = statOf(full)
    if (!stats)
      throw new UsageError('map.path', `There is no file or folder ${JSON.stringify(path)}.`, {
        hint: 'Give folders or files that are there, or nothing for the current folder.',
      })
    return { full, isFolder: stats.isDirectory() }
  })
  const inside = targets.every(({ full }) => full === cwd || full.startsWith(cwd + sep))
  const root = inside ? cwd : commonFolder(targets.map(({ full, isFolder }) => (isFolder ? full : resolve(full, '..'))))
  const wanted = targets.map(({ full }) => slashed(relative(root, full)))
  const within = (file: string): boolean =>
    wanted.length === 0 || wanted.some((one) => one === '' || file === one || file.startsWith(`${one}/`))
  return { root, within }
}

function commonFolder(folders: readonly string[]): string {
  const [first = sep, ...others] = folders
  const parts = first.split(sep)
  while (parts.length > 1 && !others.every((one) => `${one}${sep}`.startsWith(parts.join(sep) + sep))) parts.pop()
  return parts.join(sep) || sep
}

function walkFolder(walk: Walk, folder: string, outer: IgnoreRules | null): void {
  const entries = entriesOf(walk, folder)
  const names = new Set(entries.map((entry) => entry.name))
  const rules = enterFolder(outer, folder, names.has('.gitignore'))
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (isSkippedFolder(entry.name) || (isOutputFolder(entry.name) && names.has('package.json'))) continue
      if (!isIgnored(rules, path, true)) walkFolder(walk, path, rules)
    } else if (entry.isFile()) {
      if (kindOf(entry.name) !== 'none' && !isIgnored(rules, path, false)) addFile(walk, path)
    } else if (entry.isSymbolicLink() && !isIgnored(rules, path, false)) followLink(walk, path, rules)
  }
}

function entriesOf(walk: Walk, folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    walk.problems.push({ file: pathFrom(walk, folder), message: `can't be read: ${codeOf(error)}` })
    return []
  }
}

function addFile(walk: Walk, path: string): void {
  const file = pathFrom(walk, path)
  if (kindOf(file) === 'data') {
    walk.data.push(file)
    return
  }
  const reason = tooLarge(file, statOf(path)?.size ?? 0)
  if (reason === null) walk.sources.push(file)
  else walk.problems.push({ file, message: reason })
}

/** What lies in the project is found by its own path. */
function followLink(walk: Walk, path: string, rules: IgnoreRules | null): void {
  const stats = statOf(path)
  // It leads nowhere, which is no matter of ours.
  if (!stats) return
  const real = realpathSync(path)
  if (real === walk.root || real.startsWith(walk.root + sep) || walk.linked.has(real)) return
  if (stats.isFile()) {
    if (kindOf(path) !== 'none') addFile(walk, path)
    return
  }
  if (!stats.isDirectory() || real.split(sep).some((name) => name === 'node_modules')) return
  // A link to a folder around this one would lead back here for ever.
  if (walk.root.startsWith(real + sep) || isSkippedFolder(path.slice(path.lastIndexOf(sep) + 1))) return
  walk.linked.add(real)
  walkFolder(walk, path, rules)
}

/** Null for what isn't there, or leads nowhere: a link in a circle, one through a folder that may not be entered. */
function statOf(path: string): Stats | null {
  try {
    return statSync(path)
  } catch {
    return null
  }
}

function pathFrom(walk: Walk, path: string): string {
  return slashed(relative(walk.root, path)) || '.'
}

function slashed(path: string): string {
  return path.replaceAll(sep, '/')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
