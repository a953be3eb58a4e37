import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { ident } from '../lib/sql.ts'
import { parseExpression } from './expression.ts'
import type { Feed, SourceMapping, TargetMapping, UniqueRule } from './mapping.ts'
import { addIndex } from './needed-index.ts'
import type { ResolveContext } from './resolve-context.ts'
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
