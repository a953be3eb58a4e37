import type { Stage } from '../src/control/state.ts'
import type { Failure } from './case.ts'
import type { Outcome } from './session.ts'

/** What a statement on the old tables can meet without Crossfade: their own constraints, and the mistakes of the statement itself. */
const OLD = new Set([
  ...['23505', '23502', '21000', '22003', '3B001', '25P01', '25001', 'killed'],
  // Of a trigger of the application.
  ...['P0001', '27000'],
])
/** A row that isn't the partition's, by its own name. */
const PARTITIONED = /violates partition constraint$|^moving row to another partition during a BEFORE/
/** What native code must be ready for. */
const NATIVE = new Set([
  ...OLD,
  '40001',
  '40P01',
  '23503',
  '23514',
  '22001',
  '55P03',
  'CF001',
  'CF002',
  '428C9',
  '22012',
])
/** The new tables are elsewhere, or closed. */
const NOT_OPEN = new Set(['42P01', '42501', '42703', '42P10'])

interface Surroundings {
  /** The stage when the statement began and when it ended; null while a command was at work. */
  readonly before: Stage | null
  readonly after: Stage | null
  /** There is no other session of the application, so no deadlock can be its own. */
  readonly alone: boolean
  /** No command was at work, which may hold locks while the history lets it wait. */
  readonly idle: boolean
}

/** The error as a failure; null where it is one that the application would have met anyway. */
export function judge(outcome: Outcome, open: Surroundings): Failure | null {
  const { code, step, message } = outcome
  if (code === null) return null
  if (code === '55P03' && outcome.limits.includes('lock_timeout') && !(open.alone && open.idle)) return null
  if (code === '57014' && outcome.limits.includes('statement_timeout') && !(open.alone && open.idle)) return null
  const detail = `${code} ${message}\n${step.sql}`
  if (step.side === 'new') {
    if (NATIVE.has(code) || (code === '0A000' && /^cannot convert/.test(message ?? ''))) return null
    if (NOT_OPEN.has(code) && (open.before !== 'move' || open.after !== 'move')) return null
    return { kind: `new: ${code}`, detail }
  }
  if (OLD.has(code) || PARTITIONED.test(message ?? '')) return null
  if (code === '40001' && !outcome.readCommitted) return null
  if (code === '40P01' && !open.alone) return null
  return { kind: `old: ${code}`, detail }
}
