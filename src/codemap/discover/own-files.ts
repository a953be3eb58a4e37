import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { basename, dirname, join, relative, sep } from 'node:path'
import { BASELINE_NAME, CONFIG_NAMES, isMarked } from '../../lib/own-files.ts'
import { readConfigPaths } from './config-paths.ts'
import type { FoundFiles } from './list-files.ts'

/** What is Crossfade's in the project, by absolute paths: it speaks of tables, and is no part of the program. */
export interface OwnFiles {
  /** The folder for artifacts. */
  readonly folder?: string
  /** What the configuration names: the new schema, what finish runs. */
  readonly files?: readonly string[]
}

/**
 * Without the SQL that Crossfade has written or is handed: what its first line says is an artifact, wherever it lies; the
 * baseline migration as long as it lies in the folder for artifacts; what a configuration in the project names.
 */
export function leaveOutOwn(found: FoundFiles, own: OwnFiles): FoundFiles {
  const { root, data } = found
  const configs = found.sources.filter((file) => CONFIG_NAMES.includes(basename(file)))
  const named = new Set([
    ...(own.files ?? []).map((file) => relative(root, file).replaceAll(sep, '/')),
    ...configs.flatMap((file) => readNamed(root, file)),
  ])
  const isOwn = (file: string): boolean => {
    if (!file.endsWith('.sql')) return false
    const path = join(root, file)
    const isBaseline = BASELINE_NAME.test(basename(path)) && dirname(path) === own.folder
    return isBaseline || named.has(file) || isMarked(readStart(path))
  }
  return { ...found, data: data.filter((file) => !isOwn(file)) }
}

function readNamed(root: string, config: string): string[] {
  try {
    return readConfigPaths(config, readFileSync(join(root, config), 'utf8'))
  } catch {
    return []
  }
}

function readStart(path: string): string {
  try {
    const handle = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(64)
      return bytes.toString('utf8', 0, readSync(handle, bytes))
    } finally {
      closeSync(handle)
    }
  } catch {
    // Whoever reads it whole says so.
    return ''
  }
}
