import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ignore, { type Ignore } from 'ignore'

/** What `.gitignore` files say, from the outside in. Paths are those of the disk, with slashes below the folder. */
export interface IgnoreRules {
  readonly folder: string
  readonly rules: Ignore
  readonly outer: IgnoreRules | null
}

/** With what the folder's own `.gitignore` says; the same rules where it has none. */
export function enterFolder(outer: IgnoreRules | null, folder: string, hasFile: boolean): IgnoreRules | null {
  if (!hasFile) return outer
  return addRules(outer, folder, join(folder, '.gitignore'))
}

function addRules(outer: IgnoreRules | null, folder: string, file: string): IgnoreRules | null {
  try {
    return { folder, rules: ignore().add(readFileSync(file, 'utf8')), outer }
  } catch {
    return outer
  }
}

/** Those that hold for a folder from outside of it: up to the top of the repository. */
export function outerRules(folder: string): IgnoreRules | null {
  const above: string[] = []
  for (let at = folder; ; at = dirname(at)) {
    if (at !== folder) above.unshift(at)
    if (isThere(join(at, '.git', 'HEAD'))) {
      const local = addRules(null, at, join(at, '.git', 'info', 'exclude'))
      return above.reduce<IgnoreRules | null>((rules, one) => addRules(rules, one, join(one, '.gitignore')), local)
    }
    // Outside of a repository nothing above holds.
    if (dirname(at) === at) return null
  }
}

function isThere(file: string): boolean {
  try {
    readFileSync(file)
    return true
  } catch {
    return false
  }
}

/** The innermost rule that speaks of a path decides. */
export function isIgnored(rules: IgnoreRules | null, path: string, isFolder: boolean): boolean {
  for (let at = rules; at; at = at.outer) {
    const below = path.slice(at.folder.length + 1).replaceAll('\\', '/')
    const { ignored, unignored } = at.rules.test(isFolder ? `${below}/` : below)
    if (ignored) return true
    if (unignored) return false
  }
  return false
}
