import type { Access } from '../../access.ts'
import type { Operation, Place } from '../../interaction.ts'
import { literalsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, text, unknown, type Value } from '../../value.ts'
import { columnName, entitiesOf, type TypeOrmRun, tableValue } from './entities.ts'
import type { Entity, EntityRelation } from './entity.ts'
import { type Link, type LinkTable, linkOf } from './relations.ts'
import type { ManagerOf } from './values.ts'

/** Where accesses are opened: the run, the call, and the transaction. */
export interface Opening {
  readonly run: TypeOrmRun
  readonly site: Site
  readonly manager: ManagerOf
}

/** The access of an entity's table. */
export interface EntityAccess extends Opening {
  readonly entity: Entity
  readonly access: Access
}

/** Opens the access of an entity's table; the same operation on the same table at the same place is one. */
export function openEntity(
  opening: Opening,
  entity: Entity,
  operation: Operation | null,
  more: { readonly place?: Place; readonly key?: string; readonly finish?: (access: Access) => void } = {},
): EntityAccess {
  const { run, site, manager } = opening
  const access = site.open({
    table: tableValue(run, entity, site),
    schema: entity.schema,
    operation,
    transaction: manager.transaction,
    key: more.key ?? entity.id,
    ...(more.place === undefined ? {} : { place: more.place }),
    finish: (one) => {
      joinStarted(run, manager, one)
      more.finish?.(one)
    },
  })
  return { ...opening, entity, access }
}

/** A transaction that is started by hand on a query runner holds all that the runner does. */
export function joinStarted(run: TypeOrmRun, manager: ManagerOf, access: Access): void {
  if (manager.runner !== null && run.started.has(manager.runner)) access.transaction(manager.runner)
}

/** Opens the access of all that a target stands for: of several entities one each, of none that is known unresolved. */
export function openTarget(opening: Opening, target: Value | undefined, operation: Operation): EntityAccess[] {
  const entities = entitiesOf(opening.run, target, opening.site)
  if (entities.length === 0) {
    const table = unknown(reasonOf(target))
    opening.site.open({ table, operation, transaction: opening.manager.transaction })
  }
  return entities.map((entity) => openEntity(opening, entity, operation))
}

export function reasonOf(target: Value | undefined): string {
  for (const atom of target === undefined ? [] : atomsOf(target)) {
    if (atom.kind === 'unknown') return atom.reason
    if (atom.kind === 'text') return `no entity of the name "${atom.text}" is declared`
    if (atom.kind === 'class') return `${atom.name} is not declared as an entity`
    if (atom.kind === 'instance') return `${atom.of.name} is not declared as an entity`
  }
  return 'it is no entity of TypeORM'
}

/** The table between two entities of a relation of many with many. */
export function openBetween({ site, manager }: Opening, between: LinkTable, operation: Operation): Access {
  const { table, schema } = between
  return site.open({
    table: text(table),
    schema,
    operation,
    key: `between ${table}`,
    transaction: manager.transaction,
  })
}

/** Follows a relation by a join: the keys of both sides are compared. */
export function joinRelation(on: EntityAccess, relation: EntityRelation): EntityAccess | null {
  const link = linkOf(on.run, on.entity, relation, on.site)
  if (link === null) return null
  const related = openEntity(on, link.target, 'select')
  compareKeys(on, related.access, link)
  return related
}

export function compareKeys(on: EntityAccess, related: Access, { own, other, between }: Link): void {
  if (between === null) {
    on.access.filtered(own)
    related.filtered(other)
    return
  }
  openBetween(on, between, 'select').filtered([...between.own, ...between.other])
  on.access.filtered(between.ownKey)
  related.filtered(between.otherKey)
}

/** The column in the database of a path in code; undefined where the entity has no such column. */
export function columnAt({ run, entity, site }: EntityAccess, path: string): string | undefined {
  const column = entity.columns.get(path)
  return column === undefined ? undefined : columnName(run, column, site)
}

/** The foreign key columns that a relation's property stands for, where this side holds them. */
export function foreignKeys({ run, entity, site }: EntityAccess, relation: EntityRelation): readonly string[] {
  if (!relation.owner || relation.kind === 'many-to-many') return []
  return linkOf(run, entity, relation, site)?.own ?? []
}

/** Notes the literals that code writes to a column or compares it with. */
export function noteLiterals({ access }: EntityAccess, column: string, value: Value): void {
  for (const literal of literalsOf(value)) access.value(column, literal)
}

/** The columns that TypeORM sets by itself on soft deletes, updates. */
export function columnsOfMode({ run, entity, site }: EntityAccess, mode: 'deleted' | 'updated'): string[] {
  return [...entity.columns.values()].filter((one) => one.mode === mode).map((one) => columnName(run, one, site))
}
