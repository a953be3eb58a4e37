import type { CatalogTable } from '../catalog/types.ts'
import { fitName } from '../lib/fit-name.ts'
import type { NeededIndex } from './mapping.ts'
import type { KeyType, ResolvedKey } from './resolve-key.ts'
import { isTextType } from './types-fit.ts'

export interface IndexWish extends Pick<NeededIndex, 'parts' | 'purpose' | 'method'> {
  /** Number of the unit that needs it. */
  readonly number: number
  readonly table: Pick<CatalogTable, 'schema' | 'name'>
}

/** Asks for an index, once for each table and expression, whoever needs it. */
export function addIndex(indexes: NeededIndex[], wish: IndexWish): void {
  const { schema, name } = wish.table
  const on = JSON.stringify([schema, name, wish.parts, wish.method])
  if (indexes.some((i) => JSON.stringify([i.table.schema, i.table.name, i.parts, i.method]) === on)) return
  const taken = new Set(indexes.map((index) => index.name))
  const first = `crossfade_key_${wish.number}_${name}`
  let chosen = fitName(first)
  for (let n = 2; taken.has(chosen); n += 1) chosen = fitName(`${first}_${n}`)
  indexes.push({
    name: chosen,
    table: { schema, name },
    parts: wish.parts,
    purpose: wish.purpose,
    ...(wish.method ? { method: wish.method } : {}),
  })
}

/** A page of an index takes no entry beyond 2704 bytes: it would fail the application's insert. */
const INDEX_ENTRY_BYTES = 2400

/** Values for an index of ours: a text that is too long for its entry is none. */
export function fitIndex(keys: readonly ResolvedKey[], types: readonly KeyType[]): ResolvedKey[] {
  const limit = Math.floor(INDEX_ENTRY_BYTES / keys.length)
  return keys.map((key, i) => {
    const type = types[i]
    if (!type || !isTextType(type.baseType)) return key
    const fitted = `CASE WHEN octet_length((${key.sql})::text) <= ${limit} THEN ${key.sql} END`
    return { ...key, sql: fitted, lookup: fitted }
  })
}

/** Of a build that was killed, or rolled back meanwhile: no reason for another plan than the one that was approved. */
export function isLeftByBuild(index: Pick<CatalogTable['indexes'][number], 'name'>): boolean {
  return index.name.startsWith('crossfade_key_')
}

/** The table has an index that serves comparisons with these values. */
export function hasIndex(table: CatalogTable, keys: readonly ResolvedKey[]): boolean {
  if (!keys.every((key) => key.indexable)) return false
  return table.indexes.some(
    (index) =>
      index.valid &&
      !isLeftByBuild(index) &&
      index.predicate === null &&
      index.method === 'btree' &&
      keys.every((key, i) => index.columns[i] === key.column?.name),
  )
}
