import { textOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, type ObjectValue, text, type Value } from '../../value.ts'
import { columnName, entitiesOf, strategyOf, type TypeOrmRun, tableName } from './entities.ts'
import type { Entity, EntityColumn, EntityRelation, JoinColumn, JoinTable } from './entity.ts'

/** How the rows of two tables are linked. */
export interface Link {
  readonly target: Entity
  /** Columns of the two that must be equal; empty where a table is between them. */
  readonly own: readonly string[]
  readonly other: readonly string[]
  readonly between: LinkTable | null
}

export interface LinkTable {
  readonly table: string
  readonly schema: string | Value | null
  /** Its columns for this side, and for the other. */
  readonly own: readonly string[]
  readonly other: readonly string[]
  readonly ownKey: readonly string[]
  readonly otherKey: readonly string[]
}

/** Follows the relation of an entity; null where its target or the other side can't be told. */
export function linkOf(run: TypeOrmRun, entity: Entity, relation: EntityRelation, site: Site): Link | null {
  const [target] = entitiesOf(run, relation.target, site)
  if (target === undefined) return null
  const inverse = inverseOf(target, relation, site)
  if (relation.kind === 'many-to-many') return manyToMany(run, entity, target, relation, inverse, site)
  if (relation.owner) {
    const { here, there } = joinedColumns(run, entity, target, relation, site)
    return { target, own: here, other: there, between: null }
  }
  const found = inverse ?? ownerIn(run, target, entity, relation, site)
  if (found === undefined) return { target, own: [], other: [], between: null }
  const { here, there } = joinedColumns(run, target, entity, found, site)
  return { target, own: there, other: here, between: null }
}

function inverseOf(target: Entity, { inverse }: EntityRelation, site: Site): EntityRelation | undefined {
  const property = inverse === null ? null : propertyOf(inverse, site)
  return property === null ? undefined : target.relations.get(property)
}

/** `(book) => book.author`, or its name. */
export function propertyOf(value: Value, site: Site): string | null {
  const isFunction = atomsOf(value).some(({ kind }) => kind === 'function')
  return textOf(isFunction ? site.call(value, [MIRROR]) : value)
}

/** Every member of it is its own name. */
const MIRROR: ObjectValue = { kind: 'object', complete: true, names: () => [], get: (name) => text(name) }

function ownerIn(
  run: TypeOrmRun,
  target: Entity,
  entity: Entity,
  { property }: EntityRelation,
  site: Site,
): EntityRelation | undefined {
  return [...target.relations.values()].find(
    (one) =>
      one.owner &&
      one.kind !== 'many-to-many' &&
      entitiesOf(run, one.target, site).some(({ id }) => id === entity.id) &&
      (one.inverse === null || propertyOf(one.inverse, site) === property),
  )
}

function keysOf(entity: Entity): EntityColumn[] {
  return [...entity.columns.values()].filter(({ primary }) => primary)
}

/** The columns that a join refers to: those that are named, else the primary key. */
function referencedIn(entity: Entity, columns: readonly JoinColumn[]): EntityColumn[] {
  const named = columns.flatMap(({ references }) => {
    const column = references === null ? undefined : entity.columns.get(references)
    return column === undefined ? [] : [column]
  })
  return named.length > 0 ? named : keysOf(entity)
}

function joinedColumns(
  run: TypeOrmRun,
  owner: Entity,
  target: Entity,
  relation: EntityRelation,
  site: Site,
): { here: string[]; there: string[] } {
  const referenced = referencedIn(target, relation.joinColumns)
  const here = referenced.map((column) => {
    const name = nameFor(relation.joinColumns, column)
    const own = name === null ? undefined : owner.columns.get(name)
    if (own !== undefined) return columnName(run, own, site)
    // A name that is given is taken through the strategy, as that of any column is.
    if (name !== null) return strategyOf(run, site).column(relation.property, name, []) ?? name
    const last = relation.property.slice(relation.property.lastIndexOf('.') + 1)
    return strategyOf(run, site).joinColumn(last, column.property) ?? last
  })
  return { here, there: referenced.map((column) => columnName(run, column, site)) }
}

function nameFor(columns: readonly JoinColumn[], { property }: EntityColumn): string | null {
  return (
    columns.find(({ name, references }) => name !== null && (references === null || references === property))?.name ??
    null
  )
}

function manyToMany(
  run: TypeOrmRun,
  entity: Entity,
  target: Entity,
  relation: EntityRelation,
  inverse: EntityRelation | undefined,
  site: Site,
): Link {
  const link = { target, own: [], other: [] }
  if (relation.joinTable !== null) {
    return { ...link, between: linkTable(run, entity, target, relation.property, relation.joinTable, site) }
  }
  if (inverse?.joinTable == null) return { ...link, between: null }
  const mirrored = linkTable(run, target, entity, inverse.property, inverse.joinTable, site)
  const { own, other, ownKey, otherKey } = mirrored
  return { ...link, between: { ...mirrored, own: other, other: own, ownKey: otherKey, otherKey: ownKey } }
}

function linkTable(
  run: TypeOrmRun,
  owner: Entity,
  target: Entity,
  property: string,
  joinTable: JoinTable,
  site: Site,
): LinkTable {
  const naming = strategyOf(run, site)
  const [first, second] = [tableName(run, owner, site), tableName(run, target, site)]
  const columnsFor = (entity: Entity, table: string, columns: readonly JoinColumn[]) => {
    const referenced = referencedIn(entity, columns)
    const keys = referenced.map((column) => columnName(run, column, site))
    const names = referenced.map((column, at) => {
      return (
        nameFor(columns, column) ?? naming.joinTableColumn(table, column.property, keys[at] ?? '') ?? column.property
      )
    })
    return { keys, names }
  }
  const here = columnsFor(owner, first, joinTable.columns)
  const there = columnsFor(target, second, joinTable.inverseColumns)
  return {
    table: joinTable.name ?? naming.joinTable(first, second, property) ?? property,
    schema: joinTable.schema ?? owner.schema,
    own: here.names,
    other: there.names,
    ownKey: here.keys,
    otherKey: there.keys,
  }
}
