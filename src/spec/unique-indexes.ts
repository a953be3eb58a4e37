import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { ident } from '../lib/sql.ts'
import { parseExpression } from './expression.ts'
import type { Feed, SourceMapping, TargetMapping, UniqueLookup, UniqueRule } from './mapping.ts'
import { addIndex, isLeftByBuild } from './needed-index.ts'
import type { ResolveContext } from './resolve-context.ts'
import { safeCast } from './safe-cast.ts'
import { fixedText, isText, isTextType, keepsIdentity } from './types-fit.ts'

/** The old column that a source feeds to this new one as it is; undefined for anything that is computed. */
export function plainColumn(
  unit: TargetMapping,
  s: SourceMapping,
  name: string,
  { catalog }: ResolveContext,
): CatalogColumn | undefined {
  const type = unit.columns.find((column) => column.name === name)?.baseType ?? ''
  const table = catalog.tables.find((t) => t.schema === s.base.schema && t.name === s.base.name)
  const feed = s.feeds.find((f) => f.column === name)
  const old = table?.columns.find((column) => column.name === feed?.uses[0])
  if (!old || !keepsIdentity(old, type)) return undefined
  return feed?.from === `${ident(s.relation.name, old.name).text}::${type}` ? old : undefined
}

/** How old rows are found that may have a value in this column of the new table; empty where only all rows will do. */
export function uniqueLookups(unit: TargetMapping, name: string, context: ResolveContext): UniqueLookup[] {
  const column = unit.columns.find((c) => c.name === name)
  if (!column || column.rule.kind === 'expression') return []
  const place = unit.key.findIndex((key) => key.name === name)
  const otherwise = column.otherwise ?? column.absent
  return unit.sources.flatMap((s) => {
    const feed = s.feeds.find((f) => f.column === name)
    const own = place >= 0 ? (s.key[place] ?? null) : feed === undefined ? null : neverRaising(feed, s, context)
    if (own === null && otherwise === null) return []
    return [
      { source: s.ordinal, sql: own, otherwise: otherwise === null ? null : `(${otherwise})::${column.baseType}` },
    ]
  })
}

const SAFE_TYPES: { readonly [written: string]: string } = {
  int: 'integer',
  int4: 'integer',
  int8: 'bigint',
  int2: 'smallint',
  decimal: 'numeric',
}

/** Rows are looked through that have nothing to do with the one that is written: a misfit among them must not make it fail. */
function neverRaising(feed: Feed, s: SourceMapping, { catalog }: ResolveContext): string {
  if (s.links.some((link) => link.column === feed.column)) return feed.from
  const parsed = parseExpression(feed.from, feed.column)
  const inner = parsed.inner === null ? null : parseExpression(parsed.inner, feed.column)
  if (!inner?.column || inner.cast === null) return feed.from
  const table = catalog.tables.find((t) => t.schema === s.relation.schema && t.name === s.relation.name)
  const old = table?.columns.find((column) => column.name === inner.column)
  const [type, outer] = [inner.cast, parsed.cast ?? ''].map((written) => SAFE_TYPES[written] ?? written)
  if (!old || !isText(old) || type === undefined || type !== outer) return feed.from
  return safeCast(ident(s.relation.name, old.name).text, type) ?? feed.from
}

/** Rows with an equal value are looked up in each source by the first unique column: that needs an index there. */
export function addUniqueIndexes(unit: TargetMapping, rule: UniqueRule, context: ResolveContext): void {
  const [name = ''] = rule.columns
  if (unit.key.some((key) => key.name === name)) return
  const column = unit.columns.find((c) => c.name === name)
  if (column?.rule.kind === 'expression') noteScan(unit, rule, 'all sources', 'it is computed over several', context)
  for (const s of unit.sources) {
    const feed = s.feeds.find((f) => f.column === name)
    const table = context.catalog.tables.find((t) => t.schema === s.base.schema && t.name === s.base.name)
    if (!feed || !table) continue
    if (s.relation.name !== s.base.name) {
      noteScan(unit, rule, s.relation.name, 'it is a view', context)
      continue
    }
    const old = plainColumn(unit, s, name, context)
    if (old && hasColumnIndex(table, old, column?.baseType ?? '')) continue
    if (!old && !canBeIndexed(feed, s, name, table)) {
      noteScan(
        unit,
        rule,
        s.relation.name,
        'an index over its expression could fail a write of the application',
        context,
      )
      continue
    }
    const long = old ? isText(old) && !isShort(old) : true
    addIndex(context.indexes, {
      number: unit.number,
      table,
      parts: [feed.from],
      purpose: `by ${name}, which ${unit.relation.name} wants unique`,
      ...(long ? { method: 'hash' as const } : {}),
    })
  }
}

function noteScan(unit: TargetMapping, rule: UniqueRule, source: string, why: string, context: ResolveContext): void {
  context.notes.push(
    `${unit.name}: to find rows with equal (${rule.columns.join(', ')}), ${source} is read from end to end at each write: ${why}.`,
  )
}

function hasColumnIndex(table: CatalogTable, old: CatalogColumn, type: string): boolean {
  // To the planner varchar is text under a label; any other cast hides the column from its index.
  if (old.baseType !== type && !(type === 'text' && old.baseType === 'character varying')) return false
  return table.indexes.some(
    (index) =>
      index.valid &&
      !isLeftByBuild(index) &&
      index.predicate === null &&
      (index.method === 'btree' || index.method === 'hash') &&
      index.columns[0] === old.name,
  )
}

/** So short that a btree's page always takes it, at four bytes for a character. */
function isShort(column: CatalogColumn): boolean {
  const length = Number(/\((\d+)\)$/.exec(column.type)?.[1] ?? Number.POSITIVE_INFINITY)
  return length <= 600
}

/** Text made of columns by functions that can't raise and that depend on no setting. */
function canBeIndexed(feed: Feed, s: SourceMapping, name: string, table: CatalogTable): boolean {
  if (s.links.some((link) => link.column === name)) return false
  const parsed = parseExpression(feed.from, name)
  const inner = parsed.inner === null ? null : parseExpression(parsed.inner, name)
  if (!inner?.total || !isTextType(parsed.cast ?? '') || /concat/i.test(inner.text)) return false
  return feed.uses.every((use) => {
    const column = table.columns.find((c) => c.name === use)
    return column !== undefined && fixedText('', column.baseType) !== null
  })
}
