import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import type { MergeTable } from './config.ts'
import { findNewTable } from './find-tables.ts'
import type { SourceMapping, TargetMapping } from './mapping.ts'
import { assertColumnsExist, findSources, listOwnColumns, type ResolveContext } from './resolve-context.ts'
import { resolveRules } from './resolve-rules.ts'
import { resolveSource } from './resolve-source.ts'
import { assertStubFeeds, findStubs } from './resolve-stubs.ts'
import type { SourceInput } from './source-keys.ts'
import { resolveSyncMode } from './sync-settings.ts'
import { listChecks, resolveSequences, resolveTargetColumn } from './target-columns.ts'

/** The unit of a table in which the old rows of one key become one new row. */
export function resolveMerge(number: number, name: string, spec: MergeTable, context: ResolveContext): TargetMapping {
  const where = `tables.${name}`
  const target = findNewTable(context.catalog, context.newSchema, name)
  const key = resolveKeyColumns(target, [spec.key].flat(), where)
  assertColumnsExist(target, Object.keys(spec.columns ?? {}), `${where}.columns`)
  const sources = resolveSources(number, spec, target, key, where, context)
  const ruled = resolveRules({ spec, target, key, sources, where, catalog: context.catalog })
  const mapped = [...key, ...target.columns.filter((column) => !key.includes(column) && ruled.rules.has(column.name))]
  const stubs = resolveStubs(number, target, key, ruled.sources.length, context).map(({ source, given, place }) => {
    assertStubFeeds(
      given,
      mapped.map((column) => column.name),
      place,
    )
    const stub = { ...source, feeds: source.feeds.filter((feed) => ruled.rules.has(feed.column)) }
    assertStubFits(stub, mapped, key, spec, place)
    return stub
  })
  const reverse = resolveReverse(spec, ruled.sources, where)
  for (const ordinal of reverse) noteNoWayBack(target.name, ruled.sources[ordinal], context)
  return {
    number,
    name: target.name,
    kind: 'merge',
    ...resolveSyncMode(context.config, target.name),
    handle: [],
    relation: { schema: target.schema, name: target.name },
    key: key.map((column) => ({
      name: column.name,
      // Without its modifier: a cast to varchar(5) would turn a key that doesn't fit into another one.
      type: column.baseType,
      ...(column.nullableType === null ? {} : { nullable: column.nullableType }),
      operatorSchema: column.equalitySchema ?? 'pg_catalog',
    })),
    columns: mapped.map((column) =>
      resolveTargetColumn(
        column,
        spec.columns?.[column.name]?.otherwise ?? null,
        ruled.rules.get(column.name) ?? { kind: 'first value', sources: [] },
        where,
      ),
    ),
    ownColumns: listOwnColumns(target, mapped, [], where),
    sources: [...ruled.sources, ...stubs],
    reverse,
    sequences: resolveSequences(target, ruled.sources, context.catalog),
    checks: listChecks(target, mapped),
    uniques: [],
    parents: [],
    children: [],
    linkColumns: [],
  }
}

/** A parent that is made of what a child knows must fit. Throws UsageError for a column that it would leave null and may not. */
function assertStubFits(
  stub: SourceMapping,
  mapped: readonly CatalogColumn[],
  key: readonly CatalogColumn[],
  spec: MergeTable,
  place: string,
): void {
  const missing = mapped.find(
    (column) =>
      column.notNull &&
      !column.defaultIsConstant &&
      !key.includes(column) &&
      spec.columns?.[column.name]?.otherwise === undefined &&
      !stub.feeds.some((feed) => feed.column === column.name),
  )
  if (missing === undefined) return
  throw new UsageError('mapping.stub', `${place}: a stub has no value for ${missing.name}, which may not be null`, {
    hint: `Give it one: parent: { …: { stub: { ${missing.name}: '…' } } }, or say in the parent's "columns" what it holds otherwise.`,
  })
}

/** Says so where a native insert can't make an old row, since nothing gives its key back. */
function noteNoWayBack(table: string, source: SourceMapping | undefined, context: ResolveContext): void {
  if (!source || source.keyUses.some((name) => source.back.some((back) => back.name === name))) return
  const columns = source.keyUses.map((name) => `${source.relation.name}.${name}`).join(', ')
  context.notes.push(
    `While the old tables live, no row of ${table} can be made natively: nothing gives ${columns} back. Say how in the source: back: { ${source.keyUses[0] ?? 'column'}: '…' }.`,
  )
}

/** Columns of the key. Throws UsageError unless they are never null, comparable, and unique by an index of the new table. */
function resolveKeyColumns(target: CatalogTable, names: readonly string[], where: string): CatalogColumn[] {
  const columns = names.map((name) => {
    const column = target.columns.find((c) => c.name === name)
    if (!column) {
      throw new UsageError('mapping.key', `${where}.key: the new table has no column ${JSON.stringify(name)}`, {
        hint: `Its columns are: ${target.columns.map((c) => c.name).join(', ')}.`,
      })
    }
    if (!column.notNull)
      throw new UsageError('mapping.key', `${where}.key: column ${name} may be null`, {
        hint: 'Declare it NOT NULL in the new schema.',
      })
    if (column.equalitySchema === null)
      throw new UsageError('mapping.key', `${where}.key: values of type ${column.type} can't be compared`, {
        hint: 'Choose a key of a type that can be indexed.',
      })
    return column
  })
  const unique = target.indexes.some(
    (index) =>
      index.unique &&
      index.immediate &&
      index.predicate === null &&
      index.columns.length === names.length &&
      names.every((name) => index.columns.includes(name)),
  )
  if (!unique) {
    throw new UsageError('mapping.key', `${where}.key: nothing in the new schema makes (${names.join(', ')}) unique`, {
      hint: `Add UNIQUE (${names.join(', ')}), not deferrable, to the new table: the row under its key is what writers lock.`,
    })
  }
  return columns
}

function resolveSources(
  number: number,
  spec: MergeTable,
  target: CatalogTable,
  key: readonly CatalogColumn[],
  where: string,
  context: ResolveContext,
): SourceMapping[] {
  const columns = Object.entries(spec.columns ?? {})
  const unfed = columns.flatMap(([column, rule]) => (rule.from === undefined ? [] : [column]))
  return findSources(Object.keys(spec.sources), where, context).map(({ source, base, name }, ordinal) =>
    resolveSource({
      ...shared(number, target, key, context),
      ordinal,
      stub: false,
      source,
      base,
      spec: spec.sources[name] ?? {},
      unfed,
      givenBack: columns.flatMap(([column, rule]) =>
        Object.entries(rule.back?.[name] ?? {}).map(([old, expression]) => ({ column, old, expression })),
      ),
      where: `${where}.sources.${name}`,
    }),
  )
}

function resolveStubs(
  number: number,
  target: CatalogTable,
  key: readonly CatalogColumn[],
  from: number,
  context: ResolveContext,
): { source: SourceMapping; given: readonly string[]; place: string }[] {
  const found = findStubs(target, key, context)
  return found.map(({ source, base, spec, given, where }, i) => ({
    given,
    place: where,
    source: resolveSource({
      ...shared(number, target, key, context),
      ordinal: from + i,
      stub: true,
      source,
      base,
      spec,
      unfed: [],
      givenBack: [],
      where,
    }),
  }))
}

function shared(
  number: number,
  target: CatalogTable,
  key: readonly CatalogColumn[],
  { indexes, catalog, oldSchema }: ResolveContext,
): Pick<SourceInput, 'kind' | 'number' | 'target' | 'key' | 'indexes' | 'catalog' | 'oldSchema'> {
  return { kind: 'merge', number, target, key, indexes, catalog, oldSchema }
}

function resolveReverse(spec: MergeTable, sources: readonly SourceMapping[], where: string): number[] {
  if (spec.reverse === undefined) return [0]
  return spec.reverse.map((name) => {
    const source = sources.find((s) => s.relation.name === name)
    if (!source)
      throw new UsageError('mapping.reverse', `${where}.reverse: ${JSON.stringify(name)} is not a source of it`, {
        hint: `Its sources are: ${sources.map((s) => s.relation.name).join(', ')}.`,
      })
    return source.ordinal
  })
}
