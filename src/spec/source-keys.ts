import type { Catalog, CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import type { Expression, MergeSource, Via } from './config.ts'
import { findIdentity } from './find-tables.ts'
import type { Link, NeededIndex } from './mapping.ts'
import { addIndex, fitIndex, hasIndex } from './needed-index.ts'
import { type ResolvedKey, resolveKey } from './resolve-key.ts'
import { resolveLink } from './resolve-link.ts'

export interface SourceInput {
  readonly ordinal: number
  readonly kind: 'merge' | 'append'
  /** It makes parents of what the child knows. */
  readonly stub: boolean
  readonly source: CatalogTable
  /** The base table; the source itself unless that is a view. */
  readonly base: CatalogTable
  readonly spec: MergeSource
  readonly target: CatalogTable
  /** Key columns of the new table; none for an append. */
  readonly key: readonly CatalogColumn[]
  /** Columns of the new table that no source feeds by itself: an append's primary key, columns with an expression over all sources. */
  readonly unfed: readonly string[]
  /** Old columns that such an expression gives back. */
  readonly givenBack: readonly { readonly column: string; readonly old: string; readonly expression: Expression }[]
  /** `tables.content_queue.sources.content_metadata`, for messages. */
  readonly where: string
  /** Number of the unit, for names. */
  readonly number: number
  /** What is missing is added here. */
  readonly indexes: NeededIndex[]
  readonly catalog: Catalog
  readonly oldSchema: string
}

export interface SourceKeys {
  readonly key: readonly string[]
  readonly lookup: readonly string[]
  readonly uses: readonly string[]
  readonly unique: boolean
  readonly otherwise: 'journal' | 'omit'
  readonly links: readonly Link[]
  /** For each key column of the new table the old column that it comes from, where it is one. */
  readonly columns: readonly { readonly old: CatalogColumn | null; readonly bare: boolean }[]
}

/** What tells which new row an old one feeds; the index under which rows are found by it is asked for. Throws UsageError like `resolveKey`. */
export function resolveSourceKeys(input: SourceInput): SourceKeys {
  if (input.kind === 'append') return identityKeys(input)
  const { spec } = input
  return isVia(spec.key) ? linkedKeys(input, spec.key) : ownKeys(input)
}

export function isVia(value: unknown): value is Via {
  return value !== null && typeof value === 'object' && 'via' in value
}

/** An appended row is known by what tells its old row from others. */
function identityKeys({ source, base, where }: SourceInput): SourceKeys {
  const identity = findIdentity(source, base, where)
  const key = identity.map((column) => ident(source.name, column.name).text)
  const uses = identity.map((column) => column.name)
  return { key, lookup: key, uses, unique: true, otherwise: 'journal', links: [], columns: [] }
}

function linkedKeys(input: SourceInput, via: Via): SourceKeys {
  const { link, found, uses } = resolveLink({
    ...input,
    via,
    types: input.key,
    column: null,
    where: `${input.where}.key`,
  })
  const generated = link.generated
  const key = generated === null ? found : found.map((value, i) => `coalesce(${value}, ${generated[i]})`)
  if (via.otherwise === 'null')
    throw new UsageError('mapping.via', `${input.where}.key: a key can't stay empty`, {
      hint: "Say otherwise: 'journal', 'omit' or 'generate'.",
    })
  const otherwise = via.otherwise === 'omit' ? 'omit' : (input.spec.otherwise ?? 'journal')
  return { key, lookup: key, uses, unique: false, otherwise, links: [link], columns: [] }
}

function ownKeys(input: SourceInput): SourceKeys {
  const asGiven = resolveKeys(input)
  const atBase = input.source.kind === 'view' ? keysOverBase(input, asGiven) : asGiven
  const needsIndex = atBase !== null && !hasIndex(input.base, atBase)
  const indexable = (keys: readonly ResolvedKey[]): readonly ResolvedKey[] =>
    needsIndex ? fitIndex(keys, input.key) : keys
  if (needsIndex) {
    addIndex(input.indexes, {
      number: input.number,
      table: input.base,
      parts: indexable(atBase ?? []).map((key) => key.sql),
      purpose: `by the key of ${input.target.name}`,
    })
  }
  const keys = indexable(asGiven)
  return {
    key: keys.map((key) => key.sql),
    lookup: keys.map((key) => key.lookup),
    uses: [...new Set(keys.flatMap((key) => key.uses))],
    unique: input.source.kind !== 'view' && isUnique(input.source, keys),
    otherwise: input.spec.otherwise ?? 'journal',
    links: [],
    columns: keys.map((key) => ({ old: key.column, bare: key.bare })),
  }
}

function resolveKeys({ source, spec, key, where }: SourceInput): ResolvedKey[] {
  const given = spec.key === undefined ? key.map((column) => ident(column.name).text) : ([spec.key].flat() as string[])
  if (given.length !== key.length) {
    throw new UsageError(
      'mapping.key',
      `${where}.key has ${given.length} expressions, the key has ${key.length} columns`,
      {
        hint: `Give one expression for each of: ${key.map((column) => column.name).join(', ')}.`,
      },
    )
  }
  return key.map((column, i) => resolveKey(given[i] ?? '', source, column, `${where}.key`))
}

/** A view's key in the names of its base table, for the index there; null where the view has other names for it. */
function keysOverBase(input: SourceInput, keys: readonly ResolvedKey[]): ResolvedKey[] | null {
  const { source, base } = input
  const typeOf = (table: CatalogTable, name: string): string | undefined =>
    table.columns.find((column) => column.name === name)?.type
  const same = keys.every((key) => key.uses.every((name) => typeOf(source, name) === typeOf(base, name)))
  return same ? resolveKeys({ ...input, source: base }) : null
}

function isUnique(source: CatalogTable, keys: readonly ResolvedKey[]): boolean {
  if (!keys.every((key) => key.column !== null && key.injective)) return false
  const names = keys.map((key) => key.column?.name)
  return source.indexes.some(
    (index) =>
      index.unique &&
      index.valid &&
      index.immediate &&
      index.predicate === null &&
      index.columns.every((name) => name !== null && names.includes(name)),
  )
}
