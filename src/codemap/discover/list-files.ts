import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'

/** All files under a folder, from there, with slashes, in order. */
export async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .filter((file) => !/(^|\/)node_modules\//.test(file))
    .sort()
}
