import { membersOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, type ObjectValue, type Value } from '../../value.ts'
import { columnsIn } from './tables.ts'
import { allOf, type ColumnOf, drizzle, type RelationOf, type TableOf } from './values.ts'

/** How two tables are linked: pairs of columns that are equal, over a table between them or not. */
export interface Link {
  readonly target: TableOf
  readonly own: readonly ColumnOf[]
  readonly other: readonly ColumnOf[]
  readonly between: readonly ColumnOf[]
}

/** Where relations are looked for: the `schema` and the `relations` that a database was made with. */
export interface RelationScope {
  readonly schema: Value | null
  readonly relations: Value | null
}

/** `one(users, { fields, references })` and `many(posts)` within `relations(table, …)`. */
export function relationOf(kind: 'one' | 'many', [table, config]: readonly Value[]): Value | undefined {
  const [target] = allOf(table, 'table')
  if (target === undefined) return undefined
  const part = (name: string): Value | undefined =>
    config === undefined ? undefined : membersOf(config).members.find(([member]) => member === name)?.[1]
  const name = part('relationName')
  return drizzle({
    is: 'relation',
    kind,
    target,
    name: name === undefined ? null : (textsOf(name).texts[0] ?? null),
    own: columnsIn(part('fields')),
    other: columnsIn(part('references')),
  })
}

/** The relation of a table under a name, as the code declares it in either version of Drizzle. */
export function findLink(scope: RelationScope, table: TableOf, name: string, site: Site): Link | undefined {
  const relation = declared(scope, table, site).find(([member]) => member === name)?.[1]
  const [first] = allOf(relation, 'relation')
  if (first === undefined) return undefined
  const link = { target: first.target, between: [] }
  if (first.own.length > 0) return { ...link, ...throughOf(first) }
  const opposite = oppositeOf(scope, table, first, site)
  if (opposite === undefined) return { ...link, own: [], other: [] }
  const { own, other, between } = throughOf(opposite)
  return { target: first.target, own: other, other: own, between }
}

function throughOf({ own, other }: RelationOf): Pick<Link, 'own' | 'other' | 'between'> {
  const between = [...own, ...other].flatMap(({ through }) => through ?? [])
  return { own, other, between }
}

/** The side that says which columns are equal: the other table's relation that leads back, of the same name. */
function oppositeOf(scope: RelationScope, table: TableOf, relation: RelationOf, site: Site): RelationOf | undefined {
  return declared(scope, relation.target, site)
    .flatMap(([, value]) => allOf(value, 'relation'))
    .find(({ target, name, own }) => target.id === table.id && name === relation.name && own.length > 0)
}

const HELPERS = { is: 'functions', of: 'relations' } as const

/** All relations of a table. */
function declared({ schema, relations }: RelationScope, table: TableOf, site: Site): [string, Value][] {
  const found: [string, Value][] = []
  for (const [, value] of schema === null ? [] : membersOf(schema).members) {
    for (const one of allOf(value, 'relations')) {
      if (one.table.id === table.id) found.push(...membersOf(site.call(one.config, [drizzle(HELPERS)])).members)
    }
  }
  for (const [, value] of relations === null ? [] : membersOf(relations).members) {
    for (const one of allOf(value, 'table relations')) {
      if (one.table.id === table.id) found.push(...membersOf(one.relations).members)
    }
  }
  return found
}

/** `defineRelations(schema, (r) => ({ … }))`: an entry for each table of the schema. */
export function defineRelations([schema, config]: readonly Value[], site: Site): Value | undefined {
  if (schema === undefined) return undefined
  const builder = drizzle({ is: 'relation builder', schema, kind: null })
  const all = config === undefined ? undefined : site.call(config, [builder])
  const entries = new Map<string, Value>()
  for (const [key, value] of membersOf(schema).members) {
    const [table] = allOf(value, 'table')
    if (table === undefined) continue
    const relations = all === undefined ? undefined : membersOf(all).members.find(([name]) => name === key)?.[1]
    entries.set(key, drizzle({ is: 'table relations', table, relations: relations ?? EMPTY }))
  }
  return { kind: 'object', complete: true, names: () => [...entries.keys()], get: (name) => entries.get(name) }
}

const EMPTY: ObjectValue = { kind: 'object', complete: true, names: () => [], get: () => undefined }

/** `r.many.posts({ from, to })` in the builder of `defineRelations`. */
export function builtRelation(
  kind: 'one' | 'many',
  schema: Value,
  key: string,
  [config]: readonly Value[],
): Value | undefined {
  const [target] = tableUnder(schema, key)
  if (target === undefined) return undefined
  const part = (name: string): Value | undefined =>
    config === undefined ? undefined : membersOf(config).members.find(([member]) => member === name)?.[1]
  const alias = part('alias')
  return drizzle({
    is: 'relation',
    kind,
    target,
    name: alias === undefined ? null : (textsOf(alias).texts[0] ?? null),
    own: columnsIn(part('from')),
    other: columnsIn(part('to')),
  })
}

/** The table that a schema object has under a key. */
export function tableUnder(schema: Value | null, key: string): TableOf[] {
  if (schema === null) return []
  return atomsOf(schema).flatMap((atom) => (atom.kind === 'object' ? allOf(atom.get(key), 'table') : []))
}

/** `r.users.id` in the same builder. */
export function builderColumns(schema: Value, key: string): Value | undefined {
  const [table] = tableUnder(schema, key)
  return table === undefined ? undefined : drizzle(table)
}

/** `r.users.id.through(r.memberships.userId)`. */
export function columnThrough(column: ColumnOf, [through]: readonly Value[]): Value {
  const [between] = allOf(through, 'column')
  return drizzle({ ...column, through: between ?? null })
}
