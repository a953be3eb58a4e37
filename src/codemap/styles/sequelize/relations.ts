import { memberValue, textOf } from '../../read-value.ts'
import type { Value } from '../../value.ts'
import { attributesOf, relationFields } from './attributes.ts'
import { asDecorator, type Facts, type FactsOf } from './facts.ts'
import {
  type Model,
  modelNamed,
  modelOfClass,
  type RelationDraft,
  type RelationKind,
  refsIn,
  type SequelizeRun,
} from './models.ts'
import { camelName, singularName, snakeName } from './naming.ts'
import { classOf, type ModelRef } from './values.ts'

/** One association of a model. */
export interface Relation {
  readonly kind: RelationKind
  readonly alias: string
  /** `comment` of `comments`: for `addComment`. */
  readonly singular: string
  readonly source: Facts
  readonly target: Facts
  /** The column that points to the other side: of the target, the source (`belongsTo`), or the table between. */
  readonly column: string
  readonly through: Through | null
}

export interface Through {
  readonly table: Value
  readonly schema: Value | null
  /** The columns that point to the source and to the target. */
  readonly columns: readonly [string, string]
  readonly facts: Facts | null
}

/** Finds models and their associations when all of them are known. */
export interface Finder {
  readonly factsOf: FactsOf
  model(ref: ModelRef): Model | null
  /** The models that a value may be. */
  models(value: Value | undefined): Model[]
  relations(model: Model): readonly Relation[]
}

export function createFinder(run: SequelizeRun, factsOf: FactsOf): Finder {
  const made = new Map<Model, readonly Relation[]>()
  const finder: Finder = {
    factsOf,
    model(ref) {
      if (ref.by === 'key') return run.models.get(ref.key) ?? null
      if (ref.by === 'name') return modelNamed(run, ref.name, ref.file)
      const around = finder.model(ref.of)
      const relation = around && finder.relations(around).find(({ alias }) => alias === ref.alias)
      return relation ? relation.target.model : null
    },
    models: (value) => refsIn(run, value).flatMap((ref) => finder.model(ref) ?? []),
    relations(model) {
      const known = made.get(model)
      if (known) return known
      made.set(model, [])
      const drafts = [...model.relations.values(), ...decorated(model)]
      const relations = drafts.flatMap((draft) => buildRelation(run, finder, model, draft) ?? [])
      made.set(model, relations)
      return relations
    },
  }
  return finder
}

const DECORATORS: Readonly<Record<string, RelationKind>> = {
  HasMany: 'hasMany',
  HasOne: 'hasOne',
  BelongsTo: 'belongsTo',
  BelongsToMany: 'belongsToMany',
}

/** `@HasMany(() => Book, 'authorId') books: Book[]` */
function decorated(model: Model): RelationDraft[] {
  return relationFields(model.of).flatMap((field) =>
    field
      .decorators()
      .flatMap(asDecorator)
      .flatMap(({ name, args, site }): RelationDraft[] => {
        const kind = DECORATORS[name]
        const [target, second, third] = args
        if (!kind || !target || !site) return []
        const run = (value: Value | undefined): Value | null =>
          value === undefined ? null : value.kind === 'function' ? site.call(value, []) : value
        const options = [second, third].find((one) => one?.kind === 'object') ?? null
        const through = kind === 'belongsToMany' && second?.kind !== 'object' ? run(second) : null
        const named = kind === 'belongsToMany' ? third : second
        return [
          {
            kind,
            target: run(target) ?? target,
            options,
            alias: field.name,
            foreignKey: textOf(named),
            through,
            site,
          },
        ]
      }),
  )
}

function buildRelation(run: SequelizeRun, finder: Finder, model: Model, draft: RelationDraft): Relation | null {
  const { kind } = draft
  const targetModel = modelIn(run, finder, draft.target, model.file)
  if (!targetModel) return null
  const [source, target] = [finder.factsOf(model), finder.factsOf(targetModel)]
  const option = (name: string): Value | undefined => memberValue(draft.options ?? undefined, name)
  const isMany = kind === 'hasMany' || kind === 'belongsToMany'
  const as = option('as')
  const alias =
    textOf(as) ??
    textOf(memberValue(as, isMany ? 'plural' : 'singular')) ??
    draft.alias ??
    (isMany ? target.plural : target.singular)
  const given = draft.foreignKey ?? keyIn(option('foreignKey'))
  const pointing = (to: string, key: string): string => camelName(`${to}_${key}`)
  const base = { kind, alias, singular: isMany ? singularName(alias) : alias, source, target }
  if (kind === 'belongsTo') {
    const attribute = given ?? foreignKeyTo(model, targetModel) ?? pointing(alias, target.key)
    return { ...base, column: fieldIn(option('foreignKey')) ?? source.column(attribute), through: null }
  }
  const attribute =
    given ??
    (kind === 'belongsToMany' ? null : foreignKeyTo(targetModel, model)) ??
    pointing(source.singular, source.key)
  if (kind !== 'belongsToMany')
    return { ...base, column: fieldIn(option('foreignKey')) ?? target.column(attribute), through: null }
  const through = buildThrough(run, finder, source, target, draft, attribute)
  return through && { ...base, column: through.columns[0], through }
}

function buildThrough(
  run: SequelizeRun,
  finder: Finder,
  source: Facts,
  target: Facts,
  draft: RelationDraft,
  attribute: string,
): Through | null {
  const option = draft.through ?? memberValue(draft.options ?? undefined, 'through')
  const given = memberValue(option, 'model') ?? option
  if (!given) return null
  const model = modelIn(run, finder, given, source.model.file)
  const other =
    keyIn(memberValue(draft.options ?? undefined, 'otherKey')) ??
    (model ? foreignKeyTo(model, target.model) : null) ??
    camelName(`${target.singular}_${target.key}`)
  if (model) {
    const facts = finder.factsOf(model)
    const own = foreignKeyTo(model, source.model) ?? attribute
    return { table: facts.table, schema: facts.schema, columns: [facts.column(own), facts.column(other)], facts }
  }
  const column = (name: string): string => (source.underscored ? snakeName(name) : name)
  return { table: given, schema: source.schema, columns: [column(attribute), column(other)], facts: null }
}

/** A class, what `define` gives, or the name of either. */
function modelIn(run: SequelizeRun, finder: Finder, value: Value, file: string): Model | null {
  const name = textOf(value)
  if (name !== null) return modelNamed(run, name, file)
  const of = classOf(value)
  if (of) return modelOfClass(run, of)
  const [ref] = refsIn(run, value)
  return ref ? finder.model(ref) : null
}

/** `'authorId'`, `{ name: 'authorId', field: 'author_id' }` */
function keyIn(value: Value | undefined): string | null {
  return textOf(value) ?? textOf(memberValue(value, 'name')) ?? textOf(memberValue(value, 'fieldName'))
}

function fieldIn(value: Value | undefined): string | null {
  return textOf(memberValue(value, 'field')) ?? textOf(memberValue(value, 'columnName'))
}

/** The attribute of a class that `@ForeignKey(() => Other)` says to point there. */
function foreignKeyTo(model: Model, other: Model): string | null {
  const found = attributesOf(model).foreignKeys.find(({ target }) => {
    const of = classOf(target)
    return of !== null && of.place.file === other.of?.place.file && of.name === other.of.name
  })
  return found?.attribute ?? null
}

/** The relation to a model, by an alias where there is one. */
export function relationTo(
  relations: readonly Relation[],
  alias: string | null,
  target: Model | null,
): Relation | undefined {
  if (alias !== null) return relations.find((relation) => relation.alias === alias)
  return relations.find((relation) => relation.target.model === target)
}
