import { compareText } from '../queries/tables.ts'
import type { HandOver } from './hand-overs.ts'

/** Hand-overs one after the other: who gets the rows of one makes those of the next. */
export interface Path {
  readonly handOvers: readonly HandOver[]
  /** The sum of theirs. */
  readonly strength: number
}

/** A table that everybody hands to everybody is told of so many times, by its strongest hand-overs. */
const MOST_OF_A_TABLE = 3

interface Candidate {
  readonly path: Path
  readonly key: string
  gain: number
}

/**
 * The path that tells most that is new, again and again, until nothing new is left; what is told once more counts
 * against a path. Gains only ever fall, so that one is looked at again only when it has come first (lazy greedy,
 * Minoux 1978).
 */
export function selectPaths(paths: readonly Path[]): Path[] {
  const told = new Set<HandOver>()
  const times = new Map<string, number>()
  const open = paths.map((path): Candidate => ({ path, key: keyOf(path), gain: path.strength })).sort(compare)
  const selected: Path[] = []
  for (let best = open.pop(); best !== undefined; best = open.pop()) {
    const gain = gainOf(best.path)
    if (gain <= 0) continue
    if (gain < best.gain) {
      best.gain = gain
      insert(open, best)
      continue
    }
    selected.push(best.path)
    for (const one of best.path.handOvers) {
      if (isNew(one)) times.set(one.from.table, (times.get(one.from.table) ?? 0) + 1)
      told.add(one)
    }
  }
  return selected

  function isNew(one: HandOver): boolean {
    return !told.has(one) && (times.get(one.from.table) ?? 0) < MOST_OF_A_TABLE
  }

  function gainOf(path: Path): number {
    return path.handOvers.reduce((sum, one) => sum + (isNew(one) ? one.strength : -one.strength), 0)
  }
}

/** The best last. */
function compare(a: Candidate, b: Candidate): number {
  return a.gain - b.gain || b.path.handOvers.length - a.path.handOvers.length || compareText(b.key, a.key)
}

function insert(open: Candidate[], one: Candidate): void {
  let [low, high] = [0, open.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const at = open[middle]
    if (at && compare(at, one) < 0) low = middle + 1
    else high = middle
  }
  open.splice(low, 0, one)
}

function keyOf(path: Path): string {
  return path.handOvers.map(({ from, to }) => `${from.actor} ${from.table} ${to.actor}`).join('\n')
}
