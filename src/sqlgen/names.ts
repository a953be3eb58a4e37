import { fitName } from '../lib/fit-name.ts'
import { COMPAT, CONTROL } from '../lib/schema-names.ts'
import { ident, type Sql } from '../lib/sql.ts'
import type { Mapping, Relation, SourceMapping, TargetMapping } from '../spec/mapping.ts'

/** Every name that Crossfade gives to an object of its own comes from this file. */

function controlObject(name: string): Sql {
  return ident(CONTROL, fitName(name))
}

export function relation(r: Relation): Sql {
  return ident(r.schema, r.name)
}

/** Two ways into one new table. */
export function isSame(a: TargetMapping, b: TargetMapping): boolean {
  return a.relation.schema === b.relation.schema && a.relation.name === b.relation.name
}

/** The first unit of each new table, for what a table has once. */
export function onePerTable(targets: readonly TargetMapping[]): TargetMapping[] {
  return targets.filter((t) => targets.find((other) => isSame(other, t)) === t)
}

/** A relation as text for people and for ids: `public.posts`. */
export function display(r: Relation): string {
  return `${r.schema}.${r.name}`
}

export const applyFunction = (t: TargetMapping): Sql => controlObject(`apply_${unit(t)}`)
export const applyManyFunction = (t: TargetMapping): Sql => controlObject(`apply_many_${unit(t)}`)
export const touchFunction = (t: TargetMapping): Sql => controlObject(`touch_${unit(t)}`)
export const removeFunction = (t: TargetMapping): Sql => controlObject(`remove_${unit(t)}`)
export const drainFunction = (t: TargetMapping): Sql => controlObject(`drain_${unit(t)}`)
export const forwardFunction = (t: TargetMapping, s: SourceMapping): Sql => controlObject(`forward_${pair(t, s)}`)
const CAPTURED = ['insert', 'update', 'delete'] as const
export const captureFunction = (t: TargetMapping, s: SourceMapping): Sql => controlObject(`captured_${pair(t, s)}`)
export const replicatedFunction = (t: TargetMapping, s: SourceMapping): Sql => controlObject(`replicated_${pair(t, s)}`)
export const truncateFunction = (t: TargetMapping, s: SourceMapping): Sql => controlObject(`truncated_${pair(t, s)}`)
export const reverseFunction = (t: TargetMapping): Sql => controlObject(`reverse_${unit(t)}`)
export const closedFunction = (t: TargetMapping): Sql => controlObject(`closed_${t.relation.name}`)
export const lineageTable = (t: TargetMapping): Sql => controlObject(`lineage_${unit(t)}`)
export const lineageIndex = (t: TargetMapping, place: number): string => `lineage_index_${t.number}_${place}`
export const oldWritesSequence = (t: TargetMapping, s: SourceMapping): Sql => controlObject(`writes_${pair(t, s)}`)
/** Beside the views, since one exposed schema is enough for both. */
export const stateFunction = (): Sql => ident(COMPAT, 'crossfade_state')
export const recordFunction = (): Sql => ident(COMPAT, 'crossfade_record_reads')
export const compatView = (s: SourceMapping): Sql => ident(COMPAT, s.relation.name)

/**
 * Triggers of one table fire in the order of their names: parents before children, and in each new table first what is
 * linked, since a generated key has to let go of its row before the partner takes it.
 */
export const forwardTrigger = (t: TargetMapping, s: SourceMapping): Sql =>
  ident(fitName(`crossfade_${place(t)}_sync_${hook(t, s)}`))
export const captureTrigger = (t: TargetMapping, s: SourceMapping, event: string): Sql =>
  ident(fitName(`crossfade_${place(t)}_capture_${event}_${hook(t, s)}`))
export const replicatedTrigger = (t: TargetMapping, s: SourceMapping): Sql =>
  ident(fitName(`crossfade_${place(t)}_replicated_${hook(t, s)}`))
export const truncateTrigger = (t: TargetMapping, s: SourceMapping): Sql =>
  ident(fitName(`crossfade_truncated_${hook(t, s)}`))
export const reverseTrigger = (t: TargetMapping): Sql =>
  ident(t.kind === 'append' ? `crossfade_reverse_${t.number}` : 'crossfade_reverse')
export const closedTrigger: Sql = ident('crossfade_closed')
export const noTruncateTrigger: Sql = ident('crossfade_no_truncate')
export const patienceTriggers = { lose: ident('crossfade_lose_patience'), regain: ident('crossfade_regain_patience') }

/** How a row of another table, by which rows of a source are linked, brings its change to them. */
export const relinkFunction = (t: TargetMapping, s: SourceMapping, link: number, step: number): Sql =>
  controlObject(`relink_${pair(t, s)}_${link + 1}${step === 0 ? '' : `_through_${step + 1}`}`)
export const linkFunction = (t: TargetMapping, s: SourceMapping, link: number, step: number): Sql =>
  controlObject(`link_${pair(t, s)}_${link + 1}_${step + 1}`)
export const linkTruncateFunction = (t: TargetMapping): Sql => controlObject(`unlinked_${unit(t)}`)
export const linkTrigger = (t: TargetMapping, s: SourceMapping, link: number, step: number): Sql =>
  ident(fitName(`crossfade_${place(t)}_link_${link + 1}_${step + 1}_${pair(t, s)}`))
export const linkTruncateTrigger = (t: TargetMapping): Sql => ident(fitName(`crossfade_unlinked_${unit(t)}`))

function place(t: TargetMapping): string {
  return String(t.number).padStart(2, '0')
}

/** What names are made of: of an append each source has its own. */
function unit(t: TargetMapping): string {
  const [source] = t.sources
  return t.kind === 'append' && source ? pair(t, source) : t.relation.name
}

/** `queue_from_posts`; where the names themselves hold «_from_», numbers tell `a_from_b` + `c` from `a` + `b_from_c`. */
function pair(t: TargetMapping, s: SourceMapping): string {
  const name = `${t.relation.name}_from_${s.relation.name}`
  return name.split('_from_').length === 2 ? name : `${name}_${t.number}_${s.ordinal + 1}`
}

/** Two views over one table are two sources, whose triggers hang on the same table. */
function hook(t: TargetMapping, s: SourceMapping): string {
  return s.relation.name === s.base.name ? t.relation.name : pair(t, s)
}

/** What this source writes can be noted for whole statements. */
export function hasCaptureTriggers(t: TargetMapping, s: SourceMapping): boolean {
  // What a row that changes has kept out is asked of each row by itself.
  return !s.rowByRow && t.uniques.every((rule) => rule.otherwise !== 'omit')
}

interface ModeTrigger {
  readonly name: Sql
  /** pg_trigger.tgenabled; those for statements must not fire beside the one for replicated rows. */
  readonly enabled: 'A' | 'O' | 'D'
}

/** The triggers that note or apply what is written, with whether the mode of the table needs them. */
export function modeTriggers(t: TargetMapping, s: SourceMapping): ModeTrigger[] {
  if (!hasCaptureTriggers(t, s)) return [{ name: forwardTrigger(t, s), enabled: 'A' }]
  const outbox = t.mode === 'outbox'
  return [
    { name: forwardTrigger(t, s), enabled: outbox ? 'D' : 'A' },
    ...CAPTURED.map((event): ModeTrigger => ({ name: captureTrigger(t, s, event), enabled: outbox ? 'O' : 'D' })),
    { name: replicatedTrigger(t, s), enabled: outbox ? 'A' : 'D' },
  ]
}

/** The triggers of sync, each with the table that it hangs on. */
export function ownTriggers(m: Mapping): { table: Relation; name: string; enabled: 'A' | 'O' | 'D' }[] {
  const unquoted = (name: Sql): string => name.text.slice(1, -1).replaceAll('""', '"')
  return m.targets.flatMap((t) =>
    t.sources.flatMap((s) => [
      ...modeTriggers(t, s).map(({ name, enabled }) => ({ table: s.base, name: unquoted(name), enabled })),
      { table: s.base, name: unquoted(truncateTrigger(t, s)), enabled: 'A' as const },
      ...s.links.flatMap((link, index) =>
        link.steps.flatMap((step, at) => [
          { table: step.relation, name: unquoted(linkTrigger(t, s, index, at)), enabled: 'A' as const },
          { table: step.relation, name: unquoted(linkTruncateTrigger(t)), enabled: 'A' as const },
        ]),
      ),
    ]),
  )
}

/** Columns of the projection and of lineage that are not the user's. */
export const handleColumn = (index: number): Sql => ident(`crossfade_row_${index + 1}`)
export const hasColumn = (s: SourceMapping): Sql => ident(`crossfade_has_${s.ordinal + 1}`)
export const carriedColumn = (s: SourceMapping, index: number): Sql => ident(`crossfade_${s.ordinal + 1}_${index + 1}`)
