import { memberValue } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, unknown, type Value } from '../../value.ts'
import { openSql, type SqlOpening } from '../open-sql.ts'
import { sqlOfValue } from '../sql/text-of-value.ts'
import { startBuilder } from './builder-table.ts'
import type { TypeOrmRun } from './entities.ts'
import { joinStarted, type Opening } from './entity-access.ts'
import { callEntityMethod, createInstance } from './repository.ts'
import { allOf, type ManagerOf, type RepositoryOf, typeorm } from './values.ts'

const REPOSITORIES = new Set(['getRepository', 'getTreeRepository', 'getMongoRepository'])

/** Methods that may be given rows alone: what they are says which entity it is. */
const OF_ROWS = new Set(['save', 'remove', 'softRemove', 'recover', 'create', 'preload'])

/** A method of a data source or of an entity manager. */
export function callManager(
  run: TypeOrmRun,
  manager: ManagerOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const opening: Opening = { run, site, manager }
  const [first, ...rest] = args
  const [second] = rest
  if (REPOSITORIES.has(method)) return repository(manager, first)
  switch (method) {
    case 'getCustomRepository':
      return first === undefined ? undefined : customRepository(first, site)
    case 'withRepository':
      return first === undefined ? undefined : withManager(first, manager)
    case 'createQueryBuilder':
      return startBuilder(opening, args, null)
    case 'transaction':
      return runTransaction(manager, args.at(-1), site)
    case 'query':
      runSql(opening, first, second)
      return unknown('it comes from the database')
    case 'createQueryRunner':
      return typeorm({ is: 'runner', manager: { ...manager, runner: blockOf(site) } })
    case 'createEntityManager':
      return typeorm(manager)
    case 'initialize':
    case 'connect':
    case 'setOptions':
      return typeorm({ is: 'data source' })
    default:
      return callOnEntity(opening, method, args, first, rest)
  }
}

function callOnEntity(
  opening: Opening,
  method: string,
  args: readonly Value[],
  first: Value | undefined,
  rest: readonly Value[],
): Value | undefined {
  const isNamed = first === undefined || !OF_ROWS.has(method) || isTarget(first, rest)
  const given = isNamed ? rest : args
  if (method === 'create') return createInstance(opening, first, isNamed ? rest[0] : undefined)
  return callEntityMethod(opening, first, method, given)
}

/** Whether a value names an entity, rather than being one. */
function isTarget(value: Value, rest: readonly Value[]): boolean {
  return atomsOf(value).some(
    (atom) =>
      atom.kind === 'class' ||
      (atom.kind === 'text' && rest.length > 0) ||
      (rest.length > 0 && allOf(atom, 'entity schema').length > 0),
  )
}

/** How SQL is opened: in the transaction of the manager, or in that which its query runner is found to start. */
function opened(run: TypeOrmRun, manager: ManagerOf): SqlOpening {
  const finish: SqlOpening['finish'] = (access) => joinStarted(run, manager, access)
  return { transaction: manager.transaction, catalog: run.catalog, finish }
}

/** `query('select …', [1, 2])`. */
export function runSql(
  { run, site, manager }: Opening,
  statement: Value | undefined,
  parameters: Value | undefined,
): void {
  const sql = sqlOfValue(statement ?? unknown('none is given'))
  openSql(site, sql, { ...opened(run, manager), parameters: parameters ?? null })
}

export function repository(manager: ManagerOf, target: Value | undefined): Value {
  return typeorm({ is: 'repository', target: target ?? unknown('it names no entity'), manager, added: null })
}

/** A class of the project that extends `Repository`: any instance of it. */
function customRepository(of: Value, site: Site): Value {
  const [found] = atomsOf(of).filter((atom) => atom.kind === 'class')
  return found?.kind === 'class' ? site.instance(found) : unknown('it is no class of the project')
}

/** The same repository within a transaction. */
function withManager(value: Value, manager: ManagerOf): Value {
  const [found] = allOf(value, 'repository')
  return found === undefined ? value : typeorm({ ...found, manager })
}

function runTransaction(manager: ManagerOf, work: Value | undefined, site: Site): Value | undefined {
  if (work === undefined) return undefined
  const inside: ManagerOf = { ...manager, transaction: manager.transaction ?? blockOf(site) }
  return site.call(work, [typeorm(inside)])
}

function blockOf({ place: { file, line, column } }: Site): string {
  return `${file}:${line}:${column}`
}

/** A method of a repository. */
export function callRepository(
  run: TypeOrmRun,
  of: RepositoryOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const { target, manager } = of
  const opening: Opening = { run, site, manager }
  const [first, second] = args
  // What `extend({ … })` adds has the repository as `this`.
  const added = memberValue(of.added ?? undefined, method)
  if (added !== undefined) return site.call(added, args, typeorm(of))
  switch (method) {
    case 'createQueryBuilder':
      return startBuilder(opening, args, target)
    case 'create':
      return createInstance(opening, target, first)
    case 'query':
      runSql(opening, first, second)
      return unknown('it comes from the database')
    case 'extend':
      return typeorm({ ...of, added: first ?? null })
    case 'merge':
      return first
    default:
      return callEntityMethod(opening, target, method, args)
  }
}
