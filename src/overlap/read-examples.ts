import type { ColumnMatch } from './align-columns.ts'
import type { CandidateColumn } from './candidate.ts'
import { exampleOf } from './count-states.ts'
import { showValue } from './mask-value.ts'
import type { ConflictExample } from './overlap-document.ts'
import { buildExampleQuery, type PairPlan, type PairSide, SIDE, type StateRow } from './pair-query.ts'
import type { Reader } from './read-only-session.ts'

export interface Examples {
  readonly onlyLeft: readonly string[]
  readonly onlyRight: readonly string[]
  /** By column. */
  readonly conflicts: readonly (readonly ConflictExample[])[]
}

interface Conflicts {
  readonly match: ColumnMatch
  /** As text. */
  readonly keys: readonly string[]
}

/** The values of the rows that stand as examples; without `showsValues` their shapes. */
export async function readExamples(
  reader: Reader,
  plan: PairPlan,
  ofKey: readonly StateRow[],
  conflicts: readonly Conflicts[],
  showsValues: boolean,
): Promise<Examples> {
  const show = (text: string) => showValue(text, showsValues)
  const only = (side: number) => [exampleOf(ofKey, side)].flatMap((key) => (key === null ? [] : [show(key)]))
  const keys = [...new Set(conflicts.flatMap((one) => one.keys))]
  const involved = conflicts.filter((one) => one.keys.length > 0)
  const left = await readValues(
    reader,
    plan,
    plan.left,
    keys,
    involved.map(({ match }) => match.left),
  )
  const right = await readValues(
    reader,
    plan,
    plan.right,
    keys,
    involved.map(({ match }) => match.right),
  )
  return {
    onlyLeft: only(SIDE.onlyLeft),
    onlyRight: only(SIDE.onlyRight),
    conflicts: conflicts.map((one): ConflictExample[] => {
      const at = involved.indexOf(one)
      return one.keys.flatMap((key) => {
        const [l, r] = [left.get(key), right.get(key)]
        if (l === undefined || r === undefined) return []
        const value = (text: string | null | undefined) => (text === null || text === undefined ? null : show(text))
        return [
          {
            key: show(key),
            left: value(l.values[at]),
            right: value(r.values[at]),
            newer: compareTimes(l.time, r.time),
          },
        ]
      })
    }),
  }
}

interface ExampleRow {
  readonly values: readonly (string | null)[]
  readonly time: string | null
}

/** By key, of the newest row that has it. */
async function readValues(
  reader: Reader,
  plan: PairPlan,
  side: PairSide,
  keys: readonly string[],
  columns: readonly CandidateColumn[],
): Promise<Map<string, ExampleRow>> {
  if (keys.length === 0 || columns.length === 0) return new Map()
  const asked = side.newer === null ? columns : [...columns, side.newer]
  const query = buildExampleQuery(side, plan.form, asked)
  const rows = await reader.rows<{ key: string; values: (string | null)[] }>(side.candidate.name, query, [keys])
  const found = new Map<string, ExampleRow>()
  for (const { key, values } of rows ?? []) {
    if (found.has(key)) continue
    found.set(key, { values, time: side.newer === null ? null : (values[columns.length] ?? null) })
  }
  return found
}

function compareTimes(left: string | null, right: string | null): 'left' | 'right' | null {
  const [a, b] = [Date.parse(left ?? ''), Date.parse(right ?? '')]
  return a > b ? 'left' : a < b ? 'right' : null
}
