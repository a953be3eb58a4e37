import { posix } from 'node:path'
import { asObject, parseLooseJson } from './read-json.ts'
import type { WorkspacePackage } from './resolve-modules.ts'

/** Every package of the project that has a name: with what `exports` and `main` lead to. */
export function readPackages(files: readonly string[], read: (file: string) => string | null): WorkspacePackage[] {
  return files
    .filter((file) => posix.basename(file) === 'package.json')
    .flatMap((file): WorkspacePackage[] => {
      const manifest = asObject(parseLooseJson(read(file) ?? ''))
      if (typeof manifest.name !== 'string' || manifest.name === '') return []
      const folder = posix.dirname(file) === '.' ? '' : posix.dirname(file)
      const inside = (path: string): string => posix.join(folder, path)
      const main = [manifest.source, manifest.types, manifest.module, manifest.main].filter(
        (one) => typeof one === 'string',
      )
      return [
        {
          name: manifest.name,
          folder,
          entries: [...exportEntries(manifest.exports, inside), ['.', main.map(inside)]],
          own: importEntries(manifest.imports, inside),
        },
      ]
    })
}

type Entries = (readonly [subpath: string, targets: readonly string[]])[]

function exportEntries(exports: unknown, inside: (path: string) => string): Entries {
  if (exports === undefined) return []
  const map = asObject(exports)
  const isMap = Object.keys(map).some((key) => key.startsWith('.'))
  return isMap
    ? Object.entries(map).map(([subpath, target]) => [subpath, pathsIn(target).map(inside)])
    : [['.', pathsIn(exports).map(inside)]]
}

/** `"imports": { "#db": "./src/db.ts" }` */
function importEntries(imports: unknown, inside: (path: string) => string): Entries {
  return Object.entries(asObject(imports)).map(([name, target]) => [
    name,
    pathsIn(target)
      .filter((path) => path.startsWith('.'))
      .map(inside),
  ])
}

/** All paths under all conditions, in order. */
function pathsIn(target: unknown): string[] {
  if (typeof target === 'string') return [target]
  if (Array.isArray(target)) return target.flatMap(pathsIn)
  return Object.values(asObject(target)).flatMap(pathsIn)
}
