import type { Catalog, CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import type { CrossfadeConfig, MergeTable } from './config.ts'
import { parseExpression } from './expression.ts'
import type {
  Mapping,
  NeededIndex,
  Relation,
  SequenceColumn,
  SourceMapping,
  TargetColumn,
  TargetMapping,
} from './mapping.ts'
import { resolveSource } from './resolve-source.ts'

/**
 * Brings the mapping together with the catalog, which holds the old tables and the new ones (built, or
 * built on trial). Throws UsageError with the table, the column and the fix. Call `loadParser()` before.
 */
export function resolveMapping(config: CrossfadeConfig, catalog: Catalog): Mapping {
  const oldSchema = config.oldSchema ?? 'public'
  const newSchema = config.newSchema ?? 'new_schema'
  const notes: string[] = []
  const views: Relation[] = []
  const indexes: NeededIndex[] = []
  const names = Object.keys(config.tables)
  if (names.length === 0) {
    throw new UsageError('mapping.empty', 'the mapping has no tables', {
      hint: 'Add one under "tables": what is the new table, and which old ones feed it?',
    })
  }
  const targets = names.map((name, i) =>
    resolveTarget(i + 1, name, config.tables[name] as MergeTable, {
      catalog,
      oldSchema,
      newSchema,
      notes,
      views,
      indexes,
    }),
  )
  assertSourcesOnce(targets)
  for (const name of config.keep ?? []) findTable(catalog, oldSchema, name, 'keep')
  return {
    oldSchema,
    newSchema,
    targets,
    keep: [...(config.keep ?? [])],
    notes,
    views,
    indexes,
    budgetMs: config.sync?.budgetMs ?? 100,
    inlineWrites: config.sync?.inlineWrites ?? 64,
  }
}

/** Two new tables fed by one old one would need two compat views of one name, each with a part of its rows. */
function assertSourcesOnce(targets: readonly TargetMapping[]): void {
  const seen = new Map<string, string>()
  for (const t of targets) {
    for (const s of t.sources) {
      const base = `${s.base.schema}.${s.base.name}`
      const other = seen.get(base)
      if (other !== undefined && other !== t.relation.name) {
        throw new UsageError('mapping.source_twice', `tables.${t.relation.name}: ${base} feeds ${other} already`, {
          hint: 'An old table can feed one new table. Reads of its old name could not be answered from two.',
        })
      }
      seen.set(base, t.relation.name)
    }
  }
}

interface Context {
  readonly catalog: Catalog
  readonly oldSchema: string
  readonly newSchema: string
  readonly notes: string[]
  readonly views: Relation[]
  readonly indexes: NeededIndex[]
}

function resolveTarget(number: number, name: string, spec: MergeTable, context: Context): TargetMapping {
  const where = `tables.${name}`
  const target = context.catalog.tables.find((table) => table.schema === context.newSchema && table.name === name)
  if (target?.kind !== 'table' && target?.kind !== 'partitioned table') {
    throw new UsageError('mapping.target', `${where}: the new schema's DDL creates no table ${JSON.stringify(name)}`, {
      hint: `It creates: ${
        context.catalog.tables
          .filter((table) => table.schema === context.newSchema)
          .map((table) => table.name)
          .join(', ') || 'nothing'
      }.`,
    })
  }
  const reserved = target.columns.find((column) => column.name.startsWith('crossfade_'))
  if (reserved)
    throw new UsageError(
      'mapping.target',
      `${where}: column ${reserved.name} begins with crossfade_, which is reserved`,
      { hint: 'Give it another name.' },
    )
  const key = resolveKeyColumns(target, [spec.key].flat(), where)
  assertColumnsExist(target, Object.keys(spec.columns ?? {}), `${where}.columns`)
  const sources = resolveSources(spec, target, key, where, { ...context, number })
  const fed = (column: CatalogColumn): boolean =>
    sources.some((s) => s.feeds.some((feed) => feed.column === column.name))
  const mapped = [...key, ...target.columns.filter((column) => !key.includes(column) && fed(column))]
  return {
    number,
    name: target.name,
    kind: 'merge',
    handle: [],
    relation: { schema: target.schema, name: target.name },
    key: key.map((column) => ({
      name: column.name,
      // Without its modifier: a cast to varchar(5) would turn a key that doesn't fit into another one.
      type: column.baseType,
      operatorSchema: column.equalitySchema ?? 'pg_catalog',
    })),
    columns: mapped.map((column) => resolveTargetColumn(column, spec, sources, where)),
    ownColumns: target.columns
      .filter((column) => !mapped.includes(column) && column.generated === null)
      .map((column) => column.name),
    sources,
    reverse: resolveReverse(spec, sources, where),
    sequences: resolveSequences(target, sources, context),
    uniques: [],
    parents: [],
    children: [],
    linkColumns: [],
  }
}

function assertColumnsExist(target: CatalogTable, names: readonly string[], where: string): void {
  const missing = names.find((name) => !target.columns.some((column) => column.name === name))
  if (missing === undefined) return
  throw new UsageError('mapping.column', `${where}.${missing}: the new table ${target.name} has no such column`, {
    hint: `Its columns are: ${target.columns.map((column) => column.name).join(', ')}.`,
  })
}

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
  spec: MergeTable,
  target: CatalogTable,
  key: CatalogColumn[],
  where: string,
  context: Context & { readonly number: number },
): SourceMapping[] {
  const names = Object.keys(spec.sources)
  if (names.length === 0)
    throw new UsageError('mapping.sources', `${where}: no sources`, {
      hint: 'Name at least one old table that feeds it.',
    })
  const tables = names.map((name) => findTable(context.catalog, context.oldSchema, name, `${where}.sources`))
  const used = tables.flatMap((source, i) => {
    const base = baseTable(source, context.catalog, `${where}.sources.${names[i]}`)
    if (source !== base) context.views.push({ schema: source.schema, name: source.name })
    if (source !== base && tables.includes(base)) {
      context.notes.push(
        `${source.schema}.${source.name} is a view over ${base.schema}.${base.name}, which is a source itself: the same rows, so there is nothing to merge.`,
      )
      return []
    }
    return [{ source, base, name: names[i] ?? '' }]
  })
  return used.map(({ source, base, name }, ordinal) =>
    resolveSource({
      ordinal,
      source,
      base,
      spec: spec.sources[name] ?? {},
      target,
      key,
      where: `${where}.sources.${name}`,
      number: context.number,
      indexes: context.indexes,
    }),
  )
}

function baseTable(source: CatalogTable, catalog: Catalog, where: string): CatalogTable {
  if (source.kind === 'table' || source.kind === 'partitioned table') return source
  const [only, more] = source.readsFrom
  const base = catalog.tables.find((table) => table.oid === only)
  if (source.kind !== 'view' || !source.updatable || !base || more !== undefined || base.kind === 'view') {
    throw new UsageError(
      'mapping.view',
      `${where}: ${source.schema}.${source.name} is a ${source.kind} that can't be followed`,
      {
        hint: 'Name the tables that it reads. Of views, only those that PostgreSQL itself can update, over one table, can be a source.',
      },
    )
  }
  return base
}

function findTable(catalog: Catalog, oldSchema: string, name: string, where: string): CatalogTable {
  const table = catalog.tables.find((t) => t.schema === oldSchema && t.name === name)
  if (table) return table
  const similar = catalog.tables.filter(
    (t) => t.schema === oldSchema && t.name.toLowerCase().includes(name.toLowerCase().slice(0, 4)),
  )
  throw new UsageError('mapping.table', `${where}: there is no table ${oldSchema}.${name}`, {
    hint:
      similar.length > 0
        ? `Is it one of: ${similar.map((t) => t.name).join(', ')}?`
        : `Check the name and "oldSchema" (${oldSchema}).`,
  })
}

function resolveTargetColumn(
  column: CatalogColumn,
  spec: MergeTable,
  sources: readonly SourceMapping[],
  where: string,
): TargetColumn {
  const otherwise = spec.columns?.[column.name]?.otherwise ?? null
  const parsed = otherwise === null ? null : parseExpression(otherwise, `${where}.columns.${column.name}.otherwise`)
  // now() would give another row at each look.
  if (parsed && (parsed.columns.length > 0 || !parsed.total)) {
    throw new UsageError(
      'mapping.otherwise',
      `${where}.columns.${column.name}.otherwise: only constants can stand here`,
      { hint: 'Use the columns of a source in its own expression.' },
    )
  }
  return {
    name: column.name,
    type: column.type,
    baseType: column.baseType,
    notNull: column.notNull,
    otherwise,
    absent: column.notNull && column.defaultIsConstant ? column.default : null,
    rule: {
      kind: 'first value',
      sources: sources.filter((s) => s.feeds.some((feed) => feed.column === column.name)).map((s) => s.ordinal),
    },
  }
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

/** A column that holds an old sequence's values must go on drawing from it, or the two sides would give one number twice. */
function resolveSequences(target: CatalogTable, sources: readonly SourceMapping[], context: Context): SequenceColumn[] {
  return target.columns
    .filter((column) => column.sequence !== null)
    .map((column) => {
      const old = sources
        .flatMap((s) => {
          const table = context.catalog.tables.find((t) => t.schema === s.base.schema && t.name === s.base.name)
          const name = s.back.find((b) => b.feeds.includes(column.name))?.name ?? keyColumnName(s, target, column)
          return table?.columns.find((c) => c.name === name)?.sequence ?? []
        })
        .at(0)
      return {
        column: column.name,
        identity: column.identity,
        default: column.default,
        own: column.sequence ?? { schema: '', name: '' },
        old: old ?? null,
      }
    })
}

function keyColumnName(s: SourceMapping, target: CatalogTable, column: CatalogColumn): string | undefined {
  const reference = `"${target.name.replaceAll('"', '""')}"."${column.name.replaceAll('"', '""')}"`
  return s.back.find((b) => b.back.startsWith(`${reference}::`))?.name
}
