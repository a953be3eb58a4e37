import type { Site } from '../../style.ts'
import { atomsOf, type ClassValue, unknown, type Value } from '../../value.ts'
import { baseClass } from './class-entity.ts'
import { repository } from './entity-calls.ts'
import { PLAIN_MANAGER, type TypeOrmOf, typeormOf } from './values.ts'

/** What an instance of a class of the project is to TypeORM by the class of the library that it extends. */
export function inherited(name: string, site: Site): TypeOrmOf {
  switch (name) {
    case 'Repository':
    case 'TreeRepository':
    case 'AbstractRepository':
      return repositoryOf(entityOf(classOf(site)))
    case 'EntityManager':
      return PLAIN_MANAGER
    case 'DataSource':
    case 'Connection':
      return { is: 'data source' }
    default:
      return { is: 'class', name }
  }
}

function repositoryOf(target: Value): TypeOrmOf {
  const [value] = atomsOf(repository(PLAIN_MANAGER, target))
  const of = value === undefined ? undefined : typeormOf(value)
  return of ?? { is: 'class', name: 'Repository' }
}

function classOf({ self }: Site): ClassValue | null {
  for (const atom of atomsOf(self)) {
    if (atom.kind === 'class') return atom
    if (atom.kind === 'instance') return atom.of
  }
  return null
}

/** `class Venues extends Repository<Venue>`, over as many classes in between as it takes. */
function entityOf(of: ClassValue | null): Value {
  for (let at = of; at !== null; at = baseClass(at)) {
    const named = at.baseTypes().flatMap((type) => atomsOf(type).filter(({ kind }) => kind === 'instance'))
    const [first] = named
    if (first !== undefined) return first
  }
  return unknown(`the entity of the repository ${of?.name ?? ''} is not named where it extends another`)
}
