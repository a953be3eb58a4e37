import type { Catalog } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import type { CrossfadeConfig } from './config.ts'
import { findTable } from './find-tables.ts'
import type { NewForeignKey } from './foreign-keys.ts'
import type { Mapping, TargetMapping } from './mapping.ts'
import { resolveAppend } from './resolve-append.ts'
import type { ResolveContext } from './resolve-context.ts'
import { linkFamilies, sortTables } from './resolve-families.ts'
import { markLinkColumns, noteCycles } from './resolve-links.ts'
import { resolveMerge } from './resolve-merge.ts'
import { assertParentWords } from './resolve-stubs.ts'
import { resolveUniques } from './resolve-uniques.ts'
import { resolveThrottle } from './sync-settings.ts'

/**
 * Brings the mapping together with the catalog, which holds the old tables and the new ones (built, or
 * built on trial), and with the foreign keys of the new schema. Throws UsageError with the table, the column
 * and the fix. Call `loadParser()` before.
 */
export function resolveMapping(
  config: CrossfadeConfig,
  catalog: Catalog,
  foreignKeys: readonly NewForeignKey[] = [],
): Mapping {
  const oldSchema = config.oldSchema ?? 'public'
  const newSchema = config.newSchema ?? 'new_schema'
  const context: ResolveContext = {
    config,
    catalog,
    foreignKeys,
    oldSchema,
    newSchema,
    notes: [],
    views: [],
    indexes: [],
  }
  if (Object.keys(config.tables).length === 0) {
    throw new UsageError('mapping.empty', 'the mapping has no tables', {
      hint: 'Add one under "tables": what is the new table, and which old ones feed it?',
    })
  }
  assertParentWords(context)
  const units = markLinkColumns(linkFamilies(resolveUnits(context), context))
  assertSourcesOnce(units)
  for (const name of config.keep ?? []) findTable(catalog, oldSchema, name, 'keep')
  const targets = resolveUniques(units, context)
  return {
    oldSchema,
    newSchema,
    targets,
    keep: [...(config.keep ?? [])],
    trusted: [...(config.trusted ?? [])],
    notes: [...context.notes, ...noteCycles(targets), ...notePartitions(targets, catalog)],
    views: context.views,
    indexes: context.indexes,
    budgetMs: config.sync?.budgetMs ?? 100,
    inlineWrites: config.sync?.inlineWrites ?? 64,
    throttle: resolveThrottle(config.sync?.throttle),
  }
}

/** Units of all tables, parents first, numbered from 1. */
function resolveUnits(context: ResolveContext): TargetMapping[] {
  const units: TargetMapping[] = []
  for (const name of sortTables(Object.keys(context.config.tables), context.foreignKeys)) {
    const spec = context.config.tables[name]
    const number = units.length + 1
    if (spec?.kind === 'append') units.push(...resolveAppend(number, name, spec, context))
    else if (spec) units.push(resolveMerge(number, name, spec, context))
  }
  return units
}

/** Statement triggers hang on the partitioned table alone, and none fires for a change of the schema. */
function notePartitions(targets: readonly TargetMapping[], catalog: Catalog): string[] {
  const followed = targets
    .flatMap((t) => t.sources)
    .flatMap((s) => [s.base, ...s.links.flatMap((l) => l.steps.map((step) => step.relation))])
  const names = new Set(followed.map((relation) => `${relation.schema}.${relation.name}`))
  return catalog.tables
    .map((table) => ({ kind: table.kind, name: `${table.schema}.${table.name}` }))
    .filter(({ kind, name }) => kind === 'partitioned table' && names.has(name))
    .map(
      ({ name }) =>
        `${name} is partitioned: nothing tells of a TRUNCATE, DETACH or DROP of a partition by its own name. Delete its rows first, or run crossfade verify --repair afterwards.`,
    )
}

/** Two new tables fed by one old one would need two compat views of one name, each with a part of its rows. */
function assertSourcesOnce(targets: readonly TargetMapping[]): void {
  const seen = new Map<string, string>()
  for (const t of targets) {
    for (const s of t.sources.filter((source) => !source.stub)) {
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
