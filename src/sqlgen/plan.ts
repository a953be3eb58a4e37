import type { CatalogTable } from '../catalog/types.ts'
import type { Mapping, Relation, TargetMapping } from '../spec/mapping.ts'
import { readAccessStatements } from './access.ts'
import { apiRecordStatement, apiStateStatement } from './api-state.ts'
import { applyStatement } from './apply.ts'
import { applyManyStatement } from './apply-many.ts'
import { closedFunctionStatement, closedTriggerStatement } from './closed.ts'
import { compatStatement } from './compat.ts'
import { drainStatement } from './drain.ts'
import { forwardStatements } from './forward.ts'
import { keyIndexAnalyze, keyIndexComment, keyIndexStatement } from './key-index.ts'
import { lineageIndexes, lineagePolicyStatement, lineageStatements } from './lineage.ts'
import { linkTriggerStatements } from './link-triggers.ts'
import { tablesUnder } from './links.ts'
import { hasCaptureTriggers, onePerTable } from './names.ts'
import { modeStatement } from './outbox-mode.ts'
import { relinkStatements } from './relink.ts'
import { removeStatement } from './remove.ts'
import { reverseStatements } from './reverse.ts'
import type { LateIndex, Statement } from './statement.ts'
import { touchStatement } from './touch.ts'

/** A table or view of the catalog, by its name. */
export type CatalogLookup = (r: Relation) => CatalogTable | undefined

/** Beside the new tables themselves: lineage, the door that keeps them closed, the views in the old shapes, and what tells of them. */
export function planBuild(m: Mapping, lookup: CatalogLookup): Statement[] {
  const first = onePerTable(m.targets)
  const perTable = m.targets.flatMap((t) => [
    ...lineageStatements(t),
    // Of a view it isn't known here whose rights it reads its table with.
    ...(tablesUnder(t).some((table) => lookup(table)?.rowSecurity) ||
    t.sources.some((s) => lookup(s.relation)?.kind === 'view')
      ? [lineagePolicyStatement(t)]
      : []),
    ...(first.includes(t) ? [closedFunctionStatement(m, t), closedTriggerStatement(t)] : []),
    ...t.sources.filter((s) => !s.stub).map((s) => compatStatement(t, s)),
    ...readAccessStatements(m, t, lookup),
  ])
  return [apiStateStatement(), apiRecordStatement(), ...perTable]
}

/** Indexes on old tables, built before and outside any transaction. */
export function planKeyIndexes(m: Mapping): Statement[] {
  return keyIndexes(m).flatMap((index) => index.statements)
}

export function keyIndexes(m: Mapping): LateIndex[] {
  return m.indexes.map((index) => ({
    schema: index.table.schema,
    name: index.name,
    statements: [keyIndexStatement(index), keyIndexComment(index), keyIndexAnalyze(index)],
  }))
}

/** What a backfill builds behind itself. */
export function planLineageIndexes(m: Mapping): Statement[] {
  return m.targets.flatMap(lineageIndexes).flatMap((index) => index.statements)
}

/** Functions first, then all triggers: they are made in one transaction, since one after the other loses updates for good. */
export function planSync(m: Mapping): Statement[] {
  return m.targets.flatMap((t) => [
    ...planFunctions(m, t),
    ...linkTriggerStatements(m, t),
    ...t.sources.flatMap((s) => forwardStatements(m, t, s)),
  ])
}

/** What makes the mode of a new table that of its sync: which triggers are switched on, and functions that differ. */
export function planMode(m: Mapping, t: TargetMapping): Statement[] {
  const functions = [...linkTriggerStatements(m, t), ...t.sources.flatMap((s) => forwardStatements(m, t, s))]
  const captured = t.sources.filter((s) => hasCaptureTriggers(t, s))
  return [
    ...functions.filter((statement) => /^(forward|link)-function:/.test(statement.id)),
    ...captured.map((s) => modeStatement(t, s)),
  ]
}

/** The functions that name the new table; made again where it moves to another schema. */
export function planNaming(m: Mapping, t: TargetMapping): Statement[] {
  const forward = t.sources.flatMap((s) => forwardStatements(m, t, s))
  return [...planFunctions(m, t), ...forward.filter((statement) => statement.id.startsWith('forward-function:'))]
}

function planFunctions(m: Mapping, t: TargetMapping): Statement[] {
  return [
    applyStatement(m, t),
    removeStatement(m, t),
    touchStatement(m, t),
    ...relinkStatements(m, t),
    applyManyStatement(t),
    drainStatement(t),
    ...reverseStatements(m, t),
  ]
}
