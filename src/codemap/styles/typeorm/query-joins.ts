import { textOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { addAlias, addParameters, addText, type BuilderState } from './builder-state.ts'
import { entitiesOf } from './entities.ts'
import { compareKeys, type EntityAccess, type Opening, openEntity } from './entity-access.ts'
import { linkOf } from './relations.ts'

/** `leftJoin('post.author', 'author', condition, parameters)`, also with an entity, a table's name, or a query. */
export function joinAlias(
  opening: Opening,
  state: BuilderState,
  method: string,
  args: readonly Value[],
  self: Value,
): void {
  // The forms that map the result have the property before all else.
  const [target, alias, condition, parameters] = method.includes('AndMap') ? args.slice(1) : args
  const name = textOf(alias) ?? ''
  const joined = target === undefined ? [] : joinTarget(opening, state, target, self)
  if (joined.length > 0) addAlias(state, name, joined)
  else if (name !== '') state.others.add(name)
  if (/And(Select|Map)/.test(method)) for (const { access } of joined) access.unknownColumns()
  addText(state, 'filtered', condition)
  addParameters(state, parameters)
}

function joinTarget(opening: Opening, state: BuilderState, target: Value, self: Value): EntityAccess[] {
  return atomsOf(target).flatMap((atom): EntityAccess[] => {
    if (atom.kind === 'text') {
      const related = joinPath(opening, state, atom.text)
      if (related !== null) return related
    }
    if (atom.kind === 'function') {
      opening.site.call(atom, [self])
      return []
    }
    const entities = entitiesOf(opening.run, atom, opening.site)
    if (entities.length > 0) return entities.map((entity) => openEntity(opening, entity, 'select'))
    // A table without an entity, by its name.
    opening.site.open({ table: atom, operation: 'select', transaction: opening.manager.transaction })
    return []
  })
}

/** `post.author`: the relation of what has that alias. */
function joinPath(opening: Opening, state: BuilderState, path: string): EntityAccess[] | null {
  const at = path.indexOf('.')
  const sources = at === -1 ? undefined : state.aliases.get(path.slice(0, at))
  if (sources === undefined) return null
  return sources.flatMap((source) => {
    const relation = source.entity.relations.get(path.slice(at + 1))
    const link = relation === undefined ? null : linkOf(opening.run, source.entity, relation, opening.site)
    if (link === null) return []
    const related = openEntity(opening, link.target, 'select')
    compareKeys({ ...opening, entity: source.entity, access: source.access }, related.access, link)
    return [related]
  })
}
