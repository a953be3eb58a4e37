import { textOf, textsOf } from '../../read-value.ts'
import type { SqlCatalog } from '../../sql/catalog.ts'
import type { Site } from '../../style.ts'
import { array, atomsOf, type ClassValue, text, UNDEFINED, unknown, type Value } from '../../value.ts'
import { baseClass, isEntityClass, readClassEntity } from './class-entity.ts'
import type { Entity, EntityColumn } from './entity.ts'
import { DEFAULT_NAMING, type Naming } from './naming.ts'
import { readSchemaEntity } from './schema-entity.ts'
import { allOf, type EntitySchemaOf } from './values.ts'

/** What the model of one run knows; `settled` turns false where something is learnt that was asked for before. */
export interface TypeOrmRun {
  /** What the project's `.sql` files say of its tables. */
  readonly catalog: SqlCatalog
  naming: Naming
  /** A naming strategy of the project's own. */
  strategy: ClassValue | null
  readonly classes: Map<string, ClassValue>
  readonly schemas: Map<string, EntitySchemaOf>
  readonly entities: Map<string, Entity | null>
  /** Query runners on which a transaction is started. */
  readonly started: Set<string>
  /** Names of entities that were asked for and not known. */
  readonly missed: Set<string>
  namingAsked: boolean
  settled: boolean
}

export function createRun(catalog: SqlCatalog): TypeOrmRun {
  return {
    catalog,
    naming: DEFAULT_NAMING,
    strategy: null,
    classes: new Map(),
    schemas: new Map(),
    entities: new Map(),
    started: new Set(),
    missed: new Set(),
    namingAsked: false,
    settled: true,
  }
}

/** Remembers a class by its name, since relations and `getRepository('User')` may name entities so. */
export function declareClass(run: TypeOrmRun, of: ClassValue): void {
  if (isStrategy(of)) {
    if (run.strategy === null && run.namingAsked) run.settled = false
    run.strategy = of
  }
  if (isEntityClass(of)) declare(run, run.classes, of.name, of)
}

export function declareSchema(run: TypeOrmRun, schema: EntitySchemaOf): void {
  const name = textOf(readSchemaEntity(schema).given ?? undefined)
  for (const known of [readSchemaEntity(schema).name, name]) {
    if (known !== null && known !== '') declare(run, run.schemas, known, schema)
  }
}

function declare<Of>(run: TypeOrmRun, known: Map<string, Of>, name: string, of: Of): void {
  if (!known.has(name) && run.missed.has(name)) run.settled = false
  known.set(name, of)
}

function isStrategy(of: ClassValue): boolean {
  for (let at: ClassValue | null = of; at; at = baseClass(at)) {
    if (allOf(at.base() ?? undefined, 'class').some(({ name }) => name === 'DefaultNamingStrategy')) return true
  }
  return false
}

export function setNaming(run: TypeOrmRun, naming: Naming): void {
  if (run.naming !== naming && run.namingAsked) run.settled = false
  run.naming = naming
}

/** The entities that a value stands for: a class, an instance, a schema, a name, a function that gives one of them. */
export function entitiesOf(run: TypeOrmRun, value: Value | undefined, site: Site): Entity[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom): Entity[] => {
    if (atom.kind === 'class') return [classEntity(run, atom, site) ?? []].flat()
    if (atom.kind === 'instance') return [classEntity(run, atom.of, site) ?? []].flat()
    if (atom.kind === 'function') return entitiesOf(run, site.call(atom, []), site)
    if (atom.kind === 'array') return atom.items.flatMap((item) => entitiesOf(run, item, site))
    if (atom.kind === 'object') return entitiesOf(run, atom.get('name') ?? atom.get('type'), site)
    if (atom.kind === 'text') return entitiesNamed(run, atom.text, site)
    return allOf(atom, 'entity schema').map((schema) => schemaEntity(run, schema))
  })
}

function entitiesNamed(run: TypeOrmRun, name: string, site: Site): Entity[] {
  const of = run.classes.get(name)
  const schema = run.schemas.get(name)
  if (of === undefined && schema === undefined) run.missed.add(name)
  const found = of === undefined ? null : classEntity(run, of, site)
  return [...(found === null ? [] : [found]), ...(schema === undefined ? [] : [schemaEntity(run, schema)])]
}

function classEntity(run: TypeOrmRun, of: ClassValue, site: Site): Entity | null {
  const { file, line, column } = of.place
  const id = `${file}:${line}:${column}`
  const known = run.entities.get(id)
  if (known !== undefined) return known
  run.entities.set(id, null)
  const entity = readClassEntity(of, site)
  run.entities.set(id, entity)
  return entity
}

function schemaEntity(run: TypeOrmRun, schema: EntitySchemaOf): Entity {
  const known = run.entities.get(schema.id)
  if (known) return known
  const entity = readSchemaEntity(schema)
  run.entities.set(schema.id, entity)
  return entity
}

/** The name of an entity's table, as a value: a name that is given keeps the way by which it came. */
export function tableValue(run: TypeOrmRun, entity: Entity, site: Site): Value {
  run.namingAsked = true
  const { given, named } = entity
  if (given !== null && run.strategy === null) return given
  const name = strategyOf(run, site).table(named, given === null ? null : textOf(given))
  return name === null
    ? unknown(`the naming strategy of the project gives the name of the table of ${named}`)
    : text(name)
}

/** The name of an entity's table; of one that can't be told, its class's. */
export function tableName(run: TypeOrmRun, entity: Entity, site: Site): string {
  return textsOf(tableValue(run, entity, site)).texts[0] ?? entity.named
}

/** The name of a column in the database. */
export function columnName(run: TypeOrmRun, { property, given, prefixes }: EntityColumn, site: Site): string {
  run.namingAsked = true
  return strategyOf(run, site).column(property, given, prefixes) ?? given ?? property
}

/** The naming strategy in force: the project's own where it has one, else that which a data source was given. */
export function strategyOf(run: TypeOrmRun, site: Site): Naming {
  run.namingAsked = true
  const { strategy, naming } = run
  if (strategy === null) return naming
  const ask = (method: string, ...args: readonly Value[]): string | null =>
    textOf(site.call(site.member(site.instance(strategy), method), args))
  const optional = (name: string | null): Value => (name === null ? UNDEFINED : text(name))
  return {
    table: (className, given) => ask('tableName', text(className), optional(given)),
    column: (property, given, prefixes) =>
      ask('columnName', text(property), optional(given), array(prefixes.map((one) => text(one)))),
    joinColumn: (relation, referenced) => ask('joinColumnName', text(relation), text(referenced)),
    joinTable: (first, second, property) => ask('joinTableName', text(first), text(second), text(property), text('')),
    joinTableColumn: (table, property, column) => ask('joinTableColumnName', text(table), text(property), text(column)),
  }
}
