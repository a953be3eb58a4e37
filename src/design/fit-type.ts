import type { CatalogColumn } from '../catalog/types.ts'
import { familyOf, isNumber } from '../overlap/column-family.ts'
import { mapsByItself } from '../spec/types-fit.ts'
import { plainName } from './plain-name.ts'
import type { TextType } from './text-types.ts'

/** A type that takes every value of several columns. */
export interface FittedType {
  readonly type: string
  readonly baseType: string
  readonly typeCategory: string
  readonly equalitySchema: string | null
  readonly why: string
  /** Set where a person must say how to read the old values. */
  readonly doubt: string | null
}

const PLAIN: Readonly<Record<string, Pick<FittedType, 'typeCategory' | 'equalitySchema'>>> = {
  uuid: { typeCategory: 'U', equalitySchema: 'pg_catalog' },
  text: { typeCategory: 'S', equalitySchema: 'pg_catalog' },
  bigint: { typeCategory: 'N', equalitySchema: 'pg_catalog' },
  integer: { typeCategory: 'N', equalitySchema: 'pg_catalog' },
  numeric: { typeCategory: 'N', equalitySchema: 'pg_catalog' },
  'double precision': { typeCategory: 'N', equalitySchema: 'pg_catalog' },
  jsonb: { typeCategory: 'U', equalitySchema: 'pg_catalog' },
  'timestamp with time zone': { typeCategory: 'D', equalitySchema: 'pg_catalog' },
  'timestamp without time zone': { typeCategory: 'D', equalitySchema: 'pg_catalog' },
}

export function plainType(name: string, why: string, doubt: string | null = null): FittedType {
  const shape = PLAIN[name] ?? { typeCategory: 'U', equalitySchema: null }
  return { type: name, baseType: name, ...shape, why, doubt }
}

/** The type under a domain, by the domain's oid. */
export type Domains = ReadonlyMap<number, Pick<CatalogColumn, 'type' | 'baseType' | 'typeCategory' | 'equalitySchema'>>

/** `texts`: what the texts among them are, nearly all. */
export function fitType(columns: readonly CatalogColumn[], texts: TextType | null, domains: Domains): FittedType {
  const types = new Set(columns.map((column) => column.type))
  const fitted = fitPlain(
    types.size > 1 ? columns.map((one) => ({ ...one, ...domains.get(one.typeOid) })) : columns,
    texts,
  )
  const named = columns.filter((column) => types.size > 1 && domains.has(column.typeOid)).map((column) => column.type)
  return named.length === 0
    ? fitted
    : { ...fitted, why: `${fitted.why}; ${[...new Set(named)].join(' and ')} checks more` }
}

function fitPlain(columns: readonly CatalogColumn[], texts: TextType | null): FittedType {
  const [first] = columns
  if (first === undefined) throw new RangeError('a column without an old one')
  const names = [...new Set(columns.map((column) => column.type))].sort()
  const families = new Set(columns.map(familyOf))
  const has = (family: ReturnType<typeof familyOf>): boolean => families.has(family)
  if (texts === 'uuid' && [...families].every((family) => family === 'uuid' || family === 'text'))
    return plainType('uuid', has('text') ? 'uuid, as its texts are uuids' : 'uuid, as it is')
  if ((texts === 'integer' || texts === 'bigint') && has('integer') && !has('number')) {
    const numbers = columns.filter((column) => familyOf(column) === 'integer')
    const type = widest([...numbers, { baseType: texts }])
    return plainType(type, `${type}, as all texts are numbers`)
  }
  if (names.length === 1) {
    const { type, baseType, typeCategory, equalitySchema } = first
    return { type, baseType, typeCategory, equalitySchema, why: `${type}, as it is`, doubt: null }
  }
  const from = names.join(' and ')
  if (families.size === 1 && has('text')) return plainType('text', `text takes ${from}`, tellEnum(columns))
  if (families.size === 1 && has('integer')) return plainType(widest(columns), `the widest of ${from}`)
  if ([...families].every(isNumber)) return plainType('numeric', `numeric takes ${from} without loss`)
  if (families.size === 1 && has('document') && names.every((name) => name.startsWith('json')))
    return plainType('jsonb', `jsonb for ${from}: it can be indexed and compared`)
  if ([...families].every((family) => family === 'timestamptz' || family === 'timestamp' || family === 'date'))
    return fitTime(from, has('timestamptz'))
  const doubt = `${from} are told as one column, and only text takes both. Are they one fact?`
  return plainType('text', `text takes ${from}`, doubt)
}

function tellEnum(columns: readonly CatalogColumn[]): string | null {
  const named = columns.find((column) => column.typeCategory === 'E')
  return named ? `A word that ${named.type} doesn't have can't come back to it. Should this be ${named.type}?` : null
}

function fitTime(from: string, zoned: boolean): FittedType {
  if (!zoned) return plainType('timestamp without time zone', `a timestamp takes ${from}`)
  const doubt = `Times without a zone (${from}) are read as UTC. Is that the zone in which they were written?`
  return plainType('timestamp with time zone', `of ${from} the one that says which moment it is`, doubt)
}

function widest(columns: readonly Pick<CatalogColumn, 'baseType'>[]): string {
  const order = ['smallint', 'integer', 'bigint']
  return order[Math.max(...columns.map((column) => order.indexOf(column.baseType)))] ?? 'bigint'
}

/** How an old column becomes the new one, and comes back; null where it does so by itself. */
export function castBetween(
  old: CatalogColumn,
  to: FittedType,
  name: string,
): { readonly from: string; readonly back: string } | null {
  if (mapsByItself(old, { ...old, ...to })) return null
  const [from, back] = [plainName(old.name), plainName(name)]
  if (to.baseType === 'timestamp with time zone' && familyOf(old) !== 'timestamptz') {
    const moment = old.baseType === 'date' ? `${from}::timestamp` : from
    const there = old.baseType === 'date' ? `(${back} at time zone 'UTC')::date` : `${back} at time zone 'UTC'`
    return { from: `${moment} at time zone 'UTC'`, back: there }
  }
  return { from: `${from}::${to.baseType}`, back: `${back}::${old.type}` }
}
