import type pg from 'pg'
import { type Gate, hashArtifacts, readApprovers, readArtifacts } from '../control/approvals.ts'
import { countOpenMismatches, readOutcomes } from '../control/reads.ts'
import { readState, type Stage, type State } from '../control/state.ts'
import { readOldWrites } from '../sync/old-writes.ts'
import { describeHanging } from './dependents.ts'
import { readDrift } from './gates.ts'
import { describeStep } from './reads-page.ts'
import { describeOpening } from './strangers.ts'
import { describePause, describeSync, type SyncFacts } from './sync-status.ts'

export interface Status {
  readonly stage: Stage | 'start'
  readonly evidence: readonly string[]
  readonly warnings: readonly string[]
  /** The one next command. */
  readonly next: string
  /** What takes the last step back; null where there is nothing. */
  readonly undo: string | null
  readonly database: Record<string, unknown> | null
}

interface Facts {
  readonly state: State
  readonly database: Record<string, unknown> &
    SyncFacts & {
      outbox: { keys: number; oldestMs: number }
      journal: { open: number; accepted: number }
      workers: number
      /** The old tables are in the archive, from where a rollback brings them back. */
      archived: boolean
      /** Foreign keys whose rows finish, or the rollback from it, has yet to check. */
      unchecked: number
      checkAgain: number
      leftovers: number
      conflicts: number
    }
  readonly approved: ReadonlySet<Gate>
  readonly drift: readonly string[]
  readonly interrupted: string | null
  readonly oldWrites: readonly { source: string; writes: number; changedAt: Date }[]
  readonly keep: readonly string[]
  readonly hanging: readonly string[]
  readonly strangers: readonly string[]
  /** Of shadow reads, by outcome. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly mismatches: number
  /** Of reads at this step of the ramp, a line for each side. */
  readonly step: readonly string[]
}

/** Where the consolidation stands. Reads only. */
export async function readStatus(session: pg.ClientBase): Promise<Status> {
  const state = await readState(session)
  if (!state) {
    return {
      stage: 'start',
      evidence: ['Nothing of Crossfade is in this database.'],
      warnings: [],
      next: 'crossfade check, then crossfade approve design',
      undo: null,
      database: null,
    }
  }
  const { rows } = await session.query<{ status: Facts['database'] }>(/* sql */ `SELECT crossfade.status() AS status`)
  const database = rows[0]?.status
  if (!database) throw new Error('the control schema has no state')
  const approved = new Set<Gate>()
  for (const gate of ['design', 'build', 'sync', 'verify', 'reads', 'move', 'finish'] as const) {
    const artifacts = await readArtifacts(session, gate)
    if (artifacts.length > 0 && (await readApprovers(session, gate, hashArtifacts(artifacts))).length > 0)
      approved.add(gate)
  }
  const mapping = state.mapping
  const drift =
    mapping && state.stage !== 'finish' && state.stage !== 'design'
      ? await readDrift(session, { ...state, mapping })
      : []
  const last = await session.query<{ command: string; outcome: string | null; alive: boolean }>(/* sql */ `
    SELECT h.command, h.outcome, EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = h.pid AND a.backend_start <= h.started_at) AS alive
      FROM crossfade.history AS h ORDER BY h.id DESC LIMIT 1`)
  const [newest] = last.rows
  const interrupted =
    newest && (newest.outcome === 'interrupted' || (newest.outcome === null && !newest.alive)) ? newest.command : null
  return describe({
    state,
    database,
    approved,
    drift,
    interrupted,
    oldWrites: await readOldWrites(session),
    keep: mapping?.keep ?? [],
    hanging: mapping && state.stage === 'move' ? await describeHanging(session, mapping) : [],
    outcomes: await readOutcomes(session),
    mismatches: await countOpenMismatches(session),
    step: state.stage === 'finish' ? [] : await describeStep(session, state.readPercent),
    strangers: mapping ? await describeOpening(session, mapping, state.stage) : [],
  })
}

function describe(f: Facts): Status {
  const { state, database } = f
  const { outbox, journal } = database
  const broughtBack = state.stage === 'finish' && !database.archived
  const needsWorker = state.stage === 'sync' || state.stage === 'reads' || state.stage === 'move'
  const evidence = [
    broughtBack ? BROUGHT_BACK : STAGE_WORDS[state.stage],
    ...(state.stage === 'reads' || state.stage === 'move'
      ? [`${state.readPercent} % of the reads come from the new tables.`]
      : []),
    ...(state.inSync ? ['Both sides are in step.'] : state.stage === 'sync' ? ['The backfill is not complete.'] : []),
    ...(state.verifiedAt ? [`Every row was verified at ${state.verifiedAt.toISOString()}.`] : []),
    `Outbox: ${outbox.keys} keys wait${outbox.keys > 0 ? `, the oldest for ${outbox.oldestMs} ms` : ''}. Journal: ${journal.open} open, ${journal.accepted} accepted by name.`,
    ...describeSync(database),
    ...f.step,
    ...describeShadow(f),
    ...(state.stage === 'move'
      ? f.oldWrites.map(
          (w) =>
            `${w.source}: ${w.writes} writes by the old name${w.writes > 0 ? `, the last seen at ${w.changedAt.toISOString()}` : ''}.`,
        )
      : []),
    ...(state.stage === 'move'
      ? [`${database.conflicts} native writes met a write by an old name and were told to try again.`]
      : []),
    ...f.hanging,
    ...(f.keep.length > 0 ? [`Stay as they are: ${f.keep.join(', ')}.`] : []),
  ]
  const warnings = [
    ...(database.paused ? [`${describePause(database.paused)} Run: crossfade resume`] : []),
    ...(database.leftovers > 0
      ? [
          'A rollback could only silence triggers, since somebody held a table. They do nothing and go with the next command.',
        ]
      : []),
    ...(f.interrupted
      ? [`The last run (${f.interrupted}) was interrupted. The same command goes on where it was.`]
      : []),
    ...(database.archived && database.unchecked > 0
      ? [
          `${database.unchecked} foreign keys hold for new rows, and those that were there are not checked yet. The same command goes on: crossfade finish --i-have-a-backup`,
        ]
      : []),
    ...(broughtBack && database.checkAgain > 0
      ? [
          `${database.checkAgain} foreign keys to the old tables hold for new rows, and those that were there are not checked yet. The same command goes on: crossfade rollback`,
        ]
      : []),
    ...(f.mismatches > 0
      ? [
          `Both sides answered reads differently, in ${f.mismatches} ways that nobody has accepted. See: crossfade shadow`,
        ]
      : []),
    ...f.strangers,
    ...f.drift.map((change) => `Not carried: ${change}.`),
    ...(needsWorker && database.workers === 0
      ? [
          outbox.keys > 0
            ? 'Keys wait in the outbox and nobody drains it. Run: crossfade worker'
            : 'No worker runs, so nobody would drain the outbox. Run: crossfade worker',
        ]
      : []),
  ]
  return {
    stage: state.stage,
    evidence,
    warnings,
    next: nextCommand(f),
    undo: state.stage === 'design' || (broughtBack && database.checkAgain === 0) ? null : UNDO_WORDS[state.stage],
    database,
  }
}

/** Nothing while nobody compares. */
function describeShadow({ outcomes }: Facts): string[] {
  const { same = 0, settled = 0, different = 0 } = outcomes
  const compared = same + settled + different
  if (compared === 0) return []
  return [`Shadow reads: ${compared} compared, ${different} of them different at two looks.`]
}

/** After a rollback from finish. */
const BROUGHT_BACK =
  'The old tables are back under their old names, as they were at finish. The new tables stay, with what was written since; nothing is in step any more.'

const STAGE_WORDS: { readonly [stage in Stage]: string } = {
  design: 'The design is written down; nothing is built.',
  build: 'The new tables are there, beside the old ones and empty.',
  sync: 'Every write to the old tables reaches the new ones.',
  reads: 'The read ramp is on.',
  move: 'The new tables are open for writing; code moves to the new names.',
  finish: 'The old tables are in the archive.',
}

const UNDO_WORDS: { readonly [stage in Exclude<Stage, 'design'>]: string } = {
  build: 'crossfade rollback: drops the new tables',
  sync: 'crossfade rollback: takes the triggers away; the old tables never changed',
  reads: 'crossfade rollback: every client reads old again, at once',
  move: 'crossfade rollback: closes the new tables; move the code back to the old names first',
  finish: 'crossfade rollback: brings the archived tables back under their old names',
}

function nextCommand({ state, approved, database, mismatches }: Facts): string {
  const gate = (name: Gate, then: string): string => (approved.has(name) ? then : `crossfade approve ${name}`)
  if (state.stage === 'design') return gate('design', 'crossfade build')
  if (state.stage === 'build') return gate('build', 'crossfade sync')
  if (state.stage === 'sync') {
    if (!state.inSync) return 'crossfade sync'
    if (!approved.has('sync')) return 'crossfade approve sync'
    if (!state.verifiedAt) return 'crossfade verify'
    if (database.journal.open > 0) return 'crossfade journal'
    if (mismatches > 0) return 'crossfade shadow'
    return gate(
      'verify',
      database.workers > 0 ? 'crossfade reads 1' : 'crossfade worker (in another terminal), then crossfade reads 1',
    )
  }
  if (state.stage === 'reads') {
    const steps = [1, 10, 25, 50, 100]
    const next = steps.find((step) => step > state.readPercent)
    if (next !== undefined && mismatches > 0) return 'crossfade shadow'
    return next === undefined ? gate('reads', 'crossfade move') : `crossfade reads ${next}`
  }
  if (state.stage === 'move') return gate('move', 'crossfade finish --i-have-a-backup')
  if (database.archived && database.unchecked > 0) return 'crossfade finish --i-have-a-backup'
  if (!database.archived)
    return 'nothing. To begin again: move the new tables away or drop them, then DROP SCHEMA crossfade, crossfade_compat CASCADE, and crossfade approve design'
  return 'nothing: it is done. DROP SCHEMA crossfade, crossfade_compat CASCADE removes the last of Crossfade'
}
