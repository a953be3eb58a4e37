import { literalsOf, membersOf, memberValue, textOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { joinColumnsIn, joinTableOf } from './class-entity.ts'
import type { Entity, EntityColumn, EntityRelation } from './entity.ts'
import type { EntitySchemaOf } from './values.ts'

const KINDS = new Set(['one-to-one', 'one-to-many', 'many-to-one', 'many-to-many'])

/** Reads what `new EntitySchema({ name, tableName, columns, relations })` declares. */
export function readSchemaEntity({ id, options }: EntitySchemaOf): Entity {
  const name = textOf(memberValue(options, 'name')) ?? ''
  const columns = new Map<string, EntityColumn>()
  for (const [property, column] of membersOf(memberValue(options, 'columns')).members) {
    columns.set(property, {
      property,
      given: textOf(memberValue(column, 'name')),
      prefixes: [],
      primary: isTrue(column, 'primary'),
      mode: isTrue(column, 'deleteDate') ? 'deleted' : isTrue(column, 'updateDate') ? 'updated' : null,
    })
  }
  const relations = new Map<string, EntityRelation>()
  for (const [property, relation] of membersOf(memberValue(options, 'relations')).members) {
    const kind = textOf(memberValue(relation, 'type'))
    const target = memberValue(relation, 'target')
    if (kind === null || !KINDS.has(kind) || target === undefined) continue
    relations.set(property, relationOf(property, kind as EntityRelation['kind'], target, relation))
  }
  return {
    id,
    name,
    given: memberValue(options, 'tableName') ?? null,
    named: name,
    schema: memberValue(options, 'schema') ?? null,
    columns,
    relations,
    instance: null,
  }
}

function relationOf(property: string, kind: EntityRelation['kind'], target: Value, relation: Value): EntityRelation {
  const joinColumn = given(relation, 'joinColumn')
  const joinTable = given(relation, 'joinTable')
  return {
    property,
    kind,
    target,
    inverse: memberValue(relation, 'inverseSide') ?? null,
    joinColumns: joinColumnsIn(joinColumn),
    owner: kind === 'many-to-one' || joinColumn !== undefined || joinTable !== undefined,
    joinTable: joinTable === undefined ? null : joinTableOf(joinTable),
    eager: isTrue(relation, 'eager'),
  }
}

/** A member that is there and isn't false. */
function given(value: Value, name: string): Value | undefined {
  const found = memberValue(value, name)
  const isOff = found !== undefined && atomsOf(found).every((atom) => atom.kind === 'literal' && !atom.value)
  return isOff ? undefined : found
}

function isTrue(value: Value, name: string): boolean {
  return literalsOf(memberValue(value, name)).includes(true)
}
