import type { Access } from '../../access.ts'
import type { Operation } from '../../interaction.ts'
import { textOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { addAlias, type BuilderState, createState, finishMain } from './builder-state.ts'
import { entitiesOf } from './entities.ts'
import { columnsOfMode, type Opening, openEntity, openTarget } from './entity-access.ts'
import { writeRows } from './rows.ts'
import { typeorm } from './values.ts'

const OPERATIONS: Readonly<Record<NonNullable<BuilderState['kind']>, Operation>> = {
  select: 'select',
  insert: 'insert',
  update: 'update',
  delete: 'delete',
  'soft delete': 'update',
}

/** The names of a builder's own table and those of its joins. */
export function startBuilder(opening: Opening, args: readonly Value[], target: Value | null): Value {
  const [first, second] = args
  const named = target ?? (second === undefined ? null : (first ?? null))
  const alias = target === null ? second : first
  const state = createState(
    opening.manager,
    named === null ? null : { value: named, alias: aliasOf(opening, alias, named) },
  )
  if (state.target !== null) openMain(opening, state, state.target.value, null, state.target.alias)
  return typeorm({ is: 'builder', state })
}

/** Without an alias TypeORM takes the entity's name. */
function aliasOf({ run, site }: Opening, alias: Value | undefined, target: Value): string {
  return textOf(alias) ?? entitiesOf(run, target, site)[0]?.name ?? ''
}

function openMain(
  opening: Opening,
  state: BuilderState,
  target: Value,
  operation: Operation | null,
  alias: string,
): void {
  const entities = entitiesOf(opening.run, target, opening.site)
  const finish = (access: Access) => finishMain(state, access)
  const opened =
    entities.length === 0
      ? openTarget(opening, target, operation ?? 'select')
      : entities.map((entity) => openEntity(opening, entity, operation, { finish }))
  state.main = [...state.main, ...opened]
  if (alias !== '') addAlias(state, alias, opened)
}

/** Decides what is done with the table that the builder was made on. */
export function decide(state: BuilderState, kind: NonNullable<BuilderState['kind']>): void {
  if (state.kind !== null) return
  state.kind = kind
  const operation = OPERATIONS[kind]
  const derived = state.main.map((on) => ({
    ...on,
    access: on.access.operation === null ? on.access.derive(operation) : on.access,
  }))
  state.main = derived
  if (state.target !== null && derived.length > 0) {
    state.aliases.delete(state.target.alias)
    addAlias(state, state.target.alias, derived)
  }
}

/** `update(User)`, `delete()`, `insert()`: decides what the builder does; it may name the table, or `from` and `into` do. */
export function startWrite(opening: Opening, state: BuilderState, method: string, args: readonly Value[]): void {
  const kind =
    method === 'softDelete' || method === 'restore' ? 'soft delete' : (method as 'update' | 'delete' | 'insert')
  const [first, second] = args
  const isTarget = entitiesOf(opening.run, first, opening.site).length > 0 && method === 'update'
  decide(state, kind)
  if (isTarget && first !== undefined && state.main.length === 0) {
    openMain(opening, state, first, OPERATIONS[kind], aliasOf(opening, undefined, first))
    for (const on of state.main) writeRows(on, second)
  } else if (method === 'update' && !isTarget) for (const on of state.main) writeRows(on, first)
  writeModes(state)
}

/** What TypeORM sets by itself. */
function writeModes(state: BuilderState): void {
  for (const on of state.main) {
    if (state.kind === 'update' || state.kind === 'soft delete') on.access.written(columnsOfMode(on, 'updated'))
    if (state.kind === 'soft delete') on.access.written(columnsOfMode(on, 'deleted'))
  }
}

export function nameMain(
  opening: Opening,
  state: BuilderState,
  method: string,
  args: readonly Value[],
  self: Value,
): void {
  const [target, alias] = args
  decide(state, method === 'into' ? 'insert' : 'select')
  const kind = state.kind ?? 'select'
  if (target === undefined) return
  if (atomsOf(target).some(({ kind: is }) => is === 'function') && kind === 'select') {
    opening.site.call(target, [self])
    const name = textOf(alias)
    if (name !== null) state.others.add(name)
    return
  }
  openMain(opening, state, target, OPERATIONS[kind], aliasOf(opening, alias, target))
  writeModes(state)
}
