import type pg from 'pg'
import type { CatalogTable } from '../catalog/types.ts'
import { RefusedError } from '../lib/errors.ts'
import type { Mapping } from '../spec/mapping.ts'
import { isInstalled } from './install.ts'

export const STAGES = ['design', 'build', 'sync', 'reads', 'move', 'finish'] as const
export type Stage = (typeof STAGES)[number]

/** The one row of state, as the database holds it. */
export interface State {
  readonly stage: Stage
  readonly readPercent: number
  readonly readSince: Date | null
  readonly version: number
  readonly mapping: Mapping | null
  readonly mappingHash: string | null
  /** The old tables as they were when the design was approved. */
  readonly sources: readonly CatalogTable[] | null
  readonly inSync: boolean
  readonly verifiedAt: Date | null
  readonly nativeOpen: boolean
}

type Queryable = Pick<pg.ClientBase, 'query'>

export async function readState(client: pg.ClientBase): Promise<State | null> {
  if (!(await isInstalled(client))) return null
  const { rows } = await client.query<State>(/* sql */ `
    SELECT stage, read_percent AS "readPercent", read_since AS "readSince", version::int, mapping,
           mapping_hash AS "mappingHash", sources, in_sync AS "inSync", verified_at AS "verifiedAt", native_open AS "nativeOpen"
      FROM crossfade.migration`)
  return rows[0] ?? null
}

/** The state with the mapping that was built. Throws RefusedError before that. */
export async function readBuiltState(client: pg.ClientBase): Promise<State & { readonly mapping: Mapping }> {
  const state = await readState(client)
  if (state?.mapping && state.stage !== 'design') return { ...state, mapping: state.mapping }
  throw new RefusedError('stage.design', 'Nothing is built yet.', {
    hint: 'First: crossfade approve design, then crossfade build.',
  })
}

export function assertStage(state: State, allowed: readonly Stage[], command: string): void {
  if (allowed.includes(state.stage)) return
  const before = STAGES.indexOf(state.stage) < STAGES.indexOf(allowed[0] ?? 'design')
  throw new RefusedError('stage.wrong', `${command} isn't possible in stage "${state.stage}".`, {
    hint: before
      ? `Go on to stage "${allowed[0]}" first; crossfade status says how.`
      : 'It is already behind you; crossfade status says where you are.',
  })
}

/**
 * Holds the state until the caller's transaction ends, and throws RefusedError where somebody has rolled back since the
 * command looked: `crossfade.rollback()` asks nobody, and what comes after it must not undo it.
 */
export async function assertStillStage(client: Queryable, stage: Stage, command: string): Promise<void> {
  const { rows } = await client.query<{ stage: Stage }>(/* sql */ `SELECT stage FROM crossfade.migration FOR UPDATE`)
  if (rows[0]?.stage === stage) return
  throw new RefusedError(
    'stage.changed',
    `Somebody went back to stage "${rows[0]?.stage}" while ${command} was at work.`,
    {
      hint: 'Nothing was changed by this command. crossfade status says where you are.',
    },
  )
}

/** Changes columns of the state in the caller's transaction and tells every connected client. */
export async function updateState(
  client: Queryable,
  change: Partial<
    Pick<
      State,
      'stage' | 'readPercent' | 'mapping' | 'mappingHash' | 'sources' | 'inSync' | 'verifiedAt' | 'nativeOpen'
    >
  >,
): Promise<void> {
  const json = (value: unknown): string | null => (value === undefined || value === null ? null : JSON.stringify(value))
  await client.query(
    /* sql */ `
    UPDATE crossfade.migration
       SET stage = coalesce($1, stage),
           read_since = CASE WHEN $2::int IS NULL OR $2 = read_percent THEN read_since WHEN $2 = 0 THEN NULL ELSE clock_timestamp() END,
           read_percent = coalesce($2, read_percent),
           mapping = coalesce($3::jsonb, mapping),
           mapping_hash = coalesce($4, mapping_hash),
           sources = coalesce($5::jsonb, sources),
           in_sync = coalesce($6, in_sync),
           verified_at = coalesce($7, verified_at),
           native_open = coalesce($8, native_open),
           ever_open = ever_open OR coalesce($8, false)`,
    [
      change.stage ?? null,
      change.readPercent ?? null,
      json(change.mapping),
      change.mappingHash ?? null,
      json(change.sources),
      change.inSync ?? null,
      change.verifiedAt ?? null,
      change.nativeOpen ?? null,
    ],
  )
  await client.query(/* sql */ `SELECT crossfade.announce()`)
}
