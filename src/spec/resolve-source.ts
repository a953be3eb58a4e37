import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import type { MergeSource } from './config.ts'
import { parseExpression } from './expression.ts'
import { asColumn, findIdentity } from './find-tables.ts'
import type { BackColumn, Feed, Link, SourceColumn, SourceMapping } from './mapping.ts'
import { isLeftByBuild } from './needed-index.ts'
import { resolveFeed, resolveInverse, targetColumn } from './resolve-feed.ts'
import { assertColumns, resolveWhere } from './resolve-key.ts'
import { resolveSourceKeys, type SourceInput, type SourceKeys } from './source-keys.ts'

/** One source of a unit: its keys, what it feeds, and what comes back to it. Throws UsageError with its place in the mapping. */
export function resolveSource(input: SourceInput): SourceMapping {
  const { source, base, spec, where, stub } = input
  const isView = source.kind === 'view'
  const keys = resolveSourceKeys(input)
  const filter = spec.where === undefined ? null : resolveWhere(spec.where, source, `${where}.where`)
  const columns = resolveColumns(input, keys)
  const carried = stub ? [] : columns.carried
  return {
    ordinal: input.ordinal,
    stub,
    links: [...keys.links, ...columns.links],
    extras: [],
    relation: { schema: source.schema, name: source.name },
    base: { schema: base.schema, name: base.name },
    viewQuery: isView ? (source.viewQuery ?? '').replace(/;\s*$/, '') : null,
    draws: [],
    identity: findIdentity(source, base, where).map(asColumn),
    key: keys.key,
    lookup: keys.lookup,
    keyUses: keys.uses,
    where: allOf(filter, columns.conditions),
    otherwise: keys.otherwise,
    unique: keys.unique,
    latestBy: resolveLatestBy(spec, source, where),
    feeds: columns.feeds,
    back: stub ? [] : columns.back,
    carried,
    carriedIndexes: indexesOver(base, carried),
    shape: source.columns.map(asColumn),
    overriding: base.columns.some((column) => column.identity === 'always'),
    rowByRow:
      base.kind !== 'table' || base.isPartition || input.catalog.tables.some((c) => c.children.includes(base.oid)),
    hasUpdateOf: base.triggers.some((trigger) => trigger.updateOf.length > 0),
  }
}

function allOf(filter: string | null, conditions: readonly string[]): string | null {
  if (conditions.length === 0) return filter
  return [...(filter === null ? [] : [`(${filter})`]), ...conditions].join(' AND ')
}

interface Columns {
  readonly feeds: Feed[]
  readonly back: BackColumn[]
  readonly carried: SourceColumn[]
  readonly links: Link[]
  readonly conditions: string[]
}

function resolveColumns(input: SourceInput, keys: SourceKeys): Columns {
  const { source, spec, target, key, where } = input
  const feeds: Feed[] = []
  const links: Link[] = []
  const conditions: string[] = []
  const back = new Map<string, { back: string; feeds: string[] }>()
  const exact = new Set<string>()
  const addBack = (old: CatalogColumn | undefined, expression: string, feeding: string[], same: boolean): void => {
    if (!old || back.has(old.name) || old.generated !== null) return
    back.set(old.name, { back: expression, feeds: feeding })
    if (same) exact.add(old.name)
  }

  for (const [i, column] of key.entries()) {
    const from = keys.columns[i]
    if (from?.old)
      addBack(
        from.old,
        `${targetColumn(target, column)}::${from.old.type}`,
        [],
        from.bare && from.old.type === column.type,
      )
  }
  assertNewColumns(spec, target, where)
  for (const column of target.columns) {
    if (key.some((k) => k.name === column.name) || column.generated !== null) continue
    const feed = resolveFeed(input, column)
    if (!feed) continue
    feeds.push(feed.feed)
    if (feed.link) links.push(feed.link)
    if (feed.where !== null) conditions.push(feed.where)
    for (const inverse of feed.back) addBack(inverse.old, inverse.expression, [column.name], inverse.exact)
  }
  for (const { column, old, expression } of input.givenBack) {
    const inverse = resolveInverse(
      input,
      old,
      expression,
      `${where.replace(/\.sources\..*/, '')}.columns.${column}.back`,
    )
    addBack(inverse.old, inverse.expression, [column], false)
  }
  for (const [old, expression] of Object.entries(spec.back ?? {})) {
    const inverse = resolveInverse(input, old, expression, `${where}.back.${old}`)
    addBack(inverse.old, inverse.expression, [], false)
  }
  // An identity GENERATED ALWAYS takes a value only when the row is made: the key, but nothing that an update changes.
  const writable = (column: CatalogColumn): boolean =>
    column.identity !== 'always' || back.get(column.name)?.feeds.length === 0
  const inOrder = source.columns.filter((column) => back.has(column.name) && writable(column))
  return {
    feeds,
    back: inOrder.map((column) => {
      const inverse = back.get(column.name) ?? { back: 'NULL', feeds: [] }
      const { column: read, cast, columns } = parseExpression(inverse.back, where)
      const from = target.columns.find((one) => one.name === read)
      return {
        ...asColumn(column),
        ...inverse,
        plain: from?.type === column.type && (cast === null || cast === column.type),
        uses: columns,
        absent: column.notNull ? column.default : null,
      }
    }),
    carried: source.columns.filter((column) => !exact.has(column.name) || !writable(column)).map(asColumn),
    links,
    conditions,
  }
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

/** Each plain index of the old table whose columns lineage carries, once. */
function indexesOver(base: CatalogTable, carried: readonly SourceColumn[]): string[][] {
  const lists = base.indexes
    .filter((index) => index.valid && !isLeftByBuild(index) && index.predicate === null && index.method === 'btree')
    .map((index) => [...index.columns])
    .filter((names): names is string[] => names.every((name) => carried.some((column) => column.name === name)))
  return [...new Map(lists.map((names) => [JSON.stringify(names), names])).values()]
}
