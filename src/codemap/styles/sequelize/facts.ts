import { itemsOf, literalsOf, memberValue, textOf } from '../../read-value.ts'
import { atomsOf, type ClassValue, text, type Value } from '../../value.ts'
import { attributesOf } from './attributes.ts'
import { type Model, modelName, type SequelizeRun } from './models.ts'
import { pluralName, singularName, snakeName } from './naming.ts'
import { allOf, type ClientOf, type DecoratorOf } from './values.ts'

/** What follows from all that is said of a model. */
export interface Facts {
  readonly model: Model
  readonly name: string
  readonly singular: string
  readonly plural: string
  readonly table: Value
  readonly schema: Value | null
  /** Attributes to columns. */
  readonly columns: ReadonlyMap<string, string>
  readonly key: string
  readonly underscored: boolean
  /** Attributes that Sequelize itself writes; null where it doesn't. */
  readonly createdAt: string | null
  readonly updatedAt: string | null
  readonly deletedAt: string | null
  readonly postgres: boolean
  /** Nothing says that it is a table: a class that others extend. */
  readonly isAbstract: boolean
  column(attribute: string): string
}

/** The facts of models, each made once. */
export type FactsOf = (model: Model) => Facts

export function createFacts(run: SequelizeRun): FactsOf {
  const made = new Map<Model, Facts>()
  return (model) => {
    const known = made.get(model)
    if (known) return known
    const facts = buildFacts(run, model)
    made.set(model, facts)
    return facts
  }
}

function buildFacts(run: SequelizeRun, model: Model): Facts {
  const tables = decoratorsOf(model.of).filter(({ name }) => name === 'Table')
  const client = clientOf(run, model)
  const option = (name: string): Value | undefined => {
    const given = [...model.definitions.map(({ options }) => options), ...tables.map(({ args }) => args[0])]
    for (const options of given) {
      const value = memberValue(options ?? undefined, name)
      if (value) return value
    }
    return memberValue(memberValue(client?.options ?? undefined, 'define'), name)
  }
  const isOn = (name: string, otherwise: boolean): boolean => {
    const literals = literalsOf(option(name))
    return literals.length === 0 ? otherwise : literals.includes(true)
  }
  const underscored = isOn('underscored', false)
  const name = modelName(model)
  const names = option('name')
  const attributes = attributesOf(model)
  const stamps = timestampsOf(option, isOn, attributes.stamps)
  const columns = new Map<string, string>()
  const put = (attribute: string, column: string | null): void => {
    if (!columns.has(attribute) || column !== null) columns.set(attribute, column ?? snaked(attribute, underscored))
  }
  for (const { attribute, column } of attributes.all) put(attribute, column)
  for (const stamp of Object.values(stamps)) if (stamp !== null) put(stamp, null)
  const isDefined = model.definitions.length > 0 || tables.length > 0 || isRegistered(run, model)
  return {
    model,
    name,
    singular: textOf(memberValue(names, 'singular')) ?? singularName(name),
    plural: textOf(memberValue(names, 'plural')) ?? pluralName(name),
    table: option('tableName') ?? text(isOn('freezeTableName', false) ? name : pluralName(snaked(name, underscored))),
    schema: option('schema') ?? memberValue(client?.options ?? undefined, 'schema') ?? null,
    columns,
    key: attributes.key ?? 'id',
    underscored,
    ...stamps,
    postgres: client?.postgres ?? run.mayReach(model.file),
    isAbstract: !isDefined,
    column: (attribute) => columns.get(attribute) ?? snaked(attribute, underscored),
  }
}

function snaked(name: string, underscored: boolean): string {
  return underscored ? snakeName(name) : name
}

function timestampsOf(
  option: (name: string) => Value | undefined,
  isOn: (name: string, otherwise: boolean) => boolean,
  declared: Readonly<Record<'createdAt' | 'updatedAt' | 'deletedAt', string | null>>,
): Pick<Facts, 'createdAt' | 'updatedAt' | 'deletedAt'> {
  const hasAny = isOn('timestamps', true)
  const isParanoid = hasAny && (isOn('paranoid', false) || declared.deletedAt !== null)
  const named = (name: 'createdAt' | 'updatedAt' | 'deletedAt'): string | null => {
    const value = option(name)
    return literalsOf(value).includes(false) ? null : (textOf(value) ?? declared[name] ?? name)
  }
  return {
    createdAt: hasAny ? named('createdAt') : null,
    updatedAt: hasAny ? named('updatedAt') : null,
    deletedAt: isParanoid ? named('deletedAt') : null,
  }
}

/** The client that the definition names, that lists the class, or that is made nearest. */
function clientOf(run: SequelizeRun, model: Model): ClientOf | null {
  const named = model.definitions.flatMap(({ client, options }) => [
    ...allOf(memberValue(options ?? undefined, 'sequelize'), 'client'),
    ...(client ? [client] : []),
  ])
  const [own] = named.filter((client) => client.options !== null)
  if (own) return own
  const clients = [...run.clients.values()]
  const listing = clients.find(({ options }) => listsModel(options, model))
  return listing ?? nearestClient(clients, model.file) ?? null
}

function listsModel(options: Value | null, { of }: Model): boolean {
  const models = memberValue(options ?? undefined, 'models')
  const items = models ? itemsOf(models).items.flatMap(atomsOf) : []
  return items.some((atom) => atom.kind === 'class' && samePlace(atom, of))
}

function samePlace(a: ClassValue, b: ClassValue | null): boolean {
  return a.place.file === b?.place.file && a.place.line === b.place.line && a.place.column === b.place.column
}

/** Of the clients of PostgreSQL, where there are any. */
export function nearestClient(clients: readonly ClientOf[], file: string): ClientOf | undefined {
  const shared = (client: ClientOf): number => {
    const [ours, theirs] = [file.split('/'), client.file.split('/')]
    const at = ours.findIndex((part, index) => part !== theirs[index])
    return at === -1 ? ours.length : at
  }
  const usual = clients.filter(({ postgres }) => postgres)
  return [...(usual.length > 0 ? usual : clients)].sort((a, b) => shared(b) - shared(a))[0]
}

function isRegistered(run: SequelizeRun, model: Model): boolean {
  return [...run.clients.values()].some(({ options }) => listsModel(options, model))
}

/** What stands before the class; of `@Table` without a call its name alone. */
export function decoratorsOf(of: ClassValue | null): DecoratorOf[] {
  return (of?.decorators() ?? []).flatMap(asDecorator)
}

export function asDecorator(value: Value): DecoratorOf[] {
  const bare = allOf(value, 'export').map(({ name }): DecoratorOf => ({ is: 'decorator', name, args: [], site: null }))
  return [...allOf(value, 'decorator'), ...bare]
}
