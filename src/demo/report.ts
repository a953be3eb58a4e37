import type { Planted } from './legacy-rows.ts'
import type { Accountings } from './measure/accounting.ts'
import type { Mess } from './measure/fates.ts'
import type { SideEffects } from './measure/side-effects.ts'

/** The document that `crossfade demo --json` prints. All of it is measured from outside but `finish`. */
export interface DemoReport {
  readonly ok: boolean
  /** What did not hold, in words; empty when `ok`. */
  readonly problems: readonly string[]
  readonly application: {
    readonly statements: number
    readonly failed: number
    /** The first few failures. */
    readonly errors: readonly string[]
    readonly retriesByPool: number
    readonly slowestMs: number
    readonly slowestMsWithoutCrossfade: number
    /** The slowest few with Crossfade: when in the run, and what. */
    readonly slowest: readonly { readonly stage: string; readonly ms: number; readonly text: string }[]
    readonly p99Ms: number
    readonly p99MsWithoutCrossfade: number
  }
  readonly planted: Planted
  /** By new table. */
  readonly accounting: Accountings
  /** What was wrong with the old rows of posts and metrics, and whether the mapping's rule for it was kept. */
  readonly messes: readonly Mess[]
  /** Of the trigger that an old table has. */
  readonly sideEffects: SideEffects
  /** unified_posts, which the mapping keeps. */
  readonly unusedTable: { readonly rows: number; readonly untouched: boolean }
  readonly verify: { readonly rows: number; readonly differing: number }
  /** By ramp step: the share of the application's reads that the new side answered, 0 to 1. */
  readonly readsFromNew: { readonly [percent: string]: number }
  readonly rollbacks: readonly RollbackDrill[]
  readonly moves: readonly ModuleMove[]
  /** How often moved code met a 40001 and tried again. */
  readonly conflicts: number
  readonly finish: { readonly lockMs: number; readonly attempts: number }
  readonly doublePosts: number
  /** Committed writes that are not where they belong at the very end. */
  readonly lostWrites: number
  readonly stages: readonly { readonly name: string; readonly ms: number }[]
}

export interface RollbackDrill {
  readonly from: string
  readonly ms: number
  readonly writesBetween: number
  readonly lostWrites: number
}

export interface ModuleMove {
  readonly module: string
  readonly to: 'old' | 'native'
  readonly ms: number
}

/** What must hold, checked on the report itself; `others` are problems that the run came upon. */
export function findProblems(report: Omit<DemoReport, 'ok' | 'problems'>, others: readonly string[]): string[] {
  const { application, verify, rollbacks, readsFromNew } = report
  const problems = [...others]
  const zero = (what: string, count: number) => {
    if (count !== 0) problems.push(`${what}: ${count}, must be 0`)
  }
  zero('failed statements of the application', application.failed)
  zero('statements that the pool tried again', application.retriesByPool)
  zero('rows that differ between the sides', verify.differing)
  zero('double posts', report.doublePosts)
  zero('lost writes at the end', report.lostWrites)
  zero('effects of an old trigger that came twice', report.sideEffects.twice)
  zero('effects of an old trigger that never came', report.sideEffects.never)
  if (!report.unusedTable.untouched) problems.push('unified_posts is not what it was')
  for (const mess of report.messes) {
    if (mess.found === mess.planted) continue
    problems.push(`${mess.table}, ${mess.what}: ${mess.found} rows ${mess.fate}, should be ${mess.planted}`)
  }
  for (const drill of rollbacks) {
    zero(`lost writes after the rollback from ${drill.from}`, drill.lostWrites)
    if (drill.writesBetween === 0) problems.push(`nothing was written before the rollback from ${drill.from}`)
  }
  if (!Number.isFinite(report.finish.lockMs)) problems.push('finish did not say how long it locked')
  if (verify.rows === 0) problems.push('no row was compared')
  if ((readsFromNew['100'] ?? 0) < 0.9) problems.push('at 100 % of reads the old side still answered')
  return problems
}
