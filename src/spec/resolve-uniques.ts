import type { CatalogIndex, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import type { UniqueSpec } from './config.ts'
import type { SourceMapping, TargetMapping, UniqueRule } from './mapping.ts'
import { resolvePick } from './pick.ts'
import type { ResolveContext } from './resolve-context.ts'
import { addUniqueIndexes, plainColumn, uniqueLookups } from './unique-indexes.ts'

/** The units with the unique keys that the old data may break; the indexes that finding equal rows needs are asked for. */
export function resolveUniques(units: readonly TargetMapping[], context: ResolveContext): TargetMapping[] {
  return units.map((unit) => {
    const table = newTable(unit, context)
    const uniques = rulesOf(unit, table, units, context)
    for (const rule of uniques) addUniqueIndexes(unit, rule, context)
    return { ...unit, uniques }
  })
}

function rulesOf(
  unit: TargetMapping,
  table: CatalogTable,
  units: readonly TargetMapping[],
  context: ResolveContext,
): UniqueRule[] {
  const where = `tables.${unit.relation.name}.unique`
  const spec = context.config.tables[unit.relation.name]
  const given = new Map(
    Object.entries((spec?.kind === 'merge' ? spec.unique : undefined) ?? {}).map(([columns, rule]) => [
      setOf(columns.split(',').map((name) => name.trim())),
      { rule, columns },
    ]),
  )
  const all = table.indexes.filter((index) => index.unique && index.valid && !isKey(unit, index))
  const followed = all.filter((index) => isFollowed(unit, index))
  for (const [set, { columns }] of given) {
    if (followed.some((index) => setOf(index.columns) === set)) continue
    throw new UsageError(
      'mapping.unique',
      `${where}: (${columns}) is no unique key of ${table.name} that sources feed`,
      {
        hint: `Its unique keys are: ${followed.map((index) => index.columns.join(', ')).join('; ') || 'none beside its key'}.`,
      },
    )
  }
  for (const index of all) if (!followed.includes(index)) noteUnfollowed(unit, index, context)
  const once = new Map(followed.map((index) => [setOf(index.columns), index.columns as readonly string[]]))
  return [...once].flatMap(([set, columns]) => {
    const rule = given.get(set)?.rule
    if (rule === undefined && holdsAlready(unit, columns, context)) return []
    noteSharedUnique(unit, columns, units, context)
    return [resolveRule(unit, columns, rule ?? {}, `${where}.${given.get(set)?.columns ?? columns.join(',')}`, context)]
  })
}

function resolveRule(
  unit: TargetMapping,
  columns: readonly string[],
  rule: UniqueSpec,
  where: string,
  context: ResolveContext,
): UniqueRule {
  const fed = unit.columns.map((column) => column.name)
  const inOrder = [
    ...columns.filter((name) => isDirect(unit, name)),
    ...columns.filter((name) => !isDirect(unit, name)),
  ]
  return {
    columns: inOrder,
    lookups: uniqueLookups(unit, inOrder[0] ?? '', context),
    pick: rule.pick === undefined ? null : resolvePick(rule.pick, fed, `${where}.pick`),
    otherwise: rule.otherwise ?? 'journal',
  }
}

/** Old rows are found by its value best: it is what a source gives, and nothing else. */
function isDirect(unit: TargetMapping, name: string): boolean {
  const column = unit.columns.find((c) => c.name === name)
  const filled = column?.otherwise != null || column?.absent != null
  return !filled && column?.rule.kind !== 'expression' && !unit.key.some((key) => key.name === name)
}

/** What holds the key has no other row under it. */
function isKey(unit: TargetMapping, index: CatalogIndex): boolean {
  const own = unit.kind === 'merge' ? unit.key : unit.handle
  return own.length > 0 && own.every((column) => index.columns.includes(column.name))
}

function isFollowed(unit: TargetMapping, index: CatalogIndex): boolean {
  const fed = (name: string | null): boolean => unit.columns.some((column) => column.name === name)
  return index.immediate && index.predicate === null && index.columns.every(fed)
}

function noteUnfollowed(unit: TargetMapping, index: CatalogIndex, context: ResolveContext): void {
  const own = index.columns.every((name) => name !== null && unit.ownColumns.includes(name))
  if (own) return
  context.notes.push(
    `${unit.name}: unique index ${index.name} has a condition, an expression or a column of its own; of rows that break it the first to come stays, the others go to the journal.`,
  )
}

/** One old table gives all of it, as it is, and keeps it unique itself. */
function holdsAlready(unit: TargetMapping, columns: readonly string[], context: ResolveContext): boolean {
  const feeding = unit.sources.filter((s) => columns.some((name) => s.feeds.some((feed) => feed.column === name)))
  const [only, more] = feeding
  if (!only || more || only.base.name !== only.relation.name) return false
  const filled = unit.columns.some((c) => columns.includes(c.name) && (c.otherwise !== null || c.absent !== null))
  if (filled && unit.sources.length > 1) return false
  const old = columns.map((name) => plainColumn(unit, only, name, context)?.name)
  return oldTable(only, context).indexes.some(
    (index) =>
      index.unique && index.valid && index.immediate && index.predicate === null && setOf(index.columns) === setOf(old),
  )
}

/** Several old tables appended to one: each unit looks at its own rows alone. */
function noteSharedUnique(
  unit: TargetMapping,
  columns: readonly string[],
  units: readonly TargetMapping[],
  context: ResolveContext,
): void {
  const others = units.filter((other) => other !== unit && other.relation.name === unit.relation.name)
  const feeds = (other: TargetMapping): boolean =>
    columns.every((name) => other.columns.some((column) => column.name === name))
  const note = `${unit.relation.name}: several sources feed the unique key (${columns.join(', ')}); of rows of different sources that are equal in it the first to come stays, the others go to the journal.`
  if (others.some(feeds) && !context.notes.includes(note)) context.notes.push(note)
}

function setOf(names: readonly (string | null | undefined)[]): string {
  return JSON.stringify([...names].sort())
}

function newTable(unit: TargetMapping, { catalog }: ResolveContext): CatalogTable {
  const found = catalog.tables.find((t) => t.schema === unit.relation.schema && t.name === unit.relation.name)
  if (!found) throw new Error(`${unit.relation.name} has left the catalog`)
  return found
}

function oldTable(s: SourceMapping, { catalog }: ResolveContext): CatalogTable {
  const found = catalog.tables.find((t) => t.schema === s.base.schema && t.name === s.base.name)
  if (!found) throw new Error(`${s.base.name} has left the catalog`)
  return found
}
