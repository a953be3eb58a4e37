import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { readImports, stripComments } from './imports.ts'

const ROOT = join(import.meta.dirname, '../..')

export interface Bundle {
  /** Path → text without comments, of each compiled file. */
  readonly files: ReadonlyMap<string, string>
  /** What is imported from elsewhere. */
  readonly foreign: readonly string[]
  /** Bytes, gzipped and not minified. */
  readonly size: number
}

/** What a bundler would take for a file of dist/, which is built before. */
export function readBundle(entry: string): Bundle {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.mjs')])
  const files = new Map([[join(ROOT, 'dist', entry), '']])
  const foreign: string[] = []
  for (const path of files.keys()) {
    const text = readFileSync(path, 'utf8')
    files.set(path, stripComments(text))
    for (const { from } of readImports(text)) {
      const next = join(dirname(path), from)
      if (!from.startsWith('.')) foreign.push(from)
      else if (!files.has(next)) files.set(next, '')
    }
  }
  const code = [...files.values()].join('\n').replaceAll(/\n\s+/g, '\n')
  return { files, foreign, size: gzipSync(code, { level: 9 }).length }
}
