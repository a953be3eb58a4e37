import type { Comparison } from './comparison.ts'
import type { PairCounts, Relation } from './overlap-document.ts'
import { NEWER, SIDE, STATE, type StateRow } from './pair-query.ts'

/** What the shared keys say of two columns; sums up to the shared keys. */
export interface StateCounts {
  readonly equal: number
  readonly bothNull: number
  readonly leftNull: number
  readonly rightNull: number
  readonly conflicting: number
  readonly nearly: readonly { readonly how: string; readonly count: number }[]
  readonly leftNewer: number
  readonly rightNewer: number
  /** Keys, as text, of conflicts: first those without a name. */
  readonly keys: readonly string[]
}

const EXAMPLES = 3

export function countKeys(rows: readonly StateRow[]): PairCounts {
  const of = (side: number) => sum(rows.filter((row) => row.place === -1 && row.state === side))
  const [shared, onlyLeft, onlyRight] = [of(SIDE.both), of(SIDE.onlyLeft), of(SIDE.onlyRight)]
  return { leftKeys: shared + onlyLeft, rightKeys: shared + onlyRight, shared, onlyLeft, onlyRight }
}

/** The least key that only this side has. */
export function exampleOf(rows: readonly StateRow[], side: number): string | null {
  return rows.find((row) => row.place === -1 && row.state === side)?.k ?? null
}

export function countStates(rows: readonly StateRow[], place: number, { nearly }: Comparison): StateCounts {
  const own = rows.filter((row) => row.place === place)
  const of = (state: number) => sum(own.filter((row) => row.state === state))
  const conflicts = own.filter((row) => row.state >= STATE.conflict)
  conflicts.sort((a, b) => a.state - b.state || a.newer - b.newer)
  return {
    ...{ equal: of(STATE.equal), bothNull: of(STATE.bothNull), leftNull: of(STATE.leftNull) },
    ...{ rightNull: of(STATE.rightNull), conflicting: sum(conflicts) },
    nearly: nearly.flatMap(({ how }, index) => {
      const count = of(STATE.nearly + index)
      return count > 0 ? [{ how, count }] : []
    }),
    leftNewer: sum(conflicts.filter((row) => row.newer === NEWER.left)),
    rightNewer: sum(conflicts.filter((row) => row.newer === NEWER.right)),
    keys: [...new Set(conflicts.flatMap((row) => row.k ?? []))].slice(0, EXAMPLES),
  }
}

/** The left table as seen from the right one. */
export function relationOfCounts({ leftKeys, rightKeys, shared, onlyLeft, onlyRight }: PairCounts): Relation {
  if (leftKeys === 0 || rightKeys === 0) return 'empty'
  if (shared === 0) return 'none'
  if (onlyLeft === 0 && onlyRight === 0) return 'equal'
  if (onlyRight === 0) return 'superset'
  return onlyLeft === 0 ? 'subset' : 'partial'
}

function sum(rows: readonly StateRow[]): number {
  return rows.reduce((total, row) => total + row.n, 0)
}
