import { isDataError } from '../db/sqlstates.ts'
import { raw } from '../lib/sql.ts'
import type { SourceMapping, TargetMapping } from '../spec/mapping.ts'
import { refusedRows } from '../sqlgen/check-rows.ts'
import { type Raised, raisingRows, withoutRaising } from '../sqlgen/raising-rows.ts'
import { type Answer, type Asker, ask } from './ask.ts'
import type { CheckExample } from './check-report.ts'
import type { Found } from './finding.ts'
import { tellRaising, tellRefusal } from './tell-refusal.ts'

interface RefusedRow {
  readonly sqlstate: string | null
  readonly reason: string | null
  readonly rows: string
  readonly keys: readonly (readonly (string | null)[])[] | null
}

export interface Counted {
  /** Without the expressions that raise on some row: further questions can be asked of it. Null where none can. */
  readonly unit: TargetMapping | null
  readonly rows: number | null
  readonly refused: number | null
  /** How long it took to read and project all rows. */
  readonly seconds: number | null
  readonly found: readonly Found[]
}

/** Runs the projection of one way into a new table over all rows, and counts what the new table would refuse, by reason. */
export async function countRefused(asker: Asker, unit: TargetMapping): Promise<Counted> {
  let started = performance.now()
  const seconds = (): number => (performance.now() - started) / 1000
  const first = await ask<RefusedRow>(asker, refusedRows(unit))
  if (first.rows !== null) return { unit, seconds: seconds(), ...tell(unit, first.rows) }
  if (!isDataError({ code: first.error.sqlstate })) return uncounted(unit, first, [])
  const raised: { s: SourceMapping; raised: readonly Raised[] }[] = []
  for (const s of unit.sources) raised.push({ s, raised: await whatRaises(asker, s) })
  const all = raised.flatMap((one) => one.raised.map((each) => ({ s: one.s, each })))
  if (all.length === 0 || all.some(({ each }) => each.rows > each.keys.length)) {
    return uncounted(
      unit,
      first,
      all.map(({ s, each }) => tellRaised(unit, s, each)),
    )
  }
  const patched = { ...unit, sources: raised.map((one) => withoutRaising(one.s, one.raised)) }
  started = performance.now()
  const second = await ask<RefusedRow>(asker, refusedRows(patched))
  if (second.rows === null)
    return uncounted(
      unit,
      second,
      all.map(({ s, each }) => tellRaised(unit, s, each)),
    )
  return { unit: patched, seconds: seconds(), ...tell(unit, second.rows) }
}

function tell(
  unit: TargetMapping,
  rows: readonly RefusedRow[],
): { rows: number; refused: number; found: readonly Found[] } {
  const all = Number(rows.find((row) => row.sqlstate === null)?.rows ?? 0)
  const reasons = rows.filter((row) => row.sqlstate !== null)
  const found = reasons.map((row): Found => {
    const { id, what, advice } = tellRefusal(row.sqlstate ?? '', row.reason ?? '')
    return {
      ...{ id: [unit.name, ...id], severity: 'stops', what, where: unit.name, advice },
      ...{ rows: Number(row.rows), examples: examplesOf(row.keys) },
    }
  })
  return { rows: all, refused: reasons.reduce((sum, row) => sum + Number(row.rows), 0), found }
}

/** Keys as `CheckExample`s. */
export function examplesOf(keys: readonly (readonly (string | null)[])[] | null): CheckExample[] {
  return (keys ?? []).map((key) => ({ key, values: [] }))
}

async function whatRaises(asker: Asker, s: SourceMapping): Promise<readonly Raised[]> {
  const { error } = await ask(asker, raisingRows(s))
  if (error !== null) return []
  const { rows } = await ask<{ raised: string }>(asker, raw(`SELECT current_setting('crossfade.check') AS raised`))
  return JSON.parse(rows?.[0]?.raised ?? '[]') as Raised[]
}

/** Where they were too many, or something else is wrong: the number of old rows, and nothing about the others. */
function tellRaised(unit: TargetMapping, s: SourceMapping, { column, sqlstate, rows, keys }: Raised): Found {
  const { id, what, advice } = tellRaising(column, s.base.name, sqlstate)
  return {
    ...{ id: [unit.name, ...id], severity: 'stops', what, where: unit.name, rows, advice },
    examples: examplesOf(keys.slice(0, 3)),
  }
}

function uncounted(unit: TargetMapping, answer: Answer<unknown>, found: readonly Found[]): Counted {
  return {
    unit: null,
    rows: null,
    refused: null,
    seconds: null,
    found: [...found, tellUncounted([unit.name, 'rows'], unit.name, answer)],
  }
}

/** A question that got no answer is a finding: silence would look like a clean result. */
export function tellUncounted(id: readonly string[], where: string, { error }: Answer<unknown>): Found {
  const { sqlstate = '', message = '' } = error ?? {}
  const slow = sqlstate === '57014'
  return {
    ...{ id: [...id, 'not-counted'], severity: 'stops', where },
    what: `could not be counted: ${message} (${sqlstate})`,
    advice: slow
      ? 'Give it more time (--timeout <seconds>), or build the indexes that the report names first.'
      : 'Cure what the server says, and run the check again.',
  }
}
