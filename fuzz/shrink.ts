import type { Case, Model, SpecValue } from './case.ts'

/** Whether a smaller case still fails in the same way. */
export type StillFails = (smaller: Case) => Promise<boolean>

/**
 * Makes a failing case smaller, until nothing can be left out or there is no time left: fewer steps, fewer rows, whole
 * tables and single words of the mapping. Each try is a replay, so what is large goes first.
 */
export async function shrink(given: Case, stillFails: StillFails, isTimeUp: () => boolean): Promise<Case> {
  let best = given
  for (let size = -1; size !== sizeOf(best) && !isTimeUp(); ) {
    size = sizeOf(best)
    best = await shrinkList(best, 'steps', stillFails, isTimeUp)
    best = await shrinkList(best, 'rows', stillFails, isTimeUp)
    best = await shrinkSettings(best, stillFails, isTimeUp)
    best = await shrinkModel(best, stillFails, isTimeUp)
  }
  return best
}

function sizeOf(given: Case): number {
  return JSON.stringify(given).length
}

/** Delta debugging: halves, quarters, and so on, down to single items. */
async function shrinkList(
  given: Case,
  list: 'steps' | 'rows',
  stillFails: StillFails,
  isTimeUp: () => boolean,
): Promise<Case> {
  let best = given
  for (let size = Math.ceil(best[list].length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best[list].length && !isTimeUp(); ) {
      const items = [...best[list].slice(0, at), ...best[list].slice(at + size)]
      const smaller = { ...best, [list]: items }
      if (await stillFails(smaller)) best = smaller
      else at += size
    }
  }
  return best
}

async function shrinkSettings(given: Case, stillFails: StillFails, isTimeUp: () => boolean): Promise<Case> {
  let best = given
  for (const [at, setting] of given.settings.entries()) {
    if (setting === '' || isTimeUp()) continue
    const smaller = { ...best, settings: best.settings.map((old, i) => (i === at ? '' : old)) }
    if (await stillFails(smaller)) best = smaller
  }
  return best
}

/** Every property and every item of the mapping, from the outside to the inside, is tried without. */
async function shrinkModel(given: Case, stillFails: StillFails, isTimeUp: () => boolean): Promise<Case> {
  let best = given
  for (let at = 0; !isTimeUp(); ) {
    const path = listPaths(best.model)[at]
    if (path === undefined) break
    const smaller = { ...best, model: without(best.model as unknown as SpecValue, path) as unknown as Model }
    if (await stillFails(smaller)) best = smaller
    else at++
  }
  return best
}

type Path = readonly (string | number)[]

/** What a model can do without, the shortest paths first. Names, types and keys it can't. */
function listPaths(model: Model): Path[] {
  const paths: Path[] = []
  const walk = (value: unknown, path: Path): void => {
    if (value === null || typeof value !== 'object') return
    for (const [word, inside] of Object.entries(value)) {
      const place = Array.isArray(value) ? Number(word) : word
      const here = [...path, place]
      if (!KEPT.has(String(place)) && path.length > 0) paths.push(here)
      walk(inside, here)
    }
  }
  walk(model, [])
  return paths.sort((a, b) => a.length - b.length)
}

const KEPT = new Set(
  'name|type|role|kind|columns|constraints|primary|spec|sources|via|on|take|from|budgetMs|inlineWrites'.split('|'),
)

function without(value: SpecValue, path: Path): SpecValue {
  const [first, ...rest] = path
  if (Array.isArray(value)) {
    if (rest.length === 0) return value.filter((_, i) => i !== first)
    return value.map((item, i) => (i === first ? without(item, rest) : item))
  }
  if (value === null || typeof value !== 'object' || first === undefined) return value
  const entries = Object.entries(value)
  if (rest.length === 0) return Object.fromEntries(entries.filter(([word]) => word !== first))
  return Object.fromEntries(entries.map(([word, inside]) => [word, word === first ? without(inside, rest) : inside]))
}
