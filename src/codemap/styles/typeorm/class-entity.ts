import { itemsOf, literalsOf, memberValue, textOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, type ClassField, type ClassValue, type Value } from '../../value.ts'
import type { Entity, EntityColumn, EntityRelation, JoinColumn, JoinTable } from './entity.ts'
import { allOf, type DecoratorOf } from './values.ts'

const TABLES = new Set(['Entity', 'ViewEntity', 'ChildEntity'])

const COLUMNS: ReadonlyMap<string, EntityColumn['mode']> = new Map(
  Object.entries({
    Column: null,
    PrimaryColumn: null,
    PrimaryGeneratedColumn: null,
    CreateDateColumn: 'created',
    UpdateDateColumn: 'updated',
    DeleteDateColumn: 'deleted',
    VersionColumn: null,
    TreeLevelColumn: null,
    ViewColumn: null,
  }),
)

const RELATIONS: ReadonlyMap<string, EntityRelation['kind']> = new Map(
  Object.entries({
    OneToOne: 'one-to-one',
    OneToMany: 'one-to-many',
    ManyToOne: 'many-to-one',
    ManyToMany: 'many-to-many',
    TreeParent: 'many-to-one',
    TreeChildren: 'one-to-many',
  }),
)

/** Whether a decorator of the class says that it is a table. */
export function isEntityClass(of: ClassValue): boolean {
  return tableDecorator(of) !== undefined
}

function decoratorsOf(values: readonly Value[]): DecoratorOf[] {
  return values.flatMap((value) => allOf(value, 'decorator'))
}

function tableDecorator(of: ClassValue): DecoratorOf | undefined {
  return decoratorsOf(of.decorators()).find(({ name }) => TABLES.has(name))
}

/** Reads a class with the classes that it extends; null where nothing says that it is a table. */
export function readClassEntity(of: ClassValue, site: Site): Entity | null {
  const root = tableClass(of)
  const decorator = root === null ? undefined : tableDecorator(root)
  if (root === null || decorator === undefined) return null
  const columns = new Map<string, EntityColumn>()
  const relations = new Map<string, EntityRelation>()
  readFields(of, site, { path: '', prefixes: [] }, columns, relations)
  const [first, second] = decorator.args
  const options = second ?? first
  const { file, line, column } = of.place
  return {
    id: `${file}:${line}:${column}`,
    name: of.name,
    given: nameGiven(first),
    named: root.name,
    schema: memberValue(options, 'schema') ?? null,
    columns,
    relations,
    instance: site.instance(of),
  }
}

function nameGiven(first: Value | undefined): Value | null {
  if (first === undefined) return null
  const isName = atomsOf(first).some(({ kind }) => kind === 'text' || kind === 'template')
  return isName ? first : (memberValue(first, 'name') ?? null)
}

/** The class that has the table: of children in one table with their parent, the parent. */
function tableClass(of: ClassValue): ClassValue | null {
  const decorators = decoratorsOf(of.decorators())
  if (decorators.some(({ name }) => name === 'ChildEntity')) {
    const base = baseClass(of)
    return base === null ? null : tableClass(base)
  }
  return decorators.some(({ name }) => TABLES.has(name)) ? of : null
}

export function baseClass(of: ClassValue): ClassValue | null {
  const base = of.base()
  const [found] = base === null ? [] : atomsOf(base).filter((atom) => atom.kind === 'class')
  return found?.kind === 'class' ? found : null
}

interface Where {
  readonly path: string
  readonly prefixes: readonly string[]
}

function readFields(
  of: ClassValue,
  site: Site,
  where: Where,
  columns: Map<string, EntityColumn>,
  relations: Map<string, EntityRelation>,
): void {
  const base = baseClass(of)
  if (base !== null) readFields(base, site, where, columns, relations)
  for (const field of of.fields()) {
    if (field.static) continue
    const decorators = decoratorsOf(field.decorators())
    const path = where.path + field.name
    for (const decorator of decorators) {
      const kind = RELATIONS.get(decorator.name)
      if (kind !== undefined) relations.set(path, readRelation(of, path, kind, decorator, decorators))
      else if (COLUMNS.has(decorator.name)) readColumn(field, decorator, site, where, columns, relations)
    }
  }
}

function readColumn(
  { name }: ClassField,
  decorator: DecoratorOf,
  site: Site,
  { path, prefixes }: Where,
  columns: Map<string, EntityColumn>,
  relations: Map<string, EntityRelation>,
): void {
  const [first, second] = decorator.args
  const embedded = first !== undefined && decorator.name === 'Column' ? embeddedClass(first, site) : null
  if (embedded !== null) {
    const inner = { path: `${path}${name}.`, prefixes: [...prefixes, ...prefixOf(memberValue(second, 'prefix'), name)] }
    readFields(embedded, site, inner, columns, relations)
    return
  }
  columns.set(path + name, {
    property: name,
    given: textOf(memberValue(second, 'name')) ?? textOf(memberValue(first, 'name')),
    prefixes,
    primary: decorator.name.startsWith('Primary') || isTrue(memberValue(second ?? first, 'primary')),
    mode: COLUMNS.get(decorator.name) ?? null,
  })
}

/** `@Column(() => FullName)`: the columns of that class, with a prefix. */
function embeddedClass(first: Value, site: Site): ClassValue | null {
  if (!atomsOf(first).some(({ kind }) => kind === 'function')) return null
  const [found] = atomsOf(site.call(first, [])).filter((atom) => atom.kind === 'class')
  return found?.kind === 'class' ? found : null
}

function prefixOf(prefix: Value | undefined, name: string): string[] {
  const given = literalsOf(prefix)[0]
  if (given === undefined || given === true) return [name]
  return typeof given === 'string' && given !== '' ? [given] : []
}

function isTrue(value: Value | undefined): boolean {
  return literalsOf(value).includes(true)
}

function readRelation(
  of: ClassValue,
  property: string,
  kind: EntityRelation['kind'],
  { name, args }: DecoratorOf,
  decorators: readonly DecoratorOf[],
): EntityRelation {
  const isTree = name === 'TreeParent' || name === 'TreeChildren'
  const [target, ...others] = args
  const inverse = others.find((value) =>
    atomsOf(value).some((atom) => atom.kind === 'function' || atom.kind === 'text'),
  )
  const options = args.filter((value) => value.kind === 'object')
  const joinColumn = decorators.find((one) => one.name === 'JoinColumn')
  const joinTable = decorators.find((one) => one.name === 'JoinTable')
  return {
    property,
    kind,
    target: isTree || target === undefined ? of : target,
    inverse: inverse ?? null,
    joinColumns: joinColumn === undefined ? [] : joinColumnsIn(joinColumn.args[0]),
    owner: kind === 'many-to-one' || joinColumn !== undefined || joinTable !== undefined,
    joinTable: joinTable === undefined ? null : joinTableOf(joinTable.args[0]),
    eager: options.some((value) => isTrue(memberValue(value, 'eager'))),
  }
}

/** `{ name, referencedColumnName }`, or a list of such. */
export function joinColumnsIn(value: Value | undefined): JoinColumn[] {
  if (value === undefined) return []
  return itemsOf(value).items.flatMap((item) =>
    item.kind === 'object'
      ? [{ name: textOf(memberValue(item, 'name')), references: textOf(memberValue(item, 'referencedColumnName')) }]
      : [],
  )
}

export function joinTableOf(options: Value | undefined): JoinTable {
  return {
    name: textOf(memberValue(options, 'name')),
    schema: textOf(memberValue(options, 'schema')),
    columns: joinColumnsIn(memberValue(options, 'joinColumns') ?? memberValue(options, 'joinColumn')),
    inverseColumns: joinColumnsIn(
      memberValue(options, 'inverseJoinColumns') ?? memberValue(options, 'inverseJoinColumn'),
    ),
  }
}
