import { memberValue, textOf } from '../../read-value.ts'
import type { ImportedFrom, Site, StyleDefinition, StyleModel } from '../../style.ts'
import { atomsOf, type LibraryValue, text, type Value } from '../../value.ts'
import { readSqlFiles } from '../sql/read-sql-files.ts'
import { createRun, declareClass, declareSchema, setNaming, type TypeOrmRun } from './entities.ts'
import { callManager, callRepository, repository } from './entity-calls.ts'
import { inherited } from './extended-classes.ts'
import { camelCase, SNAKE_NAMING, snakeCase } from './naming.ts'
import { BUILDER_METHODS, callBuilder } from './query-builder.ts'
import { callRunner, runnerMember } from './query-runner.ts'
import { callRelation } from './relation-builder.ts'
import { callEntityMethod, createInstance, ENTITY_METHODS } from './repository.ts'
import { PLAIN_MANAGER, type TypeOrmOf, typeorm, typeormOf } from './values.ts'

/** TypeORM itself, forks of it under a scope, and what binds it to NestJS. */
const MODULES = /^(@[\w-]+\/)?typeorm($|\/)/

/** TypeORM: tables are classes with decorators, or schemas; names in the database follow a naming strategy. */
export const typeormStyle: StyleDefinition = {
  name: 'typeorm',
  modules: /typeorm/,
  words: [
    ...ENTITY_METHODS,
    ...BUILDER_METHODS,
    'query',
    'transaction',
    'createQueryRunner',
    'createTable',
    'dropTable',
    'renameTable',
    'clearTable',
    'addColumn',
    'addColumns',
    'dropColumn',
    'changeColumn',
    'renameColumn',
    'createIndex',
    'createForeignKey',
  ],
  create: async (project) => {
    const run = createRun((await readSqlFiles(project)).catalog)
    const model: StyleModel = {
      name: 'typeorm',
      imported,
      typed,
      declares: (of) => declareClass(run, of),
      member: (receiver, name, site) => member(receiver, name, site),
      call: (receiver, method, args, site) => call(run, receiver, method, args, site),
      construct: (receiver, args, site) => construct(run, receiver, args, site),
      settle: () => {
        const { settled } = run
        run.settled = true
        run.entities.clear()
        return settled
      },
    }
    return model
  },
}

function imported({ specifier }: ImportedFrom, name: string): Value | undefined {
  if (specifier === 'typeorm-naming-strategies' && name === 'SnakeNamingStrategy') return typeorm({ is: 'class', name })
  if (!MODULES.test(specifier) || name === 'default') return undefined
  return typeorm(CLASSES.has(name) ? { is: 'class', name } : { is: 'function', name })
}

const CLASSES = new Set([
  'DataSource',
  'Connection',
  'EntityManager',
  'Repository',
  'TreeRepository',
  'AbstractRepository',
  'BaseEntity',
  'EntitySchema',
  'DefaultNamingStrategy',
  'Brackets',
  'NotBrackets',
  'Table',
  'TableColumn',
  'TableForeignKey',
  'TableIndex',
  'View',
])

/** What something of a type is: `Repository<Post>`, `EntityManager`, `SelectQueryBuilder<Post>`. */
function typed({ specifier }: ImportedFrom, name: string, [first]: readonly Value[]): Value | undefined {
  if (!MODULES.test(specifier)) return undefined
  switch (name) {
    case 'Repository':
    case 'TreeRepository':
      return first === undefined ? undefined : repository(PLAIN_MANAGER, first)
    case 'EntityManager':
      return typeorm(PLAIN_MANAGER)
    case 'DataSource':
    case 'Connection':
      return typeorm({ is: 'data source' })
    case 'QueryRunner':
      return typeorm({ is: 'runner', manager: PLAIN_MANAGER })
    default:
      return undefined
  }
}

function member(receiver: LibraryValue, name: string, site: Site): Value | undefined {
  const of = typeormOf(receiver)
  if (of === undefined) return undefined
  if (of.is === 'class' && isInside(site)) return memberOfInstance(inherited(of.name, site), name)
  return memberOfInstance(of, name)
}

/** The receiver is a class or an instance of the project that extends TypeORM's. */
function isInside({ self }: Site): boolean {
  return atomsOf(self).some(({ kind }) => kind === 'class' || kind === 'instance')
}

function memberOfInstance(of: TypeOrmOf, name: string): Value | undefined {
  switch (of.is) {
    case 'data source':
      return name === 'manager' ? typeorm(PLAIN_MANAGER) : undefined
    case 'manager':
      if (name === 'connection' || name === 'dataSource') return typeorm({ is: 'data source' })
      return name === 'queryRunner' ? typeorm({ is: 'runner', manager: of }) : undefined
    case 'repository':
      if (name === 'manager') return typeorm(of.manager)
      if (name === 'target') return of.target
      return undefined
    case 'runner':
      return runnerMember(of, name)
    default:
      return undefined
  }
}

function call(
  run: TypeOrmRun,
  receiver: LibraryValue,
  method: string | null,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const of = typeormOf(receiver)
  if (of === undefined) return undefined
  if (method === null) return of.is === 'function' ? callFunction(run, of.name, args, site) : undefined
  if (of.is !== 'class') return callMethod(run, of, method, args, site)
  if (of.name === 'DefaultNamingStrategy') return callStrategy(method, args)
  if (of.name === 'BaseEntity') return callActiveRecord(run, method, args, site)
  const inside = inherited(of.name, site)
  return inside.is === 'class' ? undefined : callMethod(run, inside, method, args, site)
}

function callMethod(
  run: TypeOrmRun,
  of: TypeOrmOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  switch (of.is) {
    case 'data source':
      return callManager(run, PLAIN_MANAGER, method, args, site)
    case 'manager':
      return callManager(run, of, method, args, site)
    case 'repository':
      return callRepository(run, of, method, args, site)
    case 'runner':
      return callRunner(run, of, method, args, site)
    case 'builder':
      return callBuilder(run, of.state, method, args, site)
    case 'relation builder':
      return method === 'of' ? typeorm(of) : callRelation(run, of, method, site)
    case 'function':
      return method.startsWith('for') ? readModuleOptions(run, args, site) : undefined
    default:
      return undefined
  }
}

const OPERATORS =
  /^(In|Not|Equal|IsNull|Like|ILike|Between|LessThan|LessThanOrEqual|MoreThan|MoreThanOrEqual|Any|Raw|ArrayContains|ArrayContainedBy|ArrayOverlap|JsonContains|And|Or)$/

/** Functions of the library: operators, decorators, and those of the time before data sources. */
function callFunction(run: TypeOrmRun, name: string, args: readonly Value[], site: Site): Value | undefined {
  const [first] = args
  if (OPERATORS.test(name)) return typeorm({ is: 'operator', name, args })
  if (name === 'snakeCase' || name === 'camelCase') {
    const known = textOf(first)
    return known === null ? undefined : text(name === 'snakeCase' ? snakeCase(known) : camelCase(known))
  }
  if (name === 'getManager') return typeorm(PLAIN_MANAGER)
  if (name === 'getConnection' || name === 'getConnectionManager') return typeorm({ is: 'data source' })
  if (name === 'createConnection') return readDataSource(run, first)
  if (/^get\w*Repository$/.test(name) || name === 'createQueryBuilder')
    return callManager(run, PLAIN_MANAGER, name, args, site)
  return typeorm({ is: 'decorator', name, args })
}

function construct(run: TypeOrmRun, receiver: LibraryValue, args: readonly Value[], site: Site): Value | undefined {
  const of = typeormOf(receiver)
  const [first] = args
  if (of?.is !== 'class') return undefined
  switch (of.name) {
    case 'DataSource':
    case 'Connection':
      return readDataSource(run, first)
    case 'EntityManager':
      return typeorm(PLAIN_MANAGER)
    case 'Repository':
    case 'TreeRepository':
      return repository(PLAIN_MANAGER, first)
    case 'EntitySchema': {
      const { file, line, column } = site.place
      if (first === undefined) return undefined
      const schema = { is: 'entity schema', id: `${file}:${line}:${column}`, options: first } as const
      declareSchema(run, schema)
      return typeorm(schema)
    }
    case 'SnakeNamingStrategy':
      setNaming(run, SNAKE_NAMING)
      return receiver
    case 'Brackets':
    case 'NotBrackets':
      return typeorm({ is: 'brackets', work: first ?? null })
    default:
      return first === undefined ? undefined : typeorm({ is: 'definition', options: first })
  }
}

/** Reading the options evaluates `new SnakeNamingStrategy()`, which says what it is by itself. */
function readDataSource(run: TypeOrmRun, options: Value | undefined): Value {
  readOptions(run, options)
  return typeorm({ is: 'data source' })
}

function readOptions(_run: TypeOrmRun, options: Value | undefined): void {
  memberValue(options, 'namingStrategy')
  memberValue(options, 'entities')
}

/** `TypeOrmModule.forRoot({ … })`, `forRootAsync({ useFactory })`. */
function readModuleOptions(run: TypeOrmRun, [options]: readonly Value[], site: Site): undefined {
  readOptions(run, options)
  const factory = memberValue(options, 'useFactory')
  if (factory !== undefined) readOptions(run, site.call(factory, []))
}

/** `Post.find()` and `post.save()` of a class that extends `BaseEntity`. */
function callActiveRecord(run: TypeOrmRun, method: string, args: readonly Value[], site: Site): Value | undefined {
  const opening = { run, site, manager: PLAIN_MANAGER }
  const { self } = site
  const isInstance = atomsOf(self).some(({ kind }) => kind === 'instance')
  if (method === 'reload') return callEntityMethod(opening, self, 'preload', [])
  if (isInstance) return callEntityMethod(opening, self, method, [self])
  if (method === 'create') return createInstance(opening, self, args[0])
  if (method === 'getRepository') return repository(PLAIN_MANAGER, self)
  return callRepository(
    run,
    { is: 'repository', target: self, manager: PLAIN_MANAGER, added: null },
    method,
    args,
    site,
  )
}

/** What a strategy of the project's own asks of the one that it extends. */
function callStrategy(method: string, args: readonly Value[]): Value | undefined {
  const [first, second] = args
  if (method === 'tableName') {
    const given = textOf(second)
    const name = textOf(first)
    return given !== null ? text(given) : name === null ? undefined : text(snakeCase(name))
  }
  if (method === 'columnName') return textOf(second) !== null ? second : first
  return undefined
}
