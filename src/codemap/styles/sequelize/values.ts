import type { SqlText } from '../../sql/sql-text.ts'
import type { Site } from '../../style.ts'
import {
  type Atom,
  atomsOf,
  type ClassValue,
  type InstanceValue,
  type LibraryValue,
  library,
  type Value,
} from '../../value.ts'

/** What values of Sequelize there are. */
export type SequelizeOf =
  /** Something that one of its packages exports: `Sequelize`, `Model`, `fn`, `Table`. */
  | { readonly is: 'export'; readonly name: string }
  /** A type of columns, or something else without a meaning of its own. */
  | { readonly is: 'type' }
  | ClientOf
  | { readonly is: 'model'; readonly ref: ModelRef }
  /** `Post.scope('open')`; null: `Post.unscoped()`. */
  | { readonly is: 'scoped'; readonly ref: ModelRef; readonly scopes: readonly Value[] }
  | RowOf
  /** `sequelize.models`. */
  | { readonly is: 'models' }
  | DecoratorOf
  | TermOf
  | { readonly is: 'sql'; readonly text: SqlText }
  | { readonly is: 'transaction'; readonly place: string | null }
  | { readonly is: 'query interface'; readonly client: ClientOf }
  | { readonly is: 'association'; readonly alias: string | null; readonly target: Value | null }
  | { readonly is: 'associations'; readonly ref: ModelRef }

export interface ClientOf {
  readonly is: 'client'
  readonly file: string
  readonly postgres: boolean
  /** What `new Sequelize(…)` was given; null where only the type is known. */
  readonly options: Value | null
}

/** Which model is meant; told for good when all of them are known. */
export type ModelRef =
  | { readonly by: 'key'; readonly key: string }
  | { readonly by: 'name'; readonly name: string; readonly file: string }
  /** What a row has under the alias of an association. */
  | { readonly by: 'alias'; readonly of: ModelRef; readonly alias: string }

export interface RowOf {
  readonly is: 'row'
  readonly ref: ModelRef
  /** Not in the database yet, with the values that it begins with. */
  readonly fresh: { readonly values: Value | null } | null
  /** Of a class of the project: its instance. */
  readonly self: InstanceValue | null
}

export interface DecoratorOf {
  readonly is: 'decorator'
  readonly name: string
  readonly args: readonly Value[]
  /** Null where it stands without a call. */
  readonly site: Site | null
}

/** `fn('count', col('id'))`, `literal('…')`: what an expression names. */
export interface TermOf {
  readonly is: 'term'
  readonly columns: readonly string[]
  readonly literals: readonly SqlText[]
  /** Conditions in it: `where(fn('lower', col('name')), 'x')`. */
  readonly values: readonly Value[]
}

export function sequelize(of: SequelizeOf): LibraryValue<SequelizeOf> {
  return library('sequelize', of)
}

/** What it is to Sequelize, if it is a value of Sequelize. */
export function sequelizeOf(atom: Atom | Value): SequelizeOf | undefined {
  return atom.kind === 'library' && atom.style === 'sequelize' ? (atom.of as SequelizeOf) : undefined
}

/** All that a value may be of one kind. */
export function allOf<Is extends SequelizeOf['is']>(
  value: Value | undefined,
  is: Is,
): Extract<SequelizeOf, { is: Is }>[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom) => {
    const of = sequelizeOf(atom)
    return of?.is === is ? [of as Extract<SequelizeOf, { is: Is }>] : []
  })
}

/** The class of a value that is a class of the project or an instance of one. */
export function classOf(value: Value): ClassValue | null {
  return value.kind === 'class' ? value : value.kind === 'instance' ? value.of : null
}
