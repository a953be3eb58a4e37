import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import type { ColumnSpec, Expression, Via, VocabularySpec } from './config.ts'
import { type ParsedExpression, parseExpression } from './expression.ts'
import type { Feed, Link } from './mapping.ts'
import { assertColumns } from './resolve-key.ts'
import { resolveLink } from './resolve-link.ts'
import { safeCast } from './safe-cast.ts'
import { isVia, type SourceInput } from './source-keys.ts'
import { comesBackExactly, isText, mapsByItself } from './types-fit.ts'
import { buildWords, buildWordsBack } from './vocabulary.ts'

export interface ResolvedFeed {
  readonly feed: Feed
  readonly back: readonly Inverse[]
  readonly link: Link | null
  /** A condition that the source's rows must meet beside its own filter. */
  readonly where: string | null
}

export interface Inverse {
  readonly old: CatalogColumn | undefined
  readonly expression: string
  /** The new row gives back exactly what the old one held (but for what another source's precedence hides). */
  readonly exact: boolean
}

/** What a source gives to one new column, and the way back; null where it gives nothing. */
export function resolveFeed(input: SourceInput, column: CatalogColumn): ResolvedFeed | null {
  const where = `${input.where}.columns.${column.name}`
  const given = input.spec.columns?.[column.name]
  if (given === false) return null
  if (input.unfed.includes(column.name)) return assertNotGiven(given, where, input)
  if (given === undefined) return feedOfSameName(input, column, where)
  if (isVia(given)) return linkedFeed(input, column, given, where)
  if (isVocabulary(given)) return feedOfWords(input, column, given, where)
  return feedOfExpression(input, column, typeof given === 'string' ? { from: given } : given, where)
}

export function isVocabulary(value: unknown): value is VocabularySpec {
  return value !== null && typeof value === 'object' && 'values' in value
}

function assertNotGiven(given: unknown, where: string, input: SourceInput): null {
  if (given === undefined) return null
  const message =
    input.kind === 'append'
      ? `${where}: the primary key of ${input.target.name} is its own: each appended row gets a new one`
      : `${where}: this column has an expression over all sources, so none feeds it by itself`
  throw new UsageError('mapping.column', message, {
    hint:
      input.kind === 'append' ? 'Leave it out; keep the old number in another column.' : 'Leave one of the two out.',
  })
}

function feedOfSameName(input: SourceInput, column: CatalogColumn, where: string): ResolvedFeed | null {
  const { source, target } = input
  const same = source.columns.find((c) => c.name === column.name)
  // A surrogate key of the new table is its own: two sources' ids would meet in it.
  if (!same || column.sequence !== null) return null
  if (mapsByItself(same, column)) return plainFeed(same, column, target, source)
  // What a stub knows beside the key is only a help.
  if (input.stub) return null
  throw new UsageError(
    'mapping.type',
    `${where}: ${source.name}.${same.name} is ${same.type}, the new column is ${column.type}`,
    {
      hint: `Say how: ${column.name}: { from: '${same.name}::${column.baseType}', back: '…' }, or ${column.name}: false to leave it out.`,
    },
  )
}

function feedOfExpression(input: SourceInput, column: CatalogColumn, spec: ColumnSpec, where: string): ResolvedFeed {
  const { source, target } = input
  const parsed = parseExpression(spec.from, `${where}.from`)
  assertColumns(parsed, source, `${where}.from`)
  const feed = computedFeed(parsed, spec.from, source, column)
  const inverse = resolveBack(spec.back, parsed.columns, input, where)
  if (inverse) return { feed, back: inverse, link: null, where: null }
  const old = source.columns.find((c) => c.name === parsed.column)
  if (!old) {
    throw new UsageError(
      'mapping.back',
      `${where}: ${JSON.stringify(spec.from)} has no inverse that could be found by itself`,
      {
        hint: `Say how a native write comes back: { from: ${JSON.stringify(spec.from)}, back: '…' }, or back: false if it can't.`,
      },
    )
  }
  if (parsed.cast === null && old.baseType === column.baseType) return plainFeed(old, column, target, source)
  const back = [{ old, expression: `${targetColumn(target, column)}::${old.type}`, exact: false }]
  return { feed, back, link: null, where: null }
}

/** A text cast to uuid, which is where old data fails most, is cast safely; all else as it is written. */
function computedFeed(parsed: ParsedExpression, text: string, source: CatalogTable, column: CatalogColumn): Feed {
  const uses = [...parsed.columns]
  const old = source.columns.find((c) => c.name === parsed.column)
  const given = old && isText(old) ? ident(source.name, old.name).text : null
  const safe = given !== null && parsed.cast === 'uuid' && column.baseType === 'uuid' ? safeCast(given, 'uuid') : null
  if (given === null || safe === null)
    return { column: column.name, from: `(${text})::${column.baseType}`, fault: null, uses }
  const fault = { given, sqlstate: '22P02', before: 'invalid input syntax for type uuid: "', after: '"' }
  return { column: column.name, from: safe, fault, uses }
}

function plainFeed(
  old: CatalogColumn,
  column: CatalogColumn,
  target: CatalogTable,
  source: CatalogTable,
): ResolvedFeed {
  const from = `${ident(source.name, old.name).text}::${column.baseType}`
  return {
    feed: { column: column.name, from, fault: null, uses: [old.name] },
    back: [
      {
        old,
        expression: `${targetColumn(target, column)}::${old.type}`,
        exact: comesBackExactly(old, column),
      },
    ],
    link: null,
    where: null,
  }
}

/** A value that another table knows; it has no way back, since that table isn't this source's to write. */
function linkedFeed(input: SourceInput, column: CatalogColumn, via: Via, where: string): ResolvedFeed {
  const { link, found, uses } = resolveLink({ ...input, via, types: [column], column: column.name, where })
  const [value = 'NULL'] = found
  const otherwise = via.otherwise ?? 'journal'
  const values = [value, ...(link.generated ?? [])]
  const fault =
    otherwise === 'journal'
      ? {
          given: null,
          sqlstate: '22004',
          before: `column "${column.name}": no row of ${via.via} gives its value`,
          after: '',
        }
      : null
  const from = values.length === 1 ? value : `coalesce(${values.join(', ')})`
  return {
    feed: { column: column.name, from: `(${from})::${column.baseType}`, fault, uses },
    back: [],
    link,
    where: otherwise === 'omit' ? `${value} IS NOT NULL` : null,
  }
}

function feedOfWords(input: SourceInput, column: CatalogColumn, spec: VocabularySpec, where: string): ResolvedFeed {
  const { source, target } = input
  const text = spec.from ?? ident(column.name).text
  const parsed = parseExpression(text, `${where}.from`)
  assertColumns(parsed, source, `${where}.from`)
  const old = source.columns.find((c) => c.name === parsed.column)
  const word = spec.from === undefined ? ident(source.name, column.name).text : text
  const from = `(${buildWords(spec, word)})::${column.baseType}`
  const fault =
    spec.unknown === undefined || spec.unknown === 'journal'
      ? {
          given: `(${word})::text`,
          sqlstate: '22000',
          before: `column "${column.name}": "`,
          after: '" is not a word of its vocabulary',
        }
      : null
  const back = old ? [{ old, expression: buildWordsBack(spec, targetColumn(target, column), old), exact: false }] : []
  return { feed: { column: column.name, from, fault, uses: [...parsed.columns] }, back, link: null, where: null }
}

/** The way back as the mapping gives it; null where it says nothing. */
function resolveBack(
  given: ColumnSpec['back'],
  uses: readonly string[],
  input: SourceInput,
  where: string,
): Inverse[] | null {
  if (given === undefined) return null
  if (given === false) return []
  const named = typeof given === 'string' ? { [uses.length === 1 ? (uses[0] ?? '') : '']: given } : given
  return Object.entries(named).map(([name, expression]) =>
    resolveInverse(input, name, expression, `${where}.back`, uses[0] ?? 'old_column'),
  )
}

/** One old column computed from the new row. */
export function resolveInverse(
  input: SourceInput,
  name: string,
  expression: Expression,
  where: string,
  example = 'old_column',
): Inverse {
  const { source, target } = input
  const old = source.columns.find((column) => column.name === name)
  if (!old) {
    throw new UsageError(
      'mapping.back',
      `${where}: ${name === '' ? `which old column of ${source.name} is it?` : `${source.name} has no column ${JSON.stringify(name)}`}`,
      {
        hint: `Name it: back: { ${example}: '…' }.`,
      },
    )
  }
  assertColumns(parseExpression(expression, where), target, where)
  // An unconstrained numeric prints as many digits as it was given, which no computation brings back.
  return { old, expression, exact: old.type !== 'numeric' }
}

export function targetColumn(target: CatalogTable, column: CatalogColumn): string {
  return ident(target.name, column.name).text
}
