import type { CatalogColumn } from '../catalog/types.ts'
import { wordsOf } from '../codemap/suspects/name-tokens.ts'

/** What a column's values are, as far as comparing them goes. */
export type Family =
  | 'uuid'
  | 'integer'
  | 'number'
  | 'text'
  | 'boolean'
  | 'timestamp'
  | 'timestamptz'
  | 'date'
  | 'document'
  | 'other'

const BY_TYPE: Readonly<Record<string, Family>> = {
  uuid: 'uuid',
  smallint: 'integer',
  integer: 'integer',
  bigint: 'integer',
  numeric: 'number',
  real: 'number',
  'double precision': 'number',
  boolean: 'boolean',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  date: 'date',
  json: 'document',
  jsonb: 'document',
  bytea: 'document',
  xml: 'document',
}

/** Enums, citext and domains over text count as text; arrays and types of one's own are `other`. */
export function familyOf({ baseType, typeCategory }: Pick<CatalogColumn, 'baseType' | 'typeCategory'>): Family {
  const known = BY_TYPE[baseType]
  if (known !== undefined) return known
  if (typeCategory === 'S' || typeCategory === 'E') return 'text'
  if (typeCategory === 'B') return 'boolean'
  return 'other'
}

export function isTime(family: Family): boolean {
  return family === 'timestamp' || family === 'timestamptz' || family === 'date'
}

export function isNumber(family: Family): boolean {
  return family === 'integer' || family === 'number'
}

/** `decision_id`, `externalId`, `order_no`, `sku`: named to tell rows apart. */
export function hasKeyName(name: string): boolean {
  return /(^|[_\s-])(id|uid|uuid|guid|key|no|nr|num|number|code|ref|slug|sku|handle|email|mail)$/i.test(
    name.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1_$2'),
  )
}

/** What every table has says nothing of one. */
export function isEverywhere(name: string): boolean {
  return /^(id|createdat|updatedat|insertedat|deletedat)$/.test(plainName(name))
}

/** `createdAt`, `created_at` and `CreatedAt` are one name. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')
}

/** How many words two names have in common. */
export function sharedWords(one: { readonly name: string }, other: { readonly name: string }): number {
  const words = wordsOf(other.name)
  return wordsOf(one.name).filter((word) => words.includes(word)).length
}
