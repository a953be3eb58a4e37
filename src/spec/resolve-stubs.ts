import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import type { AppendSource, AppendTable, Expression, MergeSource, MergeTable, ParentSpec, Via } from './config.ts'
import { findBase, findTable } from './find-tables.ts'
import type { NewForeignKey } from './foreign-keys.ts'
import type { ResolveContext } from './resolve-context.ts'
import { isVocabulary } from './resolve-feed.ts'
import { isVia } from './source-keys.ts'

/** An old table of a child's that makes parents of what it knows. */
export interface StubSource {
  readonly source: CatalogTable
  readonly base: CatalogTable
  readonly spec: MergeSource
  /** Parent columns that the mapping itself gives. */
  readonly given: readonly string[]
  readonly where: string
}

type Child = MergeTable | AppendTable

/** The stubs that children of this table ask for, in the order of the configuration. Throws UsageError where none can be made. */
export function findStubs(parent: CatalogTable, key: readonly CatalogColumn[], context: ResolveContext): StubSource[] {
  return Object.entries(context.config.tables).flatMap(([childName, child]) =>
    Object.entries(child.sources).flatMap(([sourceName, spec]) => {
      const wish = parentSpecFor(spec, parent.name)
      if (wish === 'journal') return []
      const where = `tables.${childName}.sources.${sourceName}`
      const source = findTable(context.catalog, context.oldSchema, sourceName, where)
      const base = findBase(source, context.catalog, where)
      const given = typeof wish === 'object' ? wish.stub : {}
      return foreignKeysTo(parent, childName, context).map((foreignKey): StubSource => {
        const names = referencedColumns(foreignKey, parent)
        assertReferencesKey(names, key, parent, `${where}.parent`)
        const columns = key.map((k) => foreignKey.columns[names.indexOf(k.name)] ?? '')
        return {
          source,
          base,
          where: `${where}.parent`,
          given: Object.keys(given),
          spec: stubSpec(child, spec, columns, given, source, where),
        }
      })
    }),
  )
}

/** Throws UsageError where a source has a word about a parent that its new table doesn't reference, or that can't have stubs. */
export function assertParentWords({ config, foreignKeys }: Pick<ResolveContext, 'config' | 'foreignKeys'>): void {
  for (const [childName, child] of Object.entries(config.tables)) {
    const parents = foreignKeys.filter((f) => f.table === childName && f.references in config.tables)
    const names = [...new Set(parents.map((f) => f.references))]
    for (const [sourceName, { parent }] of Object.entries(child.sources)) {
      const where = `tables.${childName}.sources.${sourceName}.parent`
      if (parent === undefined) continue
      if (names.length === 0)
        throw new UsageError('mapping.parent', `${where}: ${childName} references no new table`, {
          hint: "Write the foreign key into the new schema's DDL, or leave the word out.",
        })
      const words = isParentSpec(parent) ? names.map((name) => [name, parent] as const) : Object.entries(parent)
      for (const [name, wish] of words) {
        if (!names.includes(name))
          throw new UsageError('mapping.parent', `${where}: ${childName} doesn't reference ${JSON.stringify(name)}`, {
            hint: `It references: ${names.join(', ')}.`,
          })
        if (wish !== 'journal' && config.tables[name]?.kind === 'append')
          throw new UsageError('mapping.parent', `${where}: rows of ${name} are appended, so no child can make one`, {
            hint: "Say parent: 'journal'.",
          })
      }
    }
  }
}

/** A stub can give only what sources give: anything else is the new side's own. */
export function assertStubFeeds(given: readonly string[], fed: readonly string[], where: string): void {
  const missing = given.find((name) => !fed.includes(name))
  if (missing === undefined) return
  throw new UsageError('mapping.parent', `${where}.stub.${missing}: no source of the parent feeds this column`, {
    hint: `Give it a default in the new schema. Columns that a stub can give: ${fed.join(', ')}.`,
  })
}

/** The parent's columns that a foreign key names, or its primary key. */
export function referencedColumns(foreignKey: NewForeignKey, parent: CatalogTable): readonly string[] {
  if (foreignKey.referenced.length > 0) return foreignKey.referenced
  const primary = parent.indexes.find((index) => index.primary)
  return primary?.columns.flatMap((name) => name ?? []) ?? []
}

function isParentSpec(value: NonNullable<AppendSource['parent']>): value is ParentSpec {
  return typeof value === 'string' || typeof (value as { stub?: unknown }).stub === 'object'
}

function parentSpecFor({ parent }: AppendSource, name: string): ParentSpec {
  if (parent === undefined) return 'journal'
  return isParentSpec(parent) ? parent : (parent[name] ?? 'journal')
}

function foreignKeysTo(parent: CatalogTable, child: string, context: ResolveContext): NewForeignKey[] {
  return context.foreignKeys.filter((f) => f.table === child && f.references === parent.name && child !== parent.name)
}

function assertReferencesKey(
  names: readonly string[],
  key: readonly CatalogColumn[],
  parent: CatalogTable,
  where: string,
): void {
  if (names.length === key.length && key.every((column) => names.includes(column.name))) return
  throw new UsageError(
    'mapping.parent',
    `${where}: the foreign key references ${parent.name} (${names.join(', ')}), which isn't the key that its rows are merged by`,
    {
      hint: `Only a parent known by its key (${key.map((column) => column.name).join(', ')}) can be made of a child. Say parent: 'journal'.`,
    },
  )
}

function stubSpec(
  child: Child,
  spec: MergeSource,
  columns: readonly string[],
  given: { readonly [column: string]: Expression },
  source: CatalogTable,
  where: string,
): MergeSource {
  return {
    key: stubKey(child, spec, columns, source, where),
    otherwise: 'omit',
    ...(spec.where === undefined ? {} : { where: spec.where }),
    ...(spec.latestBy === undefined ? {} : { latestBy: spec.latestBy }),
    columns: Object.fromEntries(Object.entries(given).map(([name, from]) => [name, { from, back: false as const }])),
  }
}

/** What feeds the foreign key is the key of the stub. */
function stubKey(
  child: Child,
  spec: MergeSource,
  columns: readonly string[],
  source: CatalogTable,
  where: string,
): Expression[] | Via {
  const parts = columns.map((column) => partOf(child, spec, column, source, where))
  const [only] = parts
  const wholeKey = child.kind === 'merge' ? [child.key].flat() : []
  if (isVia(spec.key) && columns.length === wholeKey.length && columns.every((c, i) => c === wholeKey[i])) {
    return spec.key.otherwise === 'generate' ? spec.key : { ...spec.key, otherwise: 'omit' }
  }
  if (parts.length === 1 && isVia(only)) return only.otherwise === 'generate' ? only : { ...only, otherwise: 'omit' }
  return parts.map((part) => {
    if (typeof part === 'string') return part
    throw noStub(where, columns, 'several columns, one of them found through another table')
  })
}

function partOf(
  child: Child,
  spec: MergeSource,
  column: string,
  source: CatalogTable,
  where: string,
): Expression | Via {
  const position = child.kind === 'merge' ? [child.key].flat().indexOf(column) : -1
  if (position >= 0 && isVia(spec.key)) return spec.key
  if (position >= 0 && spec.key !== undefined) return ([spec.key].flat() as string[])[position] ?? ''
  const rule = spec.columns?.[column]
  if (rule === undefined) {
    if (source.columns.some((c) => c.name === column)) return ident(column).text
    throw noStub(where, [column], 'a column that this source does not feed')
  }
  if (rule === false) throw noStub(where, [column], 'a column that this source does not feed')
  if (typeof rule === 'string' || isVia(rule)) return rule
  if (isVocabulary(rule)) throw noStub(where, [column], 'words of a vocabulary')
  return rule.from
}

function noStub(where: string, columns: readonly string[], why: string): UsageError {
  return new UsageError(
    'mapping.parent',
    `${where}.parent: no stub can be made, the foreign key (${columns.join(', ')}) is ${why}`,
    {
      hint: "Say parent: 'journal', or feed the foreign key by an expression over the old row.",
    },
  )
}
