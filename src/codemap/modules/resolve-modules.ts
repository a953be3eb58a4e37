import { posix } from 'node:path'
import { packageSpecifier } from '../package-name.ts'

const ENDINGS = ['.ts', '.tsx', '.d.ts', '.js', '.jsx', '.mts', '.cts', '.mjs', '.cjs', '.vue', '.svelte', '.astro']

/** How one folder's compiler settings rename specifiers. */
export interface PathAliases {
  /** The folder of the tsconfig, from the root. */
  readonly folder: string
  /** `@/*` to what it may stand for, from the root. */
  readonly paths: readonly (readonly [pattern: string, targets: readonly string[]])[]
  readonly baseUrl: string | null
}

/** A package of the project itself. */
export interface WorkspacePackage {
  readonly name: string
  readonly folder: string
  /** What `exports` and `main` lead to: `.` or `./client` to files, from the root, the first that is there. */
  readonly entries: readonly (readonly [subpath: string, targets: readonly string[]])[]
  /** Its own aliases, which begin with `#`. */
  readonly own: readonly (readonly [name: string, targets: readonly string[]])[]
}

export interface Resolver {
  resolve(specifier: string, importer: string): string | null
  target(specifier: string, importer: string): string | null
  package(specifier: string, importer: string): string
}

/** Finds files by specifiers, among the files of the project alone: nothing is asked of the disk. */
export function createResolver(
  files: ReadonlySet<string>,
  aliases: readonly PathAliases[],
  packages: readonly WorkspacePackage[],
): Resolver {
  const found = new Map<string, Map<string, string | null>>()
  const deepest = [...aliases].sort((a, b) => b.folder.length - a.folder.length)

  function resolve(specifier: string, importer: string): string | null {
    const all = found.get(importer) ?? new Map<string, string | null>()
    const known = all.get(specifier)
    if (known !== undefined) return known
    found.set(importer, all)
    let file: string | null = null
    for (const target of targetsOf(specifier, importer)) {
      file = fileAt(files, target)
      if (file) break
    }
    all.set(specifier, file)
    return file
  }

  function targetsOf(specifier: string, importer: string): string[] {
    if (specifier.startsWith('.')) return [posix.join(posix.dirname(importer), specifier)]
    if (specifier.startsWith('/')) return [specifier.slice(1)]
    if (isElsewhere(specifier)) return []
    const alias = deepest.filter(({ folder }) => isInside(importer, folder)).flatMap((one) => aliased(one, specifier))
    if (specifier.startsWith('#')) return [...alias, ...packages.flatMap((one) => ownAlias(one, specifier, importer))]
    return [...alias, ...packages.flatMap((one) => inPackage(one, specifier))]
  }

  function target(specifier: string, importer: string): string | null {
    // Under a `baseUrl` every package might be a folder, too.
    const first = targetsOf(specifier, importer).find(
      (one) => !isElsewhere(one) && (specifier.startsWith('.') || !one.endsWith(specifier)),
    )
    return first?.replace(/(\.d)?\.[cm]?[jt]sx?$/, '') ?? null
  }

  function packageOf(specifier: string, importer: string): string {
    const renamed = targetsOf(specifier, importer).find(isElsewhere)
    return packageSpecifier(renamed ?? specifier)
  }

  return { resolve, target, package: packageOf }
}

/** Names a registry or a server. */
function isElsewhere(specifier: string): boolean {
  return /^(npm:|jsr:|node:|https?:)/.test(specifier)
}

function isInside(file: string, folder: string): boolean {
  return folder === '' || file.startsWith(`${folder}/`)
}

type Patterns = readonly (readonly [pattern: string, targets: readonly string[]])[]

/** What the patterns make of a specifier; a `*` stands for the same in both. */
function matched(patterns: Patterns, specifier: string): string[] {
  return patterns.flatMap(([pattern, targets]) => {
    const [before = '', after] = pattern.split('*')
    if (after === undefined) return pattern === specifier ? targets : []
    if (!specifier.startsWith(before) || !specifier.endsWith(after)) return []
    const middle = specifier.slice(before.length, specifier.length - after.length)
    return targets.map((one) => one.replace('*', middle))
  })
}

function aliased({ paths, baseUrl }: PathAliases, specifier: string): string[] {
  const found = matched(paths, specifier)
  return baseUrl === null ? found : [...found, posix.join(baseUrl, specifier)]
}

function inPackage({ name, folder, entries }: WorkspacePackage, specifier: string): string[] {
  if (specifier !== name && !specifier.startsWith(`${name}/`)) return []
  const subpath = `.${specifier.slice(name.length)}`
  const found = matched(entries, subpath)
  const plain = subpath === '.' ? ['src/index', 'index', 'src/main', 'src'] : [subpath, posix.join('src', subpath)]
  return [...found, ...plain.map((one) => posix.join(folder, one))]
}

function ownAlias({ folder, own }: WorkspacePackage, specifier: string, importer: string): string[] {
  return isInside(importer, folder) ? matched(own, specifier) : []
}

/** The file that a path means: itself, with an ending, as a folder's index, or the source of what would be compiled. */
function fileAt(files: ReadonlySet<string>, path: string): string | null {
  const clean = posix.normalize(path).replace(/\/$/, '')
  if (files.has(clean)) return clean
  const stem = clean.replace(/\.([cm]?)jsx?$/, '')
  const candidates = [
    ...ENDINGS.map((ending) => `${clean}${ending}`),
    ...(stem === clean ? [] : ENDINGS.map((ending) => `${stem}${ending}`)),
    ...ENDINGS.map((ending) => `${clean}/index${ending}`),
    // `dist/` is not looked at, what it is made of is.
    ...(/(^|\/)(dist|build|lib|out)\//.test(stem)
      ? ENDINGS.map((ending) => `${stem.replace(/(^|\/)(dist|build|lib|out)\//, '$1src/')}${ending}`)
      : []),
  ]
  return candidates.find((one) => files.has(one)) ?? null
}
