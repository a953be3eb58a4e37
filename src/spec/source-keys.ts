import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { fitName } from '../lib/fit-name.ts'
import { ident } from '../lib/sql.ts'
import type { MergeSource } from './config.ts'
import type { NeededIndex } from './mapping.ts'
import { type ResolvedKey, resolveKey } from './resolve-key.ts'
import { isText } from './types-fit.ts'

export interface SourceInput {
  readonly ordinal: number
  readonly source: CatalogTable
  /** The base table; the source itself unless that is a view. */
  readonly base: CatalogTable
  readonly spec: MergeSource
  readonly target: CatalogTable
  readonly key: readonly CatalogColumn[]
  /** `tables.content_queue.sources.content_metadata`, for messages. */
  readonly where: string
  /** Number of the new table, for names. */
  readonly number: number
  /** What is missing is added here. */
  readonly indexes: NeededIndex[]
}

/** The keys of a source, one for each key column; the index under which its rows are found by them is asked for. Throws UsageError like `resolveKey`. */
export function resolveSourceKeys(input: SourceInput): readonly ResolvedKey[] {
  const asGiven = resolveKeys(input)
  const atBase = input.source.kind === 'view' ? keysOverBase(input, asGiven) : asGiven
  const needsIndex = atBase !== null && !hasIndex(input.base, atBase)
  const indexable = (keys: readonly ResolvedKey[]): readonly ResolvedKey[] =>
    needsIndex ? fitIndex(keys, input.key) : keys
  if (needsIndex) {
    input.indexes.push({
      name: fitName(`crossfade_key_${input.number}_${input.base.name}`),
      table: { schema: input.base.schema, name: input.base.name },
      parts: indexable(atBase ?? []).map((key) => key.sql),
      purpose: `by the key of ${input.target.name}`,
    })
  }
  return indexable(asGiven)
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

/** A page of an index takes no entry beyond 2704 bytes: it would fail the application's insert. */
const INDEX_ENTRY_BYTES = 2400

/** Keys for an index of ours: a text that is too long for its entry is no key. */
function fitIndex(keys: readonly ResolvedKey[], columns: readonly CatalogColumn[]): ResolvedKey[] {
  const limit = Math.floor(INDEX_ENTRY_BYTES / keys.length)
  return keys.map((key, i) => {
    const column = columns[i]
    if (!column || !isText(column)) return key
    const fitted = `CASE WHEN octet_length((${key.sql})::text) <= ${limit} THEN ${key.sql} END`
    return { ...key, sql: fitted, lookup: fitted }
  })
}

export function isUnique(source: CatalogTable, keys: readonly ResolvedKey[]): boolean {
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

function hasIndex(source: CatalogTable, keys: readonly ResolvedKey[]): boolean {
  if (!keys.every((key) => key.indexable)) return false
  return source.indexes.some(
    (index) =>
      index.valid &&
      index.predicate === null &&
      index.method === 'btree' &&
      keys.every((key, i) => index.columns[i] === key.column?.name),
  )
}
