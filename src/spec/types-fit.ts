import type { CatalogColumn } from '../catalog/types.ts'

/** Which types map onto each other by themselves, without a word of the mapping, and without a loss. */

const STRINGS = new Set(['text', 'character varying', 'character', 'name'])
const WIDER: { readonly [from: string]: readonly string[] } = {
  smallint: ['integer', 'bigint', 'numeric'],
  integer: ['bigint', 'numeric', 'double precision'],
  bigint: ['numeric'],
  real: ['double precision'],
  date: ['timestamp without time zone'],
}

export function mapsByItself(from: CatalogColumn, to: CatalogColumn): boolean {
  if (from.baseType === to.baseType) return true
  if (STRINGS.has(from.baseType) && STRINGS.has(to.baseType)) return true
  return WIDER[from.baseType]?.includes(to.baseType) ?? false
}

export function isText(column: CatalogColumn): boolean {
  return isTextType(column.baseType)
}

export function isTextType(baseType: string): boolean {
  return STRINGS.has(baseType) || baseType === 'citext'
}

/** Types whose values become text the same way under any setting, so that an index can hold it. */
const FIXED_TEXT = new Set('text|character varying|uuid|smallint|integer|bigint|numeric|boolean'.split('|'))

/** SQL of a value's text, equal values written alike; null for types whose text depends on settings. */
export function fixedText(sql: string, baseType: string): string | null {
  if (!FIXED_TEXT.has(baseType)) return null
  return baseType === 'numeric' ? `trim_scale(${sql})::text` : `(${sql})::text`
}

/** The cast can neither fail nor bring two values together, so uniqueness carries over. */
export function keepsIdentity(from: CatalogColumn, toBaseType: string): boolean {
  if (from.baseType === toBaseType) return true
  const text = STRINGS.has(from.baseType) && (toBaseType === 'text' || toBaseType === 'character varying')
  return (
    (text && from.baseType !== 'character') ||
    (['integer', 'bigint', 'numeric'].includes(toBaseType) && (WIDER[from.baseType]?.includes(toBaseType) ?? false))
  )
}

/** Through the new column and back, the old value is the same to the last digit. */
export function comesBackExactly(from: CatalogColumn, to: CatalogColumn): boolean {
  if (from.type === to.type) return true
  const plainText = (column: CatalogColumn): boolean =>
    column.baseType === 'text' || column.baseType === 'character varying'
  if (plainText(from) && plainText(to)) return true
  return from.baseType === to.baseType && to.type === to.baseType
}
