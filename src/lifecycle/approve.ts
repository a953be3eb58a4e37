import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import {
  type Artifact,
  GATES,
  type Gate,
  hashArtifacts,
  readApprovers,
  readArtifacts,
  recordApproval,
  saveArtifacts,
} from '../control/approvals.ts'
import { installControl } from '../control/install.ts'
import { type Project, writeArtifact } from '../control/project.ts'
import { readBuiltState, readState, updateState } from '../control/state.ts'
import { transaction } from '../db/transaction.ts'
import { RefusedError, UsageError } from '../lib/errors.ts'
import type { Mapping } from '../spec/mapping.ts'
import { tryDesign } from './design.ts'
import { prepareFinish } from './finish-plan.ts'
import { followedTables } from './followed-tables.ts'
import { listNewlyTrusted, readDrift } from './gates.ts'

export interface Shown {
  readonly gate: Gate
  readonly artifacts: readonly Artifact[]
  readonly hash: string
  /** Of gate `drift`: the roles that are trusted once it is approved. */
  readonly trusted: readonly string[]
}

export function assertGateName(name: string): Gate {
  const gate = GATES.find((g) => g === name)
  if (gate) return gate
  throw new UsageError('approve.gate', `There is no gate ${JSON.stringify(name)}.`, {
    hint: `Gates are: ${GATES.join(', ')}.`,
  })
}

/**
 * What there is to approve at a gate, as it is now, written where a person can read it. `report` gives what belongs to
 * the design besides: what its check has found.
 */
export async function showGate(
  session: pg.Client,
  project: Project,
  gate: Gate,
  report?: () => Promise<Artifact>,
): Promise<Shown> {
  const state = await readState(session)
  const trusted = project.config.trusted ?? []
  if (gate === 'design' && (state === null || state.stage === 'design')) {
    const design = await tryDesign(session, project)
    for (const artifact of design.artifacts) await writeArtifact(project, artifact.name, artifact.content)
    const artifacts = [...design.artifacts, ...(report ? [await report()] : [])]
    return { gate, artifacts, hash: hashArtifacts(artifacts), trusted }
  }
  if (gate === 'drift') {
    const artifact = await showDrift(session, trusted)
    await writeArtifact(project, artifact.name, artifact.content)
    return { gate, artifacts: [artifact], hash: hashArtifacts([artifact]), trusted }
  }
  if (gate === 'finish' && state?.stage === 'move' && state.mapping)
    await prepareFinish(session, project, state.mapping)
  const artifacts = state === null ? [] : await readArtifacts(session, gate)
  if (artifacts.length === 0) {
    throw new RefusedError('gate.nothing', `There is nothing to approve at gate "${gate}" yet.`, {
      hint: 'crossfade status names the next command.',
    })
  }
  if (gate === 'verify' && (await readArtifacts(session, gate)).some((artifact) => artifact.evidence.clean === false)) {
    throw new RefusedError('gate.unclean', 'The verification found differences.', {
      hint: 'Have them computed again: crossfade verify --repair',
    })
  }
  for (const artifact of artifacts) await writeArtifact(project, artifact.name, artifact.content)
  return { gate, artifacts, hash: hashArtifacts(artifacts), trusted }
}

/** Records that a person approves exactly what was shown. Returns all who have. */
export async function approve(session: pg.Client, shown: Shown, person: string, required: number): Promise<string[]> {
  return await transaction(session, async () => {
    if (shown.gate === 'design') {
      await installControl(session)
      const state = await readState(session)
      if (state?.stage === 'design') {
        await saveArtifacts(session, 'design', shown.artifacts)
        await updateState(session, {})
      }
    } else if (shown.gate === 'drift') {
      if (hashArtifacts([await showDrift(session, shown.trusted)]) !== shown.hash) throw changedMeanwhile(shown.gate)
    } else if (hashArtifacts(await readArtifacts(session, shown.gate)) !== shown.hash) {
      throw changedMeanwhile(shown.gate)
    }
    await recordApproval(session, shown.gate, shown.hash, person)
    const approvers = await readApprovers(session, shown.gate, shown.hash)
    if (shown.gate === 'drift' && approvers.length >= required) await takeDrift(session, shown.trusted)
    return approvers
  })
}

/** The old tables as they are now are those that were approved, and so are the roles that the configuration trusts. */
async function takeDrift(session: pg.Client, trusted: readonly string[]): Promise<void> {
  const state = await readBuiltState(session)
  const catalog = await readCatalog(session, [...new Set((state.sources ?? []).map((table) => table.schema))])
  await updateState(session, {
    sources: followedTables(state.mapping, catalog.tables),
    mapping: { ...state.mapping, trusted },
  })
}

/** What has changed in the old tables since the design was approved: approving it says that it need not be carried. */
async function showDrift(session: pg.Client, trusted: readonly string[]): Promise<Artifact> {
  const state = await readBuiltState(session)
  const drift = await readDrift(session, state)
  const added = listNewlyTrusted(state.mapping, trusted)
  await assertColumnsLeft(session, state.mapping)
  if (drift.length + added.length === 0) {
    throw new RefusedError('gate.nothing', 'The old tables are as they were approved.', {
      hint: 'crossfade status names the next command.',
    })
  }
  return {
    name: 'DRIFT.md',
    content: [
      ...page('Changes of the old tables that are not carried', drift),
      ...page('Roles that may have code of their own run with the rights of Crossfade, from move on', added),
    ].join('\n'),
  }
}

function page(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`# ${title}\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`]
}

/** What was added need not be carried; what the mapping reads and is gone can't be done without. */
async function assertColumnsLeft(session: pg.Client, mapping: Mapping): Promise<void> {
  const { tables } = await readCatalog(session, [mapping.oldSchema])
  for (const s of mapping.targets.flatMap((t) => t.sources)) {
    const columns = tables.find((t) => t.schema === s.relation.schema && t.name === s.relation.name)?.columns ?? []
    const gone = s.shape.find((old) => !columns.some((column) => column.name === old.name))
    if (gone === undefined) continue
    throw new RefusedError(
      'drift.gone',
      `${s.relation.schema}.${s.relation.name}: column "${gone.name}" is gone, and sync needs it.`,
      { hint: 'Put it back, or start again without it: crossfade rollback --to design' },
    )
  }
}

function changedMeanwhile(gate: Gate): RefusedError {
  return new RefusedError('gate.changed', 'It has changed while you read it.', {
    hint: `Run crossfade approve ${gate} again.`,
  })
}
