import type pg from 'pg'
import { saveArtifacts } from '../control/approvals.ts'
import { countOpenJournal } from '../control/journal.ts'
import type { Project } from '../control/project.ts'
import { countOpenMismatches } from '../control/reads.ts'
import { assertStage, readBuiltState, updateState } from '../control/state.ts'
import { transaction } from '../db/transaction.ts'
import { RefusedError, UsageError } from '../lib/errors.ts'
import { assertGate } from './gates.ts'
import { buildReadsSections, readReadsEvidence } from './reads-page.ts'

/** The steps of the read ramp, in percent. Down is free, up goes one at a time. */
const STEPS = [0, 1, 10, 25, 50, 100] as const

export interface RampResult {
  readonly from: number
  readonly to: number
  /** ISO time from which the next step is allowed; null where there is none. */
  readonly nextAt: string | null
  readonly artifact: string
}

/** How much of the reads the new tables answer. Up needs the gates, health and the dwell time; down needs nothing. */
export async function setReads(
  session: pg.Client,
  project: Project,
  percent: number,
  dwellHours: number,
): Promise<RampResult> {
  const state = await readBuiltState(session)
  const known = STEPS.find((step) => step === percent)
  if (known === undefined)
    throw new UsageError('reads.step', `${percent} is not a step of the ramp.`, {
      hint: `Steps are: ${STEPS.join(', ')}.`,
    })
  const from = STEPS.find((step) => step === state.readPercent) ?? 0
  if (known > from) {
    assertStage(state, ['sync', 'reads'], 'reads')
    await assertMayRise(session, project, state, from, known, dwellHours)
  }
  const artifact = await readRampPage(session, from, known)
  await transaction(session, async () => {
    if (known > 0 || state.stage === 'reads')
      await updateState(session, {
        readPercent: known,
        ...(state.stage === 'move' ? {} : { stage: known === 0 ? 'sync' : 'reads' }),
      })
    else await updateState(session, { readPercent: 0 })
    await session.query(
      /* sql */ `INSERT INTO crossfade.history (command, detail, ended_at, outcome) VALUES ('reads', $1, clock_timestamp(), 'done')`,
      [JSON.stringify({ from, to: known })],
    )
    if (known === 100) await saveArtifacts(session, 'reads', [{ name: 'READS_REPORT.md', content: artifact }])
  })
  return {
    from,
    to: known,
    nextAt: known === 0 || known === 100 ? null : new Date(Date.now() + dwellHours * 3_600_000).toISOString(),
    artifact,
  }
}

async function assertMayRise(
  session: pg.Client,
  project: Project,
  state: Awaited<ReturnType<typeof readBuiltState>>,
  from: (typeof STEPS)[number],
  to: number,
  dwellHours: number,
): Promise<void> {
  if (!state.inSync || !state.verifiedAt) {
    throw new RefusedError('reads.unverified', 'The new tables have not been verified.', {
      hint: 'Run: crossfade verify',
    })
  }
  await assertGate(session, 'sync', project, state)
  await assertGate(session, 'verify', project, state)
  const next = STEPS[STEPS.indexOf(from) + 1]
  const reached = await readHighestStep(session, state.verifiedAt)
  if (to !== next && to > reached)
    throw new RefusedError('reads.jump', `From ${from} % the next step is ${next} %.`, {
      hint: `Run: crossfade reads ${next}`,
    })
  const since = state.readSince?.getTime()
  if (since !== undefined && from > 0 && Date.now() - since < dwellHours * 3_600_000) {
    throw new RefusedError('reads.dwell', `${from} % has been on only since ${state.readSince?.toISOString()}.`, {
      hint: `A step stays for ${dwellHours} hours before the next (--dwell HOURS changes that).`,
    })
  }
  await assertHealthy(session, 'reads')
  await assertExplained(session)
}

/** Throws RefusedError while a mismatch is open. Only for ways up: nothing keeps anybody from going back. */
export async function assertExplained(session: pg.Client): Promise<void> {
  const open = await countOpenMismatches(session)
  if (open === 0) return
  throw new RefusedError(
    'reads.mismatches',
    `Both sides answered reads differently, in ${open} ways that nobody has accepted.`,
    {
      hint: 'See them: crossfade shadow. Correct the mapping or the code and forget them, or accept by name: crossfade shadow accept --id NUMBER',
    },
  )
}

/** A step that was reached and taken back since the verification need not be climbed to again. */
async function readHighestStep(session: pg.Client, since: Date): Promise<number> {
  const { rows } = await session.query<{ highest: number }>(
    /* sql */ `SELECT coalesce(max((detail->>'to')::int), 0) AS highest FROM crossfade.history WHERE command = 'reads' AND started_at >= $1`,
    [since],
  )
  return rows[0]?.highest ?? 0
}

/** Nothing waits, nothing is unexplained, and somebody drains. Reads come from no table in outbox mode whose lag isn't fine. */
export async function assertHealthy(session: pg.Client, purpose: 'reads' | 'writes'): Promise<void> {
  const open = await countOpenJournal(session)
  if (open > 0) {
    throw new RefusedError('journal.open', `The journal has ${open} rows that are neither solved nor accepted.`, {
      hint: 'See them: crossfade journal. Correct the old rows, or accept by name: crossfade journal accept --all',
    })
  }
  const { mapping } = await readBuiltState(session)
  const lagging = mapping.targets.filter((t) => t.mode === 'outbox').map((t) => t.name)
  const { rows } = await session.query<{ waiting: number; workers: number }>(
    /* sql */ `
    SELECT (SELECT count(*)::int FROM crossfade.outbox WHERE enqueued_at < clock_timestamp() - interval '1 second' AND target <> ALL ($1)) AS waiting,
           (SELECT count(*)::int FROM crossfade.worker WHERE beat_at > clock_timestamp() - interval '10 seconds') AS workers`,
    [purpose === 'reads' ? lagging : []],
  )
  if (rows[0]?.waiting) {
    throw new RefusedError(
      'outbox.waiting',
      `${rows[0].waiting} keys have waited in the outbox for more than a second.`,
      {
        hint:
          rows[0].workers > 0
            ? 'Wait until the worker has applied them; crossfade status shows why they wait.'
            : 'Nobody drains it. Run: crossfade worker',
      },
    )
  }
  if (!rows[0]?.workers)
    throw new RefusedError('worker.none', 'No worker is running, so nothing would drain the outbox.', {
      hint: 'Run in another terminal, or as a service: crossfade worker',
    })
}

async function readRampPage(session: pg.Client, from: number, to: number): Promise<string> {
  const { rows } = await session.query<{ at: string; from: number; to: number }>(/* sql */ `
    SELECT to_char(started_at, 'YYYY-MM-DD HH24:MI:SS') AS at, (detail->>'from')::int AS "from", (detail->>'to')::int AS "to"
      FROM crossfade.history WHERE command = 'reads' AND detail ? 'to' ORDER BY id`)
  return `# Reads from the new tables

| at (UTC) | from | to |
|---|---:|---:|
${[...rows.map((row) => `| ${row.at} | ${row.from} % | ${row.to} % |`), `| now | ${from} % | ${to} % |`].join('\n')}
${buildReadsSections(await readReadsEvidence(session))}`
}
