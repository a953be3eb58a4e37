import type { Catalog, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import type { Via } from './config.ts'
import { parseExpression } from './expression.ts'
import { findIdentity, findTable } from './find-tables.ts'
import { buildGenerated, buildLookups } from './link-sql.ts'
import type { Link, NeededIndex, ViaStep } from './mapping.ts'
import { addIndex, fitIndex, hasIndex } from './needed-index.ts'
import { resolvePick } from './pick.ts'
import { qualifyColumns } from './qualify.ts'
import { assertColumns, type KeyType, plainKey, type ResolvedKey, resolveKey } from './resolve-key.ts'
import { fixedText, isTextType } from './types-fit.ts'

export interface LinkInput {
  readonly via: Via
  readonly source: CatalogTable
  readonly base: CatalogTable
  /** What the values found are cast to: the key columns, or the one column. */
  readonly types: readonly KeyType[]
  /** The new column that it feeds; null for the key. */
  readonly column: string | null
  readonly where: string
  readonly number: number
  readonly indexes: NeededIndex[]
  readonly catalog: Catalog
  readonly oldSchema: string
}

export interface ResolvedLink {
  readonly link: Link
  /** SQL over the source row: what is found, or null. One for each type. */
  readonly found: readonly string[]
  /** Columns of the source that the link reads. */
  readonly uses: readonly string[]
}

/** A row of some table on the way, and how its columns are named in the SQL of the link. */
interface Row {
  readonly table: CatalogTable
  readonly base: CatalogTable
  readonly alias: string
}

/** The way through another table to a key or a column. Throws UsageError for what could raise, or can't be followed. */
export function resolveLink(input: LinkInput): ResolvedLink {
  const { source, base, via, where } = input
  const first: Row = { table: source, base, alias: source.name }
  const way = resolveSteps(input, via, first, 1)
  const [step] = way.steps
  if (!step) throw new Error(`${where}: a link has a step at least`)
  const generated = via.otherwise === 'generate' ? resolveGenerated(input, step, way.to) : null
  const link: Link = { steps: way.steps, take: way.take, generated, column: input.column }
  return { link, found: buildLookups(link), uses: way.uses }
}

type Way = { steps: ViaStep[]; take: string[]; uses: readonly string[]; to: string }

function resolveSteps(input: LinkInput, via: Omit<Via, 'otherwise'>, row: Row, depth: number): Way {
  const where = depth === 1 ? input.where : `${input.where}.take`
  if (depth > 2)
    throw new UsageError('mapping.via', `${where}: a chain goes through two tables at most`, {
      hint: 'Put a column into one of the tables, kept by the application or a trigger, that shortens the way.',
    })
  const table = findVia(input, via.via, where)
  const identity = findIdentity(table, table, where).map((column) => column.name)
  const alias = `crossfade_via_${depth}`
  const on = typeof via.on === 'string' ? { from: via.on, to: via.on } : via.on
  const to = resolveTo(on.to, table, `${where}.on`)
  const from = resolveFrom(on.from, row.table, to.type, `${where}.on`)
  const capped = (at: Row['base'], key: ResolvedKey): ResolvedKey =>
    hasIndex(at, [key]) ? key : (fitIndex([key], [to.type])[0] ?? key)
  const target = capped(table, to.key)
  addWish(input, table, [to.key], [target], `by what links them to ${input.source.name}`)
  // A view's columns may have other names than its table's, and then nothing can be said of an index there.
  const atBase =
    row.table === row.base ? from : sameAtBase(row, from, () => resolveFrom(on.from, row.base, to.type, where))
  const link =
    atBase === null ? from : capped(row.base, atBase) === atBase ? from : (fitIndex([from], [to.type])[0] ?? from)
  if (atBase) addWish(input, row.base, [atBase], [capped(row.base, atBase)], `by what links them to ${table.name}`)
  const pick =
    via.pick === undefined
      ? null
      : resolvePick(
          via.pick,
          table.columns.map((c) => c.name),
          `${where}.pick`,
        )
  const name = (column: string): string => ident(alias, column).text
  const order = [
    ...(pick ? [`${name(pick.column)} ${pick.direction === 'latest' ? 'DESC' : 'ASC'} NULLS LAST`] : []),
    ...identity.map(name),
  ]
  const next = resolveTake(input, via, { table, base: table, alias }, depth, where)
  const uses = [...target.uses, ...next.uses, ...(pick ? [pick.column] : []), ...identity]
  const step: ViaStep = {
    relation: { schema: table.schema, name: table.name },
    alias,
    link: qualifyColumns(link.lookup, row.alias),
    to: qualifyColumns(target.lookup, alias),
    type: to.type.baseType,
    order,
    uses: [...new Set(uses)],
  }
  return { steps: [step, ...next.steps], take: next.take, uses: from.uses, to: on.to }
}

/** What is taken of the row found: values, or the next step. */
function resolveTake(
  input: LinkInput,
  via: Omit<Via, 'otherwise'>,
  row: Row,
  depth: number,
  where: string,
): Pick<Way, 'steps' | 'take' | 'uses'> {
  if (typeof via.take === 'object' && 'via' in via.take) return resolveSteps(input, via.take, row, depth + 1)
  const texts = [via.take].flat() as string[]
  if (texts.length !== input.types.length) {
    throw new UsageError(
      'mapping.via',
      `${where}.take has ${texts.length} expressions, ${input.types.length} are needed`,
      { hint: 'Give one expression over its row for each column of the key, in the order of the key.' },
    )
  }
  const keys = texts.map((text, i) => resolveKey(text, row.table, input.types[i] as KeyType, `${where}.take`))
  const fitted = hasIndex(row.table, keys) ? keys : fitIndex(keys, input.types)
  addWish(input, row.table, keys, fitted, `by what ${input.source.name} takes of them`)
  return {
    steps: [],
    take: fitted.map((key) => qualifyColumns(key.sql, row.alias)),
    uses: keys.flatMap((key) => key.uses),
  }
}

function addWish(
  input: LinkInput,
  table: CatalogTable,
  keys: readonly ResolvedKey[],
  fitted: readonly ResolvedKey[],
  purpose: string,
): void {
  if (hasIndex(table, keys)) return
  addIndex(input.indexes, { number: input.number, table, parts: fitted.map((key) => key.sql), purpose })
}

function findVia(input: LinkInput, name: string, where: string): CatalogTable {
  const table = findTable(input.catalog, input.oldSchema, name, `${where}.via`)
  if (table.kind === 'table' || table.kind === 'partitioned table') return table
  throw new UsageError('mapping.via', `${where}.via: ${name} is a ${table.kind}, whose changes no trigger can see`, {
    hint: 'Name the table that it reads; a chain of two is possible: take: { via: …, on: …, take: … }.',
  })
}

/** The side of the other table, and the type that both sides are compared in. */
function resolveTo(text: string, table: CatalogTable, where: string): { key: ResolvedKey; type: KeyType } {
  const parsed = parseExpression(text, where)
  assertColumns(parsed, table, where)
  const column = parsed.cast === null ? table.columns.find((c) => c.name === parsed.column) : undefined
  if (column && column.baseType !== 'bpchar' && column.baseType !== 'character') {
    if (column.equalitySchema !== 'pg_catalog')
      throw new UsageError(
        'mapping.via',
        `${where}: ${table.name}.${column.name} is ${column.type}, which isn't compared by an operator of PostgreSQL's own`,
        {
          hint: `Compare another form of it on both sides, for example: on: { from: 'lower(…)', to: 'lower(${column.name}::text)' }.`,
        },
      )
    if (column.baseType.endsWith('[]'))
      throw new UsageError(
        'mapping.via',
        `${where}: ${table.name}.${column.name} is ${column.type}, and a list is no link`,
        {
          hint: 'Link by a single value: a column, or an expression over it that gives one.',
        },
      )
    const type = { type: column.baseType, baseType: column.baseType, collation: column.collation }
    return { key: resolveKey(ident(column.name).text, table, type, where), type }
  }
  const name = parsed.cast === null ? 'text' : (CASTS[parsed.cast.toLowerCase()] ?? parsed.cast)
  const type = { type: name, baseType: name, collation: null }
  const cast = parsed.cast === null ? `(${text})::text` : text
  return { key: castToText(cast, table, type, where) ?? resolveKey(cast, table, type, where), type }
}

/** Names that a cast may use for the types that a text can be cast to safely. */
const CASTS: { readonly [name: string]: string } = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  decimal: 'numeric',
  varchar: 'character varying',
}

/** The side of the row before, in the type of the other side. */
function resolveFrom(text: string, table: CatalogTable, type: KeyType, where: string): ResolvedKey {
  return castToText(text, table, type, where) ?? resolveKey(text, table, type, where)
}

/** A number or a uuid here, a text there: its text is the same under any setting. */
function castToText(text: string, table: CatalogTable, type: KeyType, where: string): ResolvedKey | null {
  const parsed = parseExpression(text, where)
  const column = table.columns.find((c) => c.name === parsed.column)
  if (!column || !isTextType(type.baseType) || isTextType(column.baseType)) return null
  const cast =
    column.baseType === 'bpchar'
      ? `${ident(table.name, column.name).text}::text`
      : fixedText(ident(table.name, column.name).text, column.baseType)
  return cast === null ? null : plainKey(cast, [column.name])
}

function sameAtBase(row: Row, key: ResolvedKey, resolve: () => ResolvedKey): ResolvedKey | null {
  const typeOf = (table: CatalogTable, name: string): string | undefined =>
    table.columns.find((column) => column.name === name)?.type
  return key.uses.every((name) => typeOf(row.table, name) === typeOf(row.base, name)) ? resolve() : null
}

function resolveGenerated(input: LinkInput, step: ViaStep, to: string): string[] {
  const { source, base, where } = input
  const [type, more] = input.types
  if (!type || more || !['uuid', 'text', 'character varying'].includes(type.baseType)) {
    throw new UsageError('mapping.generate', `${where}: only a uuid or a text can be generated, and of one column`, {
      hint: "Say otherwise: 'journal' or otherwise: 'omit', or give the new key the type uuid.",
    })
  }
  const identity = findIdentity(source, base, where)
  const generated = buildGenerated({ source, step, to, identity, type: type.baseType, where })
  const names = [...identity.map((column) => column.name)]
  const sameNames = names.every((name) => base.columns.some((column) => column.name === name))
  if (source === base || sameNames) {
    // Over the table's own name, under which its index is made.
    const own = source === base ? generated : qualifyColumns(generated, base.name)
    addIndex(input.indexes, {
      number: input.number,
      table: base,
      parts: [own],
      purpose: 'by the key that is made of their link',
    })
  }
  return [generated]
}
