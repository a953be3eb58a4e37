import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import { type ParsedExpression, parseExpression } from './expression.ts'
import { safeCast } from './safe-cast.ts'
import { isText, keepsIdentity } from './types-fit.ts'

export interface ResolvedKey {
  /** SQL over the source row, of the key's type, never raising. */
  readonly sql: string
  /** The old column that it is, or is a cast of; null for an expression. */
  readonly column: CatalogColumn | null
  /** No two values of that column give one key. */
  readonly injective: boolean
  /** The expression is the bare column. */
  readonly bare: boolean
  /** SQL to compare with the key, which an index on the column serves where `indexable`. */
  readonly lookup: string
  readonly indexable: boolean
  readonly uses: readonly string[]
}

/** What a value is cast to. */
export type KeyType = Pick<CatalogColumn, 'type' | 'baseType' | 'collation'>

/** One key column of one source. Throws UsageError where the expression could fail for some row. */
export function resolveKey(text: string, source: CatalogTable, key: KeyType, where: string): ResolvedKey {
  const parsed = parseExpression(text, where)
  assertColumns(parsed, source, where)
  assertNotVirtual(parsed, source, where)
  const column = parsed.column === null ? null : (source.columns.find((c) => c.name === parsed.column) ?? null)
  if (column) return resolveColumn(column, key, where, source)
  return resolveExpression(parsed, key, where)
}

function resolveColumn(column: CatalogColumn, key: KeyType, where: string, source: CatalogTable): ResolvedKey {
  const name = ident(source.name, column.name).text
  const collated = key.collation !== null && column.collation !== null && key.collation !== column.collation
  if (column.baseType === key.baseType || keepsIdentity(column, key.baseType)) {
    const same = column.baseType === key.baseType && !collated
    const cast = column.baseType === key.baseType ? name : `${name}::${key.baseType}`
    const text = collated ? `${cast} COLLATE ${key.collation}` : cast
    // integer_ops compares integers of different widths; and to the planner varchar is text under a label.
    const integers = INTEGERS.has(column.baseType) && INTEGERS.has(key.baseType)
    const indexable =
      same || integers || (!collated && key.baseType === 'text' && column.baseType === 'character varying')
    return {
      ...plainKey(text, [column.name]),
      column,
      injective: true,
      bare: same,
      indexable,
      lookup: integers ? name : text,
    }
  }
  if (STRINGS.has(key.baseType) && FIXED_TEXT.has(column.baseType)) {
    return { ...plainKey(`${name}::text`, [column.name]), column, injective: true }
  }
  const safe = isText(column) ? safeCast(`${name}${column.baseType === 'citext' ? '::text' : ''}`, key.baseType) : null
  if (safe === null) throw noSafeCast(where, `${column.name} (${column.type})`, key)
  return { ...plainKey(safe, [column.name]), column }
}

/** Their text is the same in every session, and two of them never have one text. */
const FIXED_TEXT = new Set(['smallint', 'integer', 'bigint', 'uuid'])
const STRINGS = new Set(['text', 'character varying'])
const INTEGERS = new Set(['smallint', 'integer', 'bigint'])

/** A key of which nothing is known but how it is computed. */
export function plainKey(text: string, uses: readonly string[]): ResolvedKey {
  return { sql: text, lookup: text, column: null, injective: false, bare: false, indexable: false, uses }
}

function resolveExpression(parsed: ParsedExpression, key: KeyType, where: string): ResolvedKey {
  const uses = parsed.columns
  const inner = parsed.inner === null ? null : parseExpression(parsed.inner, where)
  if (inner) {
    if (!inner.total) throw mayFail(where, parsed.text)
    if (key.baseType === 'text') return plainKey(`(${parsed.inner})::text`, uses)
    const safe = safeCast(`(${parsed.inner})`, key.baseType)
    if (safe === null) throw noSafeCast(where, parsed.inner ?? '', key)
    return plainKey(safe, uses)
  }
  if (!parsed.total) throw mayFail(where, parsed.text)
  return plainKey(`(${parsed.text})`, uses)
}

export function assertColumns(parsed: ParsedExpression, table: CatalogTable, where: string): void {
  const missing = parsed.columns.filter((name) => !table.columns.some((column) => column.name === name))
  if (missing.length === 0) return
  throw new UsageError(
    'mapping.column',
    `${where}: ${table.schema}.${table.name} has no column ${missing.map((m) => JSON.stringify(m)).join(', ')}`,
    {
      hint: `Its columns are: ${table.columns.map((column) => column.name).join(', ')}.`,
    },
  )
}

/** PostgreSQL builds no index on a virtual column, and a trigger finds none of its values in the row. */
function assertNotVirtual(parsed: ParsedExpression, source: CatalogTable, where: string): void {
  const column = source.columns.find((c) => c.generated === 'virtual' && parsed.columns.includes(c.name))
  if (column === undefined) return
  throw new UsageError(
    'mapping.key',
    `${where}: ${source.name}.${column.name} is a virtual generated column, by which no index can find a row`,
    { hint: `Write what it is computed from: ${column.default}` },
  )
}

function noSafeCast(where: string, what: string, key: KeyType): UsageError {
  return new UsageError('mapping.key', `${where}: ${what} can't be cast to ${key.type} so that no row makes it fail`, {
    hint: 'Text can be cast to uuid, integers and numeric; integers and uuids to text. For other types give the key column of the new table the type of the old one.',
  })
}

function mayFail(where: string, text: string): UsageError {
  return new UsageError(
    'mapping.key',
    `${where}: ${JSON.stringify(text)} may raise an error for some row, and a trigger can't find the key of such a row`,
    {
      hint: 'Build keys and filters from columns, constants, comparisons, coalesce, case, lower, btrim, replace, split_part and ||, with at most one cast around the whole.',
    },
  )
}

/** A source's filter: boolean, and never raising. */
export function resolveWhere(text: string, source: CatalogTable, where: string): string {
  const parsed = parseExpression(text, where)
  assertColumns(parsed, source, where)
  if (!parsed.total) throw mayFail(where, text)
  return text
}
