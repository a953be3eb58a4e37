import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import type { ColumnSpec, MergeSource } from './config.ts'
import { parseExpression } from './expression.ts'
import type { BackColumn, Feed, SourceColumn, SourceMapping } from './mapping.ts'
import { assertColumns, type ResolvedKey, resolveWhere } from './resolve-key.ts'
import { isUnique, resolveSourceKeys, type SourceInput } from './source-keys.ts'
import { comesBackExactly, mapsByItself } from './types-fit.ts'

export function resolveSource(input: SourceInput): SourceMapping {
  const { source, base, spec, where } = input
  const isView = source.kind === 'view'
  const keys = resolveSourceKeys(input)
  const filter = spec.where === undefined ? null : resolveWhere(spec.where, source, `${where}.where`)
  const columns = resolveColumns(input, keys)
  return {
    ordinal: input.ordinal,
    stub: false,
    links: [],
    extras: [],
    relation: { schema: source.schema, name: source.name },
    base: { schema: base.schema, name: base.name },
    viewQuery: isView ? (source.viewQuery ?? '').replace(/;\s*$/, '') : null,
    identity: identityOf(source, base, where),
    key: keys.map((key) => key.sql),
    lookup: keys.map((key) => key.lookup),
    keyUses: [...new Set(keys.flatMap((key) => key.uses))],
    where: filter,
    otherwise: spec.otherwise ?? 'journal',
    unique: !isView && isUnique(source, keys),
    latestBy: resolveLatestBy(spec, source, where),
    feeds: columns.feeds,
    back: columns.back,
    carried: columns.carried,
    carriedIndexes: indexesOver(base, columns.carried),
    shape: source.columns.map(asColumn),
    hasUpdateOf: base.triggers.some((trigger) => trigger.updateOf.length > 0),
  }
}

function resolveColumns(
  input: SourceInput,
  keys: readonly ResolvedKey[],
): { feeds: Feed[]; back: BackColumn[]; carried: SourceColumn[] } {
  const { source, spec, target, key, where } = input
  const feeds: Feed[] = []
  const back = new Map<string, { back: string; feeds: string[] }>()
  const exact = new Set<string>()
  const addBack = (old: CatalogColumn | undefined, expression: string, feeding: string[], same: boolean): void => {
    if (!old || back.has(old.name) || old.generated !== null) return
    back.set(old.name, { back: expression, feeds: feeding })
    if (same) exact.add(old.name)
  }

  for (const [i, column] of key.entries()) {
    const from = keys[i]
    if (from?.column)
      addBack(
        from.column,
        `${targetColumn(target, column)}::${from.column.type}`,
        [],
        from.bare && from.column.type === column.type,
      )
  }
  assertNewColumns(spec, target, where)
  for (const column of target.columns) {
    if (key.some((k) => k.name === column.name) || column.generated !== null) continue
    const feed = resolveFeed(input, column)
    if (!feed) continue
    feeds.push(feed.feed)
    for (const inverse of feed.back) addBack(inverse.old, inverse.expression, [column.name], inverse.exact)
  }
  const inOrder = source.columns.filter((column) => back.has(column.name) && column.identity !== 'always')
  return {
    feeds,
    back: inOrder.map((column) => ({
      ...asColumn(column),
      ...(back.get(column.name) ?? { back: 'NULL', feeds: [] }),
      absent: column.notNull ? column.default : null,
    })),
    carried: source.columns.filter((column) => !exact.has(column.name)).map(asColumn),
  }
}

interface Inverse {
  readonly old: CatalogColumn | undefined
  readonly expression: string
  /** The new row gives back exactly what the old one held (but for what another source's precedence hides). */
  readonly exact: boolean
}

function resolveFeed(input: SourceInput, column: CatalogColumn): { feed: Feed; back: Inverse[] } | null {
  const { source, spec, target } = input
  const where = `${input.where}.columns.${column.name}`
  const given = spec.columns?.[column.name]
  if (given === false) return null
  if (given === undefined) {
    const same = source.columns.find((c) => c.name === column.name)
    // A surrogate key of the new table is its own: two sources' ids would meet in it.
    if (!same || column.sequence !== null) return null
    if (!mapsByItself(same, column)) {
      throw new UsageError(
        'mapping.type',
        `${where}: ${source.name}.${same.name} is ${same.type}, the new column is ${column.type}`,
        {
          hint: `Say how: ${column.name}: { from: '${same.name}::${column.baseType}', back: '…' }, or ${column.name}: false to leave it out.`,
        },
      )
    }
    return plainFeed(same, column, target, source)
  }
  const columnSpec = typeof given === 'string' ? { from: given } : (given as ColumnSpec)
  const parsed = parseExpression(columnSpec.from, `${where}.from`)
  assertColumns(parsed, source, `${where}.from`)
  const feed = { column: column.name, from: `(${columnSpec.from})::${column.baseType}`, uses: [...parsed.columns] }
  const inverse = resolveBack(columnSpec, parsed.columns, input, where)
  if (inverse) return { feed, back: inverse }
  const old = source.columns.find((c) => c.name === parsed.column)
  if (!old) {
    throw new UsageError(
      'mapping.back',
      `${where}: ${JSON.stringify(columnSpec.from)} has no inverse that could be found by itself`,
      {
        hint: `Say how a native write comes back: { from: ${JSON.stringify(columnSpec.from)}, back: '…' }, or back: false if it can't.`,
      },
    )
  }
  if (parsed.cast === null && old.baseType === column.baseType) return plainFeed(old, column, target, source)
  return { feed, back: [{ old, expression: `${targetColumn(target, column)}::${old.type}`, exact: false }] }
}

function plainFeed(
  old: CatalogColumn,
  column: CatalogColumn,
  target: CatalogTable,
  source: CatalogTable,
): { feed: Feed; back: Inverse[] } {
  const from = `${ident(source.name, old.name).text}::${column.baseType}`
  return {
    feed: { column: column.name, from, uses: [old.name] },
    back: [
      {
        old,
        expression: `${targetColumn(target, column)}::${old.type}`,
        exact: comesBackExactly(old, column),
      },
    ],
  }
}

function resolveBack(spec: ColumnSpec, uses: readonly string[], input: SourceInput, where: string): Inverse[] | null {
  const { source, target } = input
  if (spec.back === undefined) return null
  if (spec.back === false) return []
  const named = typeof spec.back === 'string' ? { [uses.length === 1 ? (uses[0] ?? '') : '']: spec.back } : spec.back
  return Object.entries(named).map(([name, expression]) => {
    const old = source.columns.find((column) => column.name === name)
    if (!old) {
      throw new UsageError(
        'mapping.back',
        `${where}.back: ${name === '' ? `which old column of ${source.name} is it?` : `${source.name} has no column ${JSON.stringify(name)}`}`,
        {
          hint: `Name it: back: { ${uses[0] ?? 'old_column'}: '…' }.`,
        },
      )
    }
    assertColumns(parseExpression(expression, `${where}.back`), target, `${where}.back`)
    // An unconstrained numeric prints as many digits as it was given, which no computation brings back.
    return { old, expression, exact: old.type !== 'numeric' }
  })
}

function assertNewColumns(spec: MergeSource, target: CatalogTable, where: string): void {
  for (const name of Object.keys(spec.columns ?? {})) {
    if (target.columns.some((column) => column.name === name)) continue
    throw new UsageError(
      'mapping.column',
      `${where}.columns.${name}: the new table ${target.name} has no such column`,
      {
        hint: `Its columns are: ${target.columns.map((column) => column.name).join(', ')}.`,
      },
    )
  }
}

function resolveLatestBy(spec: MergeSource, source: CatalogTable, where: string): string | null {
  if (spec.latestBy === undefined) return null
  assertColumns(parseExpression(ident(spec.latestBy).text, `${where}.latestBy`), source, `${where}.latestBy`)
  return spec.latestBy
}

/** The columns that tell one old row from another: the primary key, else a unique index over columns that are never null. */
function identityOf(source: CatalogTable, base: CatalogTable, where: string): SourceColumn[] {
  const notNull = (name: string | null): boolean =>
    base.columns.some((column) => column.name === name && column.notNull)
  const candidates = base.indexes
    .filter((index) => index.unique && index.valid && index.predicate === null && index.columns.every(notNull))
    .sort(
      (a, b) =>
        Number(b.primary) - Number(a.primary) || a.columns.length - b.columns.length || (a.name < b.name ? -1 : 1),
    )
  const [best] = candidates
  const columns = best?.columns.map((name) => source.columns.find((column) => column.name === name))
  if (!columns?.every((column) => column !== undefined)) {
    throw new UsageError(
      'mapping.identity',
      `${where}: ${source.schema}.${source.name} has no primary key and no unique index over columns that are never null`,
      {
        hint: 'Crossfade must tell its rows apart. Add a primary key first, for example an identity column.',
      },
    )
  }
  return columns.map(asColumn)
}

/** Each plain index of the old table whose columns lineage carries, once. */
function indexesOver(base: CatalogTable, carried: readonly SourceColumn[]): string[][] {
  const lists = base.indexes
    .filter((index) => index.valid && index.predicate === null && index.method === 'btree')
    .map((index) => [...index.columns])
    .filter((names): names is string[] => names.every((name) => carried.some((column) => column.name === name)))
  return [...new Map(lists.map((names) => [JSON.stringify(names), names])).values()]
}

function targetColumn(target: CatalogTable, column: CatalogColumn): string {
  return ident(target.name, column.name).text
}

function asColumn(column: CatalogColumn): SourceColumn {
  return { name: column.name, type: column.type }
}
