import { placeKey } from '../../access-book.ts'
import { itemsOf, textOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, type ClassValue, type Value } from '../../value.ts'
import type { PendingCall } from './pending.ts'
import { allOf, type ClientOf, classOf, type ModelRef, sequelizeOf } from './values.ts'

/** What the program says of one model, wherever it says it. */
export interface Model {
  readonly key: string
  /** Where it is defined. */
  readonly file: string
  /** The name that `define` is given; the class tells it otherwise. */
  readonly name: string | null
  readonly of: ClassValue | null
  /** Attributes and options, as `define` or `init` is given them. */
  readonly definitions: {
    readonly attributes: Value
    readonly options: Value | null
    readonly client: ClientOf | null
  }[]
  readonly relations: Map<string, RelationDraft>
  readonly scopes: Map<string, Value>
}

/** `User.hasMany(Post, options)`, or a decorator. */
export interface RelationDraft {
  readonly kind: RelationKind
  readonly target: Value
  readonly options: Value | null
  /** Of a decorator: the name of the field; the key that its second argument names. */
  readonly alias: string | null
  readonly foreignKey: string | null
  readonly through: Value | null
  readonly site: Site
}

export type RelationKind = 'hasMany' | 'hasOne' | 'belongsTo' | 'belongsToMany'

/** What one run remembers. */
export interface SequelizeRun {
  readonly models: Map<string, Model>
  readonly clients: Map<string, ClientOf>
  /** Calls that are told when all models are known. */
  readonly pending: PendingCall[]
  /** Whether a package without a word about its database could reach PostgreSQL. */
  readonly mayReach: (file: string) => boolean
}

export function createRun(mayReach: (file: string) => boolean): SequelizeRun {
  return { models: new Map(), clients: new Map(), pending: [], mayReach }
}

export function modelOfClass(run: SequelizeRun, of: ClassValue): Model {
  return rememberModel(run, `class ${placeKey(of.place)}`, of.place.file, null, of)
}

/** `sequelize.define('Post', …)` */
export function definedModel(run: SequelizeRun, site: Site, name: string | null): Model {
  return rememberModel(run, `define ${placeKey(site.place)} ${name ?? ''}`, site.place.file, name, null)
}

function rememberModel(
  run: SequelizeRun,
  key: string,
  file: string,
  name: string | null,
  of: ClassValue | null,
): Model {
  const known = run.models.get(key)
  if (known) return known
  const made: Model = { key, file, name, of, definitions: [], relations: new Map(), scopes: new Map() }
  run.models.set(key, made)
  return made
}

export function refOf(model: Model): ModelRef {
  return { by: 'key', key: model.key }
}

/** The models that a value may be: classes of the project, what `define` gives, rows of either. */
export function refsIn(run: SequelizeRun, value: Value | undefined): ModelRef[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom): ModelRef[] => {
    const of = classOf(atom)
    if (of) return [refOf(modelOfClass(run, of))]
    const known = sequelizeOf(atom)
    return known?.is === 'model' || known?.is === 'scoped' || known?.is === 'row' ? [known.ref] : []
  })
}

export function modelName(model: Model): string {
  if (model.name !== null) return model.name
  const given = model.definitions.flatMap(({ options }) => textIn(options, 'modelName') ?? [])
  return given[0] ?? textInDecorators(model, 'modelName') ?? model.of?.name ?? ''
}

function textIn(options: Value | null, name: string): string | null {
  const atoms = options ? atomsOf(options) : []
  for (const atom of atoms) if (atom.kind === 'object') return textOf(atom.get(name))
  return null
}

function textInDecorators(model: Model, name: string): string | null {
  const tables = (model.of?.decorators() ?? []).flatMap((one) => allOf(one, 'decorator'))
  for (const { args } of tables.filter((one) => one.name === 'Table')) {
    const found = textIn(args[0] ?? null, name)
    if (found !== null) return found
  }
  return null
}

/** The model of that name that is defined nearest to the file. */
export function modelNamed(run: SequelizeRun, name: string, file: string): Model | null {
  const same = [...run.models.values()].filter((model) => modelName(model) === name)
  const folder = file.split('/').slice(0, -1)
  const shared = ({ file: other }: Model): number => {
    const parts = other.split('/')
    const at = folder.findIndex((part, index) => part !== parts[index])
    return at === -1 ? folder.length : at
  }
  return same.sort((a, b) => shared(b) - shared(a))[0] ?? null
}

/** The texts of a list or of one. */
export function textsIn(value: Value | undefined): string[] {
  return itemsOf(value).items.flatMap((item) => {
    const text = textOf(item)
    return text === null ? [] : [text]
  })
}
