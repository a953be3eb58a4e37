import type pg from 'pg'
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
import { readState, updateState } from '../control/state.ts'
import { transaction } from '../db/transaction.ts'
import { RefusedError, UsageError } from '../lib/errors.ts'
import { tryDesign } from './design.ts'
import { prepareFinish } from './finish.ts'

export interface Shown {
  readonly gate: Gate
  readonly artifacts: readonly Artifact[]
  readonly hash: string
}

export function assertGateName(name: string): Gate {
  const gate = GATES.find((g) => g === name)
  if (gate) return gate
  throw new UsageError('approve.gate', `There is no gate ${JSON.stringify(name)}.`, {
    hint: `Gates are: ${GATES.join(', ')}.`,
  })
}

/** What there is to approve at a gate, as it is now, written where a person can read it. */
export async function showGate(session: pg.Client, project: Project, gate: Gate): Promise<Shown> {
  const state = await readState(session)
  if (gate === 'design' && (state === null || state.stage === 'design')) {
    const design = await tryDesign(session, project)
    for (const artifact of design.artifacts) await writeArtifact(project, artifact.name, artifact.content)
    return { gate, artifacts: design.artifacts, hash: hashArtifacts(design.artifacts) }
  }
  if (gate === 'finish' && state?.stage === 'move' && state.mapping)
    await prepareFinish(session, project, state.mapping)
  const artifacts = state === null ? [] : await readArtifacts(session, gate)
  if (artifacts.length === 0) {
    throw new RefusedError('gate.nothing', `There is nothing to approve at gate "${gate}" yet.`, {
      hint: 'crossfade status names the next command.',
    })
  }
  for (const artifact of artifacts) await writeArtifact(project, artifact.name, artifact.content)
  return { gate, artifacts, hash: hashArtifacts(artifacts) }
}

/** Records that a person approves exactly what was shown. Returns all who have. */
export async function approve(session: pg.Client, shown: Shown, person: string): Promise<string[]> {
  return await transaction(session, async () => {
    if (shown.gate === 'design') {
      await installControl(session)
      const state = await readState(session)
      if (state?.stage === 'design') {
        await saveArtifacts(session, 'design', shown.artifacts)
        await updateState(session, {})
      }
    } else if (hashArtifacts(await readArtifacts(session, shown.gate)) !== shown.hash) {
      throw new RefusedError('gate.changed', 'It has changed while you read it.', {
        hint: `Run crossfade approve ${shown.gate} again.`,
      })
    }
    await recordApproval(session, shown.gate, shown.hash, person)
    return await readApprovers(session, shown.gate, shown.hash)
  })
}
