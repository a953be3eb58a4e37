import { posix } from 'node:path'
import { asObject, asTexts, type Json, parseLooseJson } from './read-json.ts'
import type { PathAliases } from './resolve-modules.ts'

type Read = (file: string) => string | null

/** The aliases of every tsconfig.json and jsconfig.json, and the import maps of Deno, of the project. */
export function readPathAliases(files: readonly string[], read: Read): PathAliases[] {
  return files
    .filter((file) => /(^|\/)((ts|js)config[^/]*\.json|deno\.jsonc?|import_map\.json)$/.test(file))
    .flatMap((file) =>
      /(ts|js)config/.test(posix.basename(file)) ? (readConfig(file, read) ?? []) : readImportMap(file, read),
    )
}

function readConfig(file: string, read: Read): PathAliases | null {
  const options = compilerOptions(file, read, new Set())
  const { paths, baseUrl, from } = options
  if (!paths && baseUrl === undefined) return null
  const folder = folderOf(file)
  const base = posix.join(from.baseUrl ?? from.paths ?? folder, baseUrl ?? '.')
  return {
    folder,
    baseUrl: baseUrl === undefined ? null : base,
    paths: Object.entries(paths ?? {}).map(([pattern, targets]) => [
      pattern,
      asTexts(targets).map((target) => posix.join(baseUrl === undefined ? (from.paths ?? folder) : base, target)),
    ]),
  }
}

interface Options {
  readonly paths: Json | undefined
  readonly baseUrl: string | undefined
  /** The folders of the files that say it. */
  readonly from: { readonly paths?: string; readonly baseUrl?: string }
}

/** With what it extends; what it says itself counts. */
function compilerOptions(file: string, read: Read, seen: Set<string>): Options {
  const none: Options = { paths: undefined, baseUrl: undefined, from: {} }
  const text = seen.has(file) ? null : read(file)
  seen.add(file)
  if (text === null) return none
  const config = asObject(parseLooseJson(text))
  const folder = folderOf(file)
  const base = asTexts(config.extends)
    .filter((one) => one.startsWith('.'))
    .map((one) => compilerOptions(withEnding(posix.join(folder, one)), read, seen))
    .reduce(merge, none)
  const own = asObject(config.compilerOptions)
  return merge(base, {
    paths: own.paths === undefined ? undefined : asObject(own.paths),
    baseUrl: typeof own.baseUrl === 'string' ? own.baseUrl : undefined,
    from: {
      ...(own.paths === undefined ? {} : { paths: folder }),
      ...(typeof own.baseUrl === 'string' ? { baseUrl: folder } : {}),
    },
  })
}

function merge(a: Options, b: Options): Options {
  return { paths: b.paths ?? a.paths, baseUrl: b.baseUrl ?? a.baseUrl, from: { ...a.from, ...b.from } }
}

function withEnding(path: string): string {
  return path.endsWith('.json') ? path : `${path}.json`
}

function readImportMap(file: string, read: Read): PathAliases[] {
  const text = read(file)
  const imports = asObject(asObject(parseLooseJson(text ?? '')).imports)
  const folder = folderOf(file)
  const paths = Object.entries(imports).flatMap(([name, target]): [string, string[]][] => {
    if (typeof target !== 'string') return []
    const star = name.endsWith('/') ? '*' : ''
    return [[`${name}${star}`, [target.startsWith('.') ? posix.join(folder, `${target}${star}`) : target]]]
  })
  return paths.length > 0 ? [{ folder, baseUrl: null, paths }] : []
}

function folderOf(file: string): string {
  const folder = posix.dirname(file)
  return folder === '.' ? '' : folder
}
