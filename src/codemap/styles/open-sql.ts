import type { Access } from '../access.ts'
import type { Literal, Place } from '../interaction.ts'
import { itemsOf, literalsOf } from '../read-value.ts'
import type { SqlCatalog } from '../sql/catalog.ts'
import { parseStatements, type SqlAccess, type SqlGap, type SqlReading } from '../sql/parse-statements.ts'
import { inSchemas, setSchemasAside, withSchemas } from '../sql/set-schemas-aside.ts'
import type { SqlText } from '../sql/sql-text.ts'
import type { Site } from '../style.ts'
import { text as textValue, type Value, type Via } from '../value.ts'

/** How the SQL of a library is opened. */
export interface SqlOpening {
  readonly transaction: string | null
  /** Only part of a statement: of it only what it selects from by itself. */
  readonly fragment?: boolean
  /** Tells the same statement on another connection apart. */
  readonly connection?: string
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
  return openReading(site, readSql(sql, opening), opening)
}

/** What the SQL does, with the literals of its parameters. */
export function readSql(sql: SqlText, { catalog, parameters }: SqlOpening): SqlReading {
  const before = readings.get(sql)
  const reading = before && before.catalog === catalog ? before.reading : readApart(sql, catalog)
  readings.set(sql, { catalog, reading })
  const literals = literalsIn(parameters)
  return { ...reading, accesses: reading.accesses.map((one) => withLiterals(one, literals)) }
}

const readings = new WeakMap<SqlText, { readonly catalog: SqlCatalog | undefined; readonly reading: SqlReading }>()

/** What the parameters are is put in afterwards: the statement is the same for all of them. */
function readApart(sql: SqlText, catalog: SqlCatalog | undefined): SqlReading {
  const { text, schemas } = setSchemasAside(sql, catalog)
  const reading = parseStatements(text, { ...(catalog ? { catalog } : {}), parameters: PARAMETERS })
  return {
    ...reading,
    accesses: reading.accesses.flatMap((one) => inSchemas(one, schemas)),
    gaps: reading.gaps.map((gap) => ({ ...gap, reason: withSchemas(gap.reason, schemas) })),
  }
}

/** For callers that ask for more of the reading. */
export function openReading(site: Site, { accesses, gaps }: SqlReading, opening: SqlOpening): Access[] {
  if (opening.fragment !== true) for (const gap of gaps) openGap(site, gap, opening)
  return accesses.map((one) => openOne(site, one, opening))
}

/** Stands for what `$n` may be. */
const PARAMETER = /^\$crossfade:(\d+)$/
const MOST_PARAMETERS = 64
const PARAMETERS = Array.from({ length: MOST_PARAMETERS }, (_, at): readonly Literal[] => [`$crossfade:${at + 1}`])

function withLiterals(one: SqlAccess, parameters: readonly (readonly Literal[])[] = []): SqlAccess {
  const entries = Object.entries(one.values)
  if (!entries.some(([, literals]) => literals.some(isParameter))) return one
  const values = entries.map(([column, literals]): [string, readonly Literal[]] => [
    column,
    literals.flatMap((literal) => (isParameter(literal) ? (parameters[numberOf(literal) - 1] ?? []) : [literal])),
  ])
  return { ...one, values: Object.fromEntries(values.filter(([, literals]) => literals.length > 0)) }
}

function isParameter(literal: Literal): literal is string {
  return typeof literal === 'string' && PARAMETER.test(literal)
}

function numberOf(literal: string): number {
  return Number(PARAMETER.exec(literal)?.[1])
}

const UNTOLD = {}

/** It stands where the text is handed in, as what can be told does. */
function openGap(site: Site, { operation, reason, origin }: SqlGap, { finish }: SqlOpening): void {
  const { via, place } = standing(origin)
  site.open({
    table: textValue('', via),
    operation,
    untold: reason,
    key: `sql ${reason}${describeVia(via)}`,
    saying: UNTOLD,
    ...(place ? { place } : {}),
    ...(finish ? { finish } : {}),
  })
}

function standing(origin: unknown): { via: readonly Via[]; place?: Place } {
  const known = origin as SqlOrigin | undefined
  if (known === undefined) return { via: [] }
  return 'place' in known ? { via: [], place: known.place } : { via: known }
}

const described = new WeakMap<readonly Via[], string>()

function describeVia(via: readonly Via[]): string {
  const known = described.get(via)
  if (known !== undefined) return known
  const made = via.map(({ place }) => ` ${place.file}:${place.line}:${place.column}`).join('')
  described.set(via, made)
  return made
}

const told = new WeakSet<Access>()

function openOne(site: Site, one: SqlAccess, opening: SqlOpening): Access {
  const { transaction, columnName, connection = '', finish } = opening
  const { via, place } = standing(one.origin)
  const values = Object.entries(one.values)
  const access = site.open({
    table: textValue(one.table, via),
    schema: one.schema,
    ...(one.isSchemaOpen ? { isSchemaOpen: true } : {}),
    operation: one.operation,
    key: `sql ${one.schema ?? ''}.${one.table}${describeVia(via)}|${transaction ?? ''}|${connection}${values.length > 0 ? JSON.stringify(values) : ''}`,
    transaction,
    ...(place ? { place } : {}),
    ...(columnName ? { columnName } : { saying: one.columns }),
    ...(finish ? { finish } : {}),
  })
  if (told.has(access)) return access
  told.add(access)
  const { read, written, filtered, ordered, known } = one.columns
  access.read(read)
  access.written(written)
  access.filtered(filtered)
  access.ordered(ordered)
  if (!known) access.unknownColumns()
  if (one.returning) access.returning()
  if (one.conflict.length > 0) access.conflict(one.conflict)
  for (const [column, literals] of values) {
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
