/** What a file is to the map, by its name. */
export type FileKind = 'source' | 'data' | 'none'

const SOURCE = /\.([cm]?[jt]sx?|vue|svelte|astro)$/
/** Schemas, SQL and settings: some styles read them. */
const DATA = /(\.(prisma|sql|jsonc?)|migration_lock\.toml)$/

export function kindOf(file: string): FileKind {
  if (SOURCE.test(file)) return 'source'
  return DATA.test(file) ? 'data' : 'none'
}

const SKIPPED = new Set(['node_modules', 'bower_components', 'jspm_packages', 'dist', 'coverage', '__pycache__'])

/** Folders of tools, of dependencies and of what is compiled are not looked into, whether or not they are ignored. */
export function isSkippedFolder(name: string): boolean {
  return name.startsWith('.') || SKIPPED.has(name)
}

/** Where it stands beside a package.json, what is in it was compiled. */
export function isOutputFolder(name: string): boolean {
  return name === 'build' || name === 'out'
}

/** Bytes; hand-written sources are far below it. */
const MAX_SIZE = 2 * 1024 * 1024

/** Why a file is left out although its name is that of a source; null for one to be read. */
export function tooLarge(file: string, size: number): string | null {
  if (/[.-]min\.[cm]?js$/.test(file)) return 'left out: it is minified'
  return size > MAX_SIZE ? `left out: ${(size / 1024 / 1024).toFixed(1)} MB is no hand-written source` : null
}

/** Whether the text was made by a bundler or a minifier: hardly any lines. */
export function isMinified(text: string): boolean {
  if (text.length < 20_000) return false
  let lines = 1
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1
  return text.length / lines > 500
}
