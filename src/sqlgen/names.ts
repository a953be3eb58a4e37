import { fitName } from '../lib/fit-name.ts'
import { COMPAT, CONTROL } from '../lib/schema-names.ts'
import { ident, type Sql } from '../lib/sql.ts'
import type { Relation, SourceMapping, TargetMapping } from '../spec/mapping.ts'

/** Every name that Crossfade gives to an object of its own comes from this file. */

function controlObject(name: string): Sql {
  return ident(CONTROL, fitName(name))
}

export function relation(r: Relation): Sql {
  return ident(r.schema, r.name)
}

/** A relation as text for people and for ids: `public.posts`. */
export function display(r: Relation): string {
  return `${r.schema}.${r.name}`
}

export const applyFunction = (t: TargetMapping): Sql => controlObject(`apply_${unit(t)}`)
export const touchFunction = (t: TargetMapping): Sql => controlObject(`touch_${unit(t)}`)
export const drainFunction = (t: TargetMapping): Sql => controlObject(`drain_${unit(t)}`)
export const forwardFunction = (t: TargetMapping, s: SourceMapping): Sql => controlObject(`forward_${pair(t, s)}`)
export const truncateFunction = (t: TargetMapping, s: SourceMapping): Sql => controlObject(`truncated_${pair(t, s)}`)
export const reverseFunction = (t: TargetMapping): Sql => controlObject(`reverse_${unit(t)}`)
export const closedFunction = (t: TargetMapping): Sql => controlObject(`closed_${t.relation.name}`)
export const lineageTable = (t: TargetMapping): Sql => controlObject(`lineage_${unit(t)}`)
export const oldWritesSequence = (t: TargetMapping, s: SourceMapping): Sql => controlObject(`writes_${pair(t, s)}`)
export const compatView = (s: SourceMapping): Sql => ident(COMPAT, s.relation.name)

export const forwardTrigger = (t: TargetMapping, s: SourceMapping): Sql =>
  ident(fitName(`crossfade_forward_${hook(t, s)}`))
export const truncateTrigger = (t: TargetMapping, s: SourceMapping): Sql =>
  ident(fitName(`crossfade_truncated_${hook(t, s)}`))
export const reverseTrigger: Sql = ident('crossfade_reverse')
export const closedTrigger: Sql = ident('crossfade_closed')
export const noTruncateTrigger: Sql = ident('crossfade_no_truncate')

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

/** Columns of the projection and of lineage that are not the user's. */
export const hasColumn = (s: SourceMapping): Sql => ident(`crossfade_has_${s.ordinal + 1}`)
export const carriedColumn = (s: SourceMapping, index: number): Sql => ident(`crossfade_${s.ordinal + 1}_${index + 1}`)
