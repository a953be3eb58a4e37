import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { formatCount } from '../lib/progress-line.ts'
import type { OverlapGroup, Pair } from '../overlap/overlap-document.ts'
import type { AppendTable, MergeTable } from '../spec/config.ts'
import type { DesignFacts } from './design-facts.ts'
import { question, type Remark, reason, type TargetPlan } from './design-plan.ts'
import { plainType } from './fit-type.ts'
import { type ColumnClass, groupColumns } from './group-columns.ts'
import { planChecks } from './plan-checks.ts'
import { type PlannedColumn, planColumn, shapeOf } from './plan-column.ts'
import { tellConflicts, tellUnmatched } from './plan-conflicts.ts'
import { planIndexes } from './plan-indexes.ts'
import { findRepeated, type KeyMember, type KeyPlan, keyExpression, pairsByKey } from './plan-key.ts'
import { type PlannedLink, planLinks } from './plan-links.ts'
import { planSecurity } from './plan-security.ts'
import { planUniques } from './plan-uniques.ts'
import { findReferring, isSurrogate, tellSurrogates } from './surrogates.ts'

export interface TargetInput {
  readonly group: OverlapGroup
  /** In order of precedence. */
  readonly tables: readonly CatalogTable[]
  readonly key: KeyPlan | null
  readonly name: string
  readonly remarks: readonly Remark[]
}

/** One new table: merged by its key, or appended where rows of one key are facts of their own. */
export function planTarget(input: TargetInput, facts: DesignFacts): TargetPlan {
  const { key, tables, name } = input
  const repeated = key === null ? null : findRepeated(key)
  const merged = key !== null && repeated === null ? key : null
  const own = merged === null ? ['id'] : merged.parts.map((part) => part.name)
  const names = tables.map((table) => table.name)
  const inGroup = facts.overlap.pairs.filter((pair) => names.includes(pair.left) && names.includes(pair.right))
  const pairs = key === null ? inGroup : pairsByKey(key, inGroup)
  const isKey = (table: CatalogTable, column: CatalogColumn): boolean =>
    merged?.members.some((one) => one.table === table && one.columns.includes(column)) ?? false
  const isLeftOut = (table: CatalogTable, column: CatalogColumn): boolean =>
    isKey(table, column) || (isSurrogate(table, column) && findReferring(table, column, facts).length === 0)
  const classes = groupColumns(tables, pairs, { isLeftOut, isOwn: isSurrogate }, own)
  const sourceNames = tables.map((table) => table.name)
  const context = {
    sources: sourceNames,
    facts: facts.columns,
    pairs,
    keys: facts.overlap.keys,
    domains: facts.domains,
  }
  const planned = classes.map((one) => planColumn(one, context))
  const links = planLinks(tables, planned, key, merged !== null, facts)
  const columns = [
    ...(merged === null ? [handleColumn()] : keyColumns(merged)),
    ...planned.map(({ column }) => (links.nullable.has(column.name) ? asNullable(column) : column)),
  ]
  const sources = Object.fromEntries(
    tables.map((table) => [
      table.name,
      sourceSpec({ table, merged, classes, planned, links: links.found, own, pairs }),
    ]),
  )
  const rule: MergeTable | AppendTable =
    merged === null ? { kind: 'append', sources } : { kind: 'merge', key: wordOrList(own), sources }
  const surrogates = tables.flatMap((table) =>
    tellSurrogates(table, merged?.members.find((one) => one.table === table) ?? null, facts),
  )
  const uniques = planUniques(tables, columns, own, pairs)
  return {
    name,
    remarks: [
      ...input.remarks,
      tellKind(tables, merged, repeated),
      ...tellUncompared(inGroup, pairs),
      ...surrogates,
      ...tellFilledColumns(planned),
    ],
    columns,
    primaryKey: own,
    uniques,
    checks: planChecks({ tables, classes, columns, facts }),
    indexes: planIndexes({
      ...{ name, tables, columns, primaryKey: own, interactions: facts.interactions },
      // Those that two sources share may turn out not to hold.
      uniques: uniques.filter(({ isHeld }) => isHeld).map((unique) => unique.columns),
    }),
    security: planSecurity(tables, columns),
    rule: merged === null ? rule : withReverse(rule as MergeTable, tables, columns),
    ruleRemarks: {
      ...remarksOf(tables, planned, links.found, merged, pairs, context.sources),
    },
  }
}

function tellKind(tables: readonly CatalogTable[], merged: KeyPlan | null, repeated: KeyMember | null): Remark {
  if (merged !== null)
    return reason(
      `one row for each ${merged.parts.map((part) => part.name).join(', ')}: the rows that share it are merged, column by column`,
    )
  const own = 'so every old row stays a row of its own'
  if (repeated === null)
    return question(
      `${tables.map((table) => table.name).join(', ')} have no key in common, ${own}. Is there a way to tell which belong together?`,
    )
  const { table, columns, profile } = repeated
  const names = columns.map((column) => column.name).join(', ')
  if (profile === null) return question(`The keys of ${table.name} could not be counted, ${own}. Is ${names} unique?`)
  const share = `${formatCount(profile.rowsOfDuplicatedKeys)} of ${formatCount(profile.rows)} rows`
  return question(
    `In ${table.name} ${share} share their ${names} with another, ${own}. Are they facts of their own, or versions of one row (then: merge)?`,
  )
}

/** Conflicts and units are known only of tables that the overlap joined by the key. */
function tellUncompared(all: readonly Pair[], used: readonly Pair[]): Remark[] {
  const other = all.filter((pair) => !used.includes(pair)).map((pair) => `${pair.left} and ${pair.right}`)
  return other.length === 0
    ? []
    : [reason(`${other.join(', ')} were not compared by this key, so where they disagree is not known`)]
}

function tellFilledColumns(planned: readonly PlannedColumn[]): Remark[] {
  const names = planned.filter(({ isFilled }) => isFilled).map(({ column }) => column.name)
  return names.length === 0 ? [] : [question(`No row lacks ${names.join(', ')}. Should they be NOT NULL?`)]
}

function keyColumns({ parts, members, remarks }: KeyPlan): TargetPlan['columns'] {
  return parts.map(({ name, type }, at) => {
    const olds = members.flatMap(({ table, columns }) => {
      const column = columns[at]
      return column ? [{ table: table.name, column }] : []
    })
    const preset = olds.find(
      ({ column }) => column.default !== null && column.sequence === null && column.type === type.type,
    )?.column
    const shape = shapeOf(name, type, olds[0]?.column, true, {
      default: preset?.default ?? null,
      defaultIsConstant: preset?.defaultIsConstant ?? false,
    })
    const draws = parts.length === 1 && olds.some(({ column }) => column.sequence !== null)
    return {
      name,
      shape: draws ? { ...shape, identity: 'by default', default: null, defaultIsConstant: false } : shape,
      remarks: at === 0 ? remarks : [],
      members: olds.map(({ table, column }) => ({ table, column: column.name })),
    }
  })
}

function wordOrList(names: readonly string[]): string | readonly string[] {
  const [only, ...more] = names
  return only !== undefined && more.length === 0 ? only : names
}

/** Each appended row draws its own. */
function handleColumn(): TargetPlan['columns'][number] {
  const shape = shapeOf('id', plainType('bigint', ''), undefined, true, { default: null, defaultIsConstant: false })
  return {
    name: 'id',
    shape: { ...shape, identity: 'by default' },
    remarks: [reason('drawn for each row that comes')],
    members: [],
  }
}

function asNullable(column: TargetPlan['columns'][number]): TargetPlan['columns'][number] {
  return { ...column, shape: { ...column.shape, notNull: false } }
}

interface SourceParts {
  readonly table: CatalogTable
  readonly merged: KeyPlan | null
  readonly classes: readonly ColumnClass[]
  readonly planned: readonly PlannedColumn[]
  readonly links: readonly PlannedLink[]
  readonly own: readonly string[]
  readonly pairs: readonly Pair[]
}

function sourceSpec({
  table,
  merged,
  classes,
  planned,
  links,
  own,
  pairs,
}: SourceParts): MergeTable['sources'][string] {
  const columns: NonNullable<MergeTable['sources'][string]['columns']>[string][] = []
  const entries: [string, (typeof columns)[number]][] = []
  for (const [at, { column, feeds }] of planned.entries()) {
    const feed = feeds.get(table.name)
    const link = links.find((one) => one.table === table.name && one.column === column.name)
    const isMember = classes[at]?.members.some((one) => one.table === table) ?? false
    if (feed !== undefined) entries.push([column.name, feed.spec])
    else if (link !== undefined) entries.push([column.name, link.via])
    // A column of that name that is another fact must not map by itself.
    else if (!isMember && table.columns.some((one) => one.name === column.name && !own.includes(one.name)))
      entries.push([column.name, false])
  }
  const member = merged?.members.find((one) => one.table === table)
  const rest = entries.length > 0 ? { columns: Object.fromEntries(entries) } : {}
  if (merged === null) return rest
  if (member === undefined) return { ...linkedKey(table, links), ...rest }
  const { key, back } = keyExpression(member, merged)
  const newest = latestOf(member, pairs)
  return { key, ...(newest === null ? {} : { latestBy: newest }), ...rest, ...(back === null ? {} : { back }) }
}

function linkedKey(table: CatalogTable, links: readonly PlannedLink[]): Pick<MergeTable['sources'][string], 'key'> {
  const link = links.find((one) => one.table === table.name && one.column === null)
  return link === undefined ? {} : { key: link.via }
}

/** Of several rows with one key the newest counts, where a column says which. */
function latestOf({ table, profile }: Pick<KeyMember, 'table' | 'profile'>, pairs: readonly Pair[]): string | null {
  if (profile === null || profile.duplicatedKeys === 0) return null
  for (const { left, right, newerBy } of pairs) {
    if (newerBy !== null && left === table.name) return newerBy.left
    if (newerBy !== null && right === table.name) return newerBy.right
  }
  return null
}

/** A native insert makes a row in each old table that it can fill, since code on the old names reads them all. */
function withReverse(rule: MergeTable, tables: readonly CatalogTable[], columns: TargetPlan['columns']): MergeTable {
  const fillable = tables.filter((table) =>
    table.columns.every((column) => {
      if (!column.notNull || column.default !== null || column.identity !== null || column.generated !== null)
        return true
      return columns.some(({ members }) =>
        members.some((one) => one.table === table.name && one.column === column.name),
      )
    }),
  )
  const reverse = fillable.map((table) => table.name)
  return reverse.length > 0 ? { ...rule, reverse } : rule
}

function remarksOf(
  tables: readonly CatalogTable[],
  planned: readonly PlannedColumn[],
  links: readonly PlannedLink[],
  merged: KeyPlan | null,
  pairs: readonly Pair[],
  sources: readonly string[],
): { [path: string]: Remark[] } {
  const remarks: { [path: string]: Remark[] } = {}
  const add = (path: string, more: readonly Remark[]): void => {
    if (more.length > 0) remarks[path] = [...(remarks[path] ?? []), ...more]
  }
  for (const { column, feeds } of planned)
    for (const [table, feed] of feeds) add(`sources.${table}.columns.${column.name}`, feed.remarks)
  for (const link of links)
    add(
      link.column === null ? `sources.${link.table}.key` : `sources.${link.table}.columns.${link.column}`,
      link.remarks,
    )
  for (const { table, profile } of merged?.members ?? []) {
    if (profile === null || profile.duplicatedKeys === 0) continue
    const newest = latestOf({ table, profile }, pairs)
    const which = newest === null ? 'the first by its primary key counts' : `the newest by ${newest} counts`
    add(`sources.${table.name}`, [
      question(
        `${formatCount(profile.duplicatedKeys)} keys have several rows here; ${which}. Are they versions of one row?`,
      ),
    ])
  }
  if (merged !== null) {
    add('sources', [reason(`in order of precedence: the first that has a value gives it (${sources.join(', ')})`)])
    for (const { path, remark } of tellConflicts(planned, pairs, tables)) add(path, [remark])
    add('reverse', [
      reason('a row that is made by the new name gets one in each of these, which code on the old names reads'),
    ])
  } else add('sources', tellUnmatched(planned, pairs, tables))
  return remarks
}
