import type { Access } from '../../access.ts'
import { type Atom, type LibraryValue, library, type Value } from '../../value.ts'
import type { PrismaModel, PrismaSchema } from './schema.ts'

/** What values of Prisma there are. */
export type PrismaOf =
  | { readonly is: 'constructor'; readonly schema: PrismaSchema | null }
  | PrismaClientOf
  | PrismaDelegateOf
  | PrismaQueryOf
  /** `prisma.$queryRaw`, as a function and as a tag. */
  | { readonly is: 'raw'; readonly client: PrismaClientOf; readonly name: string }
  | { readonly is: 'namespace'; readonly schema: PrismaSchema | null }
  /** A function of the namespace: `Prisma.sql`, `Prisma.defineExtension`. */
  | { readonly is: 'function'; readonly name: string }
  | PrismaTextOf
  /** `kyselyExtension({ kysely })` of prisma-extension-kysely. */
  | { readonly is: 'kysely extension'; readonly options: Value }
  /** `prisma.post.fields`, and a field of it. */
  | { readonly is: 'fields'; readonly model: PrismaModel }
  | { readonly is: 'field'; readonly column: string }
  /** A query of a `.sql` file, made by TypedSQL. */
  | { readonly is: 'typed query'; readonly file: string; readonly text: string }

export interface PrismaClientOf {
  readonly is: 'client'
  /** Null where the project holds no schema. */
  readonly schema: PrismaSchema | null
  /** Place of the block of the transaction that it is of. */
  readonly transaction: string | null
  /** What `$extends` was called with. */
  readonly extensions: readonly Value[]
}

export interface PrismaDelegateOf {
  readonly is: 'delegate'
  readonly client: PrismaClientOf
  readonly name: string
  /** Null where the schema has no such model. */
  readonly model: PrismaModel | null
}

/** A query that is under way, with what it touches; `prisma.user.findUnique(…).posts()` goes on with a relation. */
export interface PrismaQueryOf {
  readonly is: 'query'
  readonly client: PrismaClientOf
  readonly accesses: readonly Access[]
  readonly model: PrismaModel | null
}

/** `Prisma.sql`…``, `Prisma.raw('…')`: text of a statement and what is put into it. */
export interface PrismaTextOf {
  readonly is: 'text'
  readonly parts: readonly string[]
  readonly holes: readonly Value[]
  /** The holes are text of the statement too, and no values. */
  readonly raw?: boolean
}

export type PrismaValue = LibraryValue<PrismaOf>

export function prisma(of: PrismaOf): PrismaValue {
  return library('prisma', of)
}

/** What it is to Prisma, if it is a value of Prisma. */
export function prismaOf(atom: Atom): PrismaOf | undefined {
  return atom.kind === 'library' && atom.style === 'prisma' ? (atom.of as PrismaOf) : undefined
}
