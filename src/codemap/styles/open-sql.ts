import type { Access } from '../access.ts'
import type { Literal, Place } from '../interaction.ts'
import { itemsOf, literalsOf } from '../read-value.ts'
import type { SqlCatalog } from '../sql/catalog.ts'
import { parseStatements, type SqlAccess, type SqlGap } from '../sql/parse-statements.ts'
import type { SqlText } from '../sql/sql-text.ts'
import type { Site } from '../style.ts'
import { text as textValue, type Value, type Via } from '../value.ts'

/** How the SQL of a library is opened. */
export interface SqlOpening {
  readonly transaction: string | null
  /** Only part of a statement: of it only what it selects from by itself. */
  readonly fragment?: boolean
  readonly columnName?: (name: string) => string
  /** Of `readSqlFiles(project)`: whose a column is, which functions are the project's own. */
  readonly catalog?: SqlCatalog
  /** The list of what `$1`, `$2` … are, where the call hands one over: their literals are values of the columns. */
  readonly parameters?: Value | null
  /** Asked for each access, and for each entry of what can't be told, when the whole program has been walked. */
  readonly finish?: (access: Access) => void
}

/** The `origin` of words that were handed in, or (with `place`) written in another template than the one that is run. */
export type SqlOrigin = readonly Via[] | { readonly place: Place }

/**
 * For any style whose library runs SQL that the code writes (`pool.query`, `knex.raw`, `$queryRaw`): opens what the SQL
 * does, each table with its operation, at the site. The text of a value is made by `sqlOfValue`, that of a tagged
 * template by `sqlOfTemplate` (styles/sql/text-of-value.ts), others with the functions of sql/sql-text.ts. The `origin`
 * of its words is the way by which the text was handed in. What can't be told is listed as unresolved, but for
 * fragments: their query is listed anyway. `loadSqlParser` is to be awaited in the style's `create`.
 */
export function openSql(site: Site, sql: SqlText, opening: SqlOpening): Access[] {
  const { catalog } = opening
  const parameters = literalsIn(opening.parameters)
  const { accesses, gaps } = parseStatements(sql, {
    ...(catalog ? { catalog } : {}),
    ...(parameters ? { parameters } : {}),
  })
  if (opening.fragment !== true) for (const gap of gaps) openGap(site, gap, opening)
  return accesses.map((one) => openOne(site, one, opening))
}

/** It stands where the text is handed in, as what can be told does. */
function openGap(site: Site, { operation, reason, origin }: SqlGap, { finish }: SqlOpening): void {
  const { via, place } = standing(origin)
  site.open({
    table: textValue('', via),
    operation,
    untold: reason,
    key: `sql ${reason}${describeVia(via)}`,
    ...(place ? { place } : {}),
    ...(finish ? { finish } : {}),
  })
}

function standing(origin: unknown): { via: readonly Via[]; place?: Place } {
  const known = origin as SqlOrigin | undefined
  if (known === undefined) return { via: [] }
  return 'place' in known ? { via: [], place: known.place } : { via: known }
}

function describeVia(via: readonly Via[]): string {
  return via.map(({ place }) => ` ${place.file}:${place.line}:${place.column}`).join('')
}

function openOne(site: Site, one: SqlAccess, { transaction, columnName, finish }: SqlOpening): Access {
  const { via, place } = standing(one.origin)
  const access = site.open({
    table: textValue(one.table, via),
    schema: one.schema,
    ...(one.isSchemaOpen ? { isSchemaOpen: true } : {}),
    operation: one.operation,
    key: `sql ${one.schema ?? ''}.${one.table}${describeVia(via)}`,
    transaction,
    ...(place ? { place } : {}),
    ...(columnName ? { columnName } : {}),
    ...(finish ? { finish } : {}),
  })
  const { read, written, filtered, ordered, known } = one.columns
  access.read(read)
  access.written(written)
  access.filtered(filtered)
  access.ordered(ordered)
  if (!known) access.unknownColumns()
  if (one.returning) access.returning()
  if (one.conflict.length > 0) access.conflict(one.conflict)
  for (const [column, literals] of Object.entries(one.values)) {
    for (const literal of literals) access.value(column, literal)
  }
  return access
}

/** Undefined where none of them is a literal. */
function literalsIn(list: Value | null | undefined): (readonly Literal[])[] | undefined {
  if (!list) return undefined
  const literals = itemsOf(list).items.map(literalsOf)
  return literals.some((one) => one.length > 0) ? literals : undefined
}
