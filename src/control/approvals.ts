import type pg from 'pg'
import { RefusedError } from '../lib/errors.ts'
import { sha256 } from './project.ts'

export const GATES = ['design', 'build', 'sync', 'verify', 'reads', 'move', 'finish', 'drift'] as const
export type Gate = (typeof GATES)[number]

export interface Artifact {
  readonly name: string
  readonly content: string
}

/** Keeps the newest evidence of a gate, as it was shown. Other artifacts of the gate go: their approvals are void. */
export async function saveArtifacts(
  client: pg.ClientBase,
  gate: Gate,
  artifacts: readonly Artifact[],
  evidence: object = {},
): Promise<void> {
  await client.query(/* sql */ `DELETE FROM crossfade.artifact WHERE stage = $1`, [gate])
  for (const artifact of artifacts) {
    await client.query(
      /* sql */ `INSERT INTO crossfade.artifact (stage, name, sha256, content, evidence) VALUES ($1, $2, $3, $4, $5)`,
      [gate, artifact.name, sha256(artifact.content), artifact.content, JSON.stringify(evidence)],
    )
  }
}

export async function readArtifacts(
  client: pg.ClientBase,
  gate: Gate,
): Promise<(Artifact & { readonly evidence: Record<string, unknown> })[]> {
  const { rows } = await client.query<Artifact & { evidence: Record<string, unknown> }>(
    /* sql */ `SELECT name, content, evidence FROM crossfade.artifact WHERE stage = $1 ORDER BY name`,
    [gate],
  )
  return rows
}

/** One hash over all artifacts of a gate: what exactly was shown. */
export function hashArtifacts(artifacts: readonly Artifact[]): string {
  return sha256(
    artifacts
      .map((a) => `${a.name}\n${sha256(a.content)}\n`)
      .sort()
      .join(''),
  )
}

export async function recordApproval(client: pg.ClientBase, gate: Gate, hash: string, person: string): Promise<void> {
  await client.query(
    /* sql */ `
    INSERT INTO crossfade.approval (gate, sha256, person)
    SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT FROM crossfade.approval WHERE gate = $1 AND sha256 = $2 AND person = $3)`,
    [gate, hash, person],
  )
}

export async function readApprovers(client: pg.ClientBase, gate: Gate, hash: string): Promise<string[]> {
  const { rows } = await client.query<{ person: string }>(
    /* sql */ `SELECT DISTINCT person FROM crossfade.approval WHERE gate = $1 AND sha256 = $2 ORDER BY person`,
    [gate, hash],
  )
  return rows.map((row) => row.person)
}

/** Throws RefusedError unless enough people have approved exactly what stands there now. */
export async function assertApproved(client: pg.ClientBase, gate: Gate, required: number): Promise<void> {
  const artifacts = await readArtifacts(client, gate)
  if (artifacts.length === 0) {
    throw new RefusedError('gate.nothing', `There is nothing to approve for gate "${gate}" yet.`, {
      hint: 'crossfade status names the next command.',
    })
  }
  const people = await readApprovers(client, gate, hashArtifacts(artifacts))
  if (people.length >= required) return
  const { rows } = await client.query<{ before: boolean }>(
    /* sql */ `SELECT count(*) > 0 AS before FROM crossfade.approval WHERE gate = $1`,
    [gate],
  )
  const changed = people.length === 0 && rows[0]?.before ? ' (what was approved before has changed since)' : ''
  throw new RefusedError('gate.closed', `Gate "${gate}" has ${people.length} of ${required} approvals${changed}.`, {
    hint: `Read ${artifacts.map((a) => a.name).join(', ')}, then: crossfade approve ${gate}`,
  })
}
