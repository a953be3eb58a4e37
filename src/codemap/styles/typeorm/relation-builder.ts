import type { Operation } from '../../interaction.ts'
import type { Site } from '../../style.ts'
import { unknown, type Value } from '../../value.ts'
import { entitiesOf, type TypeOrmRun } from './entities.ts'
import { type Opening, openBetween, openEntity, reasonOf } from './entity-access.ts'
import { keyColumns } from './find-options.ts'
import { linkOf, propertyOf } from './relations.ts'
import type { TypeOrmOf } from './values.ts'

type RelationBuilderOf = Extract<TypeOrmOf, { is: 'relation builder' }>

const BETWEEN: ReadonlyMap<string, readonly Operation[]> = new Map(
  Object.entries({
    add: ['insert'],
    remove: ['delete'],
    addAndRemove: ['insert', 'delete'],
  }),
)

/** `relation(Post, 'tags').of(post).add(tag)`: what it does to the rows between, or to the foreign key. */
export function callRelation(run: TypeOrmRun, of: RelationBuilderOf, method: string, site: Site): Value | undefined {
  const isRead = method === 'loadMany' || method === 'loadOne'
  if (!isRead && method !== 'set' && BETWEEN.get(method) === undefined) return undefined
  const opening: Opening = { run, site, manager: of.manager }
  const property = propertyOf(of.property, site)
  const [entity] = entitiesOf(run, of.target, site)
  const relation = property === null ? undefined : entity?.relations.get(property)
  const link = entity === undefined || relation === undefined ? null : linkOf(run, entity, relation, site)
  if (entity === undefined || relation === undefined || link === null) {
    site.open({ table: unknown(reasonOf(of.target)), operation: isRead ? 'select' : 'update' })
    return unknown('it comes from the database')
  }
  if (isRead) {
    const related = openEntity(opening, link.target, 'select')
    related.access.unknownColumns()
    if (link.between === null) related.access.filtered(link.other)
    else openBetween(opening, link.between, 'select').filtered(link.between.own)
  } else if (link.between !== null) {
    const columns = [...link.between.own, ...link.between.other]
    for (const operation of BETWEEN.get(method) ?? ['insert']) {
      const access = openBetween(opening, link.between, operation)
      if (operation === 'insert') access.written(columns)
      else access.filtered(columns)
    }
  } else {
    // The foreign key is on the side that owns the relation.
    const changed = openEntity(opening, relation.owner ? entity : link.target, 'update')
    changed.access.written(relation.owner ? link.own : link.other)
    changed.access.filtered(keyColumns(changed))
  }
  return unknown('it comes from the database')
}
