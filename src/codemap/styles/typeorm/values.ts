import { type Atom, atomsOf, type LibraryValue, library, type Value } from '../../value.ts'
import type { BuilderState } from './builder-state.ts'

/** What values of TypeORM there are. */
export type TypeOrmOf =
  /** A function or decorator that it exports: `Column`, `In`, `getRepository`. */
  | { readonly is: 'function'; readonly name: string }
  /** A class that it exports, which code makes instances of or extends: `DataSource`, `Repository`, `BaseEntity`. */
  | { readonly is: 'class'; readonly name: string }
  | DecoratorOf
  | ManagerOf
  | { readonly is: 'data source' }
  | RepositoryOf
  | RunnerOf
  | EntitySchemaOf
  /** `In([…])`, `Not(…)`, `IsNull()`: a condition on a column. */
  | { readonly is: 'operator'; readonly name: string; readonly args: readonly Value[] }
  | { readonly is: 'brackets'; readonly work: Value | null }
  | { readonly is: 'builder'; readonly state: BuilderState }
  | { readonly is: 'relation builder'; readonly manager: ManagerOf; readonly target: Value; readonly property: Value }
  /** `new Table({ … })` of migrations and its like. */
  | { readonly is: 'definition'; readonly options: Value }

export interface DecoratorOf {
  readonly is: 'decorator'
  readonly name: string
  readonly args: readonly Value[]
}

/** Whatever runs statements: a data source, a manager, the manager of a transaction or of a query runner. */
export interface ManagerOf {
  readonly is: 'manager'
  readonly transaction: string | null
  /** The place where the query runner was made that it belongs to. */
  readonly runner: string | null
}

export interface RepositoryOf {
  readonly is: 'repository'
  /** A class, an EntitySchema, or a name. */
  readonly target: Value
  readonly manager: ManagerOf
  /** What `extend({ … })` adds. */
  readonly added: Value | null
}

export interface RunnerOf {
  readonly is: 'runner'
  readonly manager: ManagerOf
}

export interface EntitySchemaOf {
  readonly is: 'entity schema'
  readonly id: string
  readonly options: Value
}

export type TypeOrmValue = LibraryValue<TypeOrmOf>

/** Outside of any transaction. */
export const PLAIN_MANAGER: ManagerOf = { is: 'manager', transaction: null, runner: null }

export function typeorm(of: TypeOrmOf): TypeOrmValue {
  return library('typeorm', of)
}

/** What it is to TypeORM, if it is a value of TypeORM. */
export function typeormOf(atom: Atom): TypeOrmOf | undefined {
  return atom.kind === 'library' && atom.style === 'typeorm' ? (atom.of as TypeOrmOf) : undefined
}

/** All that a value may be of one kind. */
export function allOf<Is extends TypeOrmOf['is']>(value: Value | undefined, is: Is): Extract<TypeOrmOf, { is: Is }>[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom) => {
    const of = typeormOf(atom)
    return of?.is === is ? [of as Extract<TypeOrmOf, { is: Is }>] : []
  })
}
