import { posix } from 'node:path'
import { asObject, asTexts, parseLooseJson } from '../modules/read-json.ts'

/** Files that a framework loads by where they lie: pages, routes, functions, and the settings of tools. */
export const PLACED = [
  /(^|\/)(src\/)?app\/(.*\/)?(page|layout|route|default|error|loading|template|not-found|sitemap|robots)\.[jt]sx?$/,
  /(^|\/)(src\/)?pages\/.+\.([jt]sx?|vue|astro)$/,
  /(^|\/)(src\/)?(middleware|instrumentation|proxy)\.[jt]s$/,
  /(^|\/)routes\/(.*\/)?[^/]*\.([jt]sx?|svelte|vue)$/,
  /(^|\/)\+(page|layout|server|error)(\.server)?\.([jt]s|svelte)$/,
  /(^|\/)(src\/)?hooks\.(server|client)\.[jt]s$/,
  /(^|\/)server\/(api|routes|middleware|plugins)\/.+\.[jt]s$/,
  /(^|\/)supabase\/functions\/[^/]+\/index\.[jt]s$/,
  /(^|\/)(api|functions|netlify\/functions)\/[^/]+\.[cm]?[jt]sx?$/,
  /(^|\/)(serverless|lambda|handler)\.[cm]?[jt]s$/,
]
/** By convention where a program begins. */
const BEGINNINGS = /(^|\/)(src\/)?(main|server|app|worker|cli|bot|cron)\.[cm]?[jt]sx?$/

/**
 * Files that something outside of the code starts: what package.json names (`main`, `bin`, scripts), what a framework
 * loads by its place, and files that are called like the beginning of a program and that nobody imports.
 */
export function findEntries(
  files: readonly string[],
  imported: ReadonlySet<string>,
  manifests: readonly (readonly [file: string, text: string])[],
  resolve: (path: string) => string | null,
): string[] {
  const named = manifests.flatMap(([file, text]) => namedBy(file, text)).flatMap((path) => resolve(path) ?? [])
  const placed = files.filter((file) => PLACED.some((rule) => rule.test(file)))
  const beginning = files.filter((file) => BEGINNINGS.test(file) && !imported.has(file))
  return [...new Set([...named, ...placed, ...beginning])].sort()
}

/** Paths that a package.json names, from the root. */
function namedBy(file: string, text: string): string[] {
  const { main, module, bin, exports, scripts } = asObject(parseLooseJson(text))
  const folder = posix.dirname(file)
  const commands = Object.values(asObject(scripts)).filter((one) => typeof one === 'string')
  const run = commands.flatMap((one) => one.match(/[\w./@-]+\.[cm]?[jt]sx?\b/g) ?? [])
  return [...asTexts(main), ...asTexts(module), ...textsWithin(bin), ...textsWithin(exports), ...run]
    .filter((path) => /\.[cm]?[jt]sx?$/.test(path) || path.startsWith('.'))
    .map((path) => posix.join(folder, path))
}

function textsWithin(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsWithin) : []
}
