import { join } from 'node:path'
import { listFiles } from '../codemap/discover/list-files.ts'
import { readSource } from '../codemap/discover/read-source.ts'
import { fileRole } from '../codemap/file-role.ts'
import type { Style } from '../codemap/interaction.ts'
import { asObject, parseLooseJson } from '../codemap/modules/read-json.ts'
import { packageSpecifier } from '../codemap/package-name.ts'
import { STYLES } from '../codemap/styles/all.ts'

export interface FoundCode {
  /** Folders, and single files that stand beside them, from the root, with slashes. */
  readonly code: readonly string[]
  /** Ways to the database, with the number of files that import each: 0 where only package.json names it. */
  readonly styles: readonly FoundStyle[]
  /** Every folder with a package.json, '' for the root. */
  readonly packages: readonly string[]
}

export interface FoundStyle {
  readonly style: Style
  readonly files: number
}

interface Package {
  readonly folder: string
  readonly name: string | null
  readonly needs: readonly string[]
  readonly files: SourceFile[]
}

interface SourceFile {
  readonly file: string
  readonly styles: readonly Style[]
}

/** More single files than this are told as their folder. */
const MOST_FILES = 6

/**
 * Where the code of a project is that reaches its database. Of a workspace those packages that need a library of the
 * database, or another package that does; where none does, all.
 */
export function findCode(root: string): FoundCode {
  const { sources, data } = listFiles(root)
  const packages = data
    .filter((file) => /(^|\/)package\.json$/.test(file))
    .map((file): Package => ({ ...readManifest(root, file), files: [] }))
    // The innermost package has the file.
    .sort((a, b) => b.folder.length - a.folder.length)
  for (const file of sources.filter(isProgram))
    packages.find(({ folder }) => isWithin(file, folder))?.files.push({ file, styles: stylesOf(root, file) })
  const reaching = reachingPackages(packages)
  const chosen = reaching.length === 0 ? packages : reaching
  const code = chosen.flatMap(codeOf).sort()
  return { code, styles: countStyles(chosen), packages: packages.map(({ folder }) => folder).sort() }
}

function readManifest(root: string, file: string): Omit<Package, 'files'> {
  const source = readSource(join(root, file))
  const manifest = asObject(parseLooseJson(source.text ?? ''))
  const lists = [
    manifest.dependencies,
    manifest.devDependencies,
    manifest.peerDependencies,
    manifest.optionalDependencies,
  ]
  return {
    folder: file === 'package.json' ? '' : file.slice(0, -'/package.json'.length),
    name: typeof manifest.name === 'string' ? manifest.name : null,
    needs: lists.flatMap((list) => Object.keys(asObject(list))),
  }
}

/** Tests and settings of tools are code, too, but nobody's way to the database. */
function isProgram(file: string): boolean {
  const role = fileRole(file)
  return (role === 'program' || role === 'script') && !/(\.d\.[cm]?ts|\.config\.[cm]?[jt]s)$/.test(file)
}

function isWithin(file: string, folder: string): boolean {
  return folder === '' || file.startsWith(`${folder}/`)
}

function stylesOf(root: string, file: string): Style[] {
  const { text } = readSource(join(root, file))
  if (text === null) return []
  const named = [...text.matchAll(/(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*['"]([^'"\n]+)['"]/g)]
  return stylesAmong(named.map(([, specifier = '']) => packageSpecifier(specifier)))
}

function stylesAmong(modules: readonly string[]): Style[] {
  return STYLES.filter((style) => modules.some((name) => style.modules.test(name))).map(({ name }) => name)
}

function reachingPackages(packages: readonly Package[]): Package[] {
  const reaching = new Set(
    packages.filter(
      ({ needs, files }) => stylesAmong(needs).length > 0 || files.some(({ styles }) => styles.length > 0),
    ),
  )
  for (let before = -1; before !== reaching.size; ) {
    before = reaching.size
    const names = new Set([...reaching].map(({ name }) => name))
    for (const one of packages) if (one.needs.some((need) => names.has(need))) reaching.add(one)
  }
  return [...reaching]
}

/** A package as a whole; of the root its folders, since the other packages lie in them. */
function codeOf({ folder, files }: Package): string[] {
  if (files.length === 0) return []
  if (folder !== '') return [folder]
  const tops = [...new Set(files.map(({ file }) => file.split('/')[0] ?? file))]
  const single = tops.filter((top) => files.some(({ file }) => file === top))
  return single.length > MOST_FILES ? ['.'] : tops
}

function countStyles(packages: readonly Package[]): FoundStyle[] {
  const needed = stylesAmong(packages.flatMap(({ needs }) => needs))
  const files = packages.flatMap((one) => one.files)
  return STYLES.flatMap(({ name }): FoundStyle[] => {
    const count = files.filter(({ styles }) => styles.includes(name)).length
    return count > 0 || needed.includes(name) ? [{ style: name, files: count }] : []
  }).sort((a, b) => b.files - a.files)
}
