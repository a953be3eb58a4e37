import type { CatalogColumn } from '../catalog/types.ts'
import { formatCount } from '../lib/progress-line.ts'
import { literal } from '../lib/sql.ts'
import { familyOf } from '../overlap/column-family.ts'
import type { KeyProfile, Pair } from '../overlap/overlap-document.ts'
import type { ColumnSpec } from '../spec/config.ts'
import type { ColumnFacts } from './design-facts.ts'
import { type CheckPlan, type ColumnPlan, question, type Remark, reason } from './design-plan.ts'
import { castBetween, type Domains, type FittedType, fitType, plainType } from './fit-type.ts'
import type { ColumnClass } from './group-columns.ts'
import { plainName } from './plain-name.ts'
import { readTexts } from './text-types.ts'

/** What a column is planned from, beside its old ones. */
export interface ColumnContext {
  /** Names of all sources: a column that some lack is null in their rows. */
  readonly sources: readonly string[]
  readonly facts: readonly ColumnFacts[]
  readonly pairs: readonly Pair[]
  readonly keys: readonly KeyProfile[]
  readonly domains: Domains
}

export interface PlannedColumn {
  readonly column: ColumnPlan
  /** Every row has a value, though no source asks for it. */
  readonly isFilled: boolean
  /** By source: what its mapping says; missing where the column maps by itself. */
  readonly feeds: ReadonlyMap<string, { readonly spec: string | ColumnSpec; readonly remarks: readonly Remark[] }>
}

export function planColumn(one: ColumnClass, context: ColumnContext): PlannedColumn {
  const columns = one.members.map(({ column }) => column)
  const large = findHundredfold(one, context.pairs)
  const fitted =
    large.size > 0
      ? plainType('numeric', 'numeric, as one side is divided by 100')
      : fitType(
          columns,
          isUuidText(one, context.keys) ? 'uuid' : readTexts(membersOf(one), context.facts),
          context.domains,
        )
  const feeds = new Map<string, { spec: string | ColumnSpec; remarks: Remark[] }>()
  for (const { table, column } of one.members) {
    const feed = large.has(table.name) ? divide(column, one.name) : castBetween(column, fitted, one.name)
    const why = large.has(table.name)
      ? [reason('a hundred times what the others hold, by the overlap'), question('Is 0 to 1 the unit that you want?')]
      : []
    if (feed !== null) feeds.set(table.name, { spec: feed, remarks: why })
    else if (column.name !== one.name) feeds.set(table.name, { spec: plainName(column.name), remarks: [] })
  }
  const filled = tellFilled(one, context)
  const remarks = [
    ...tellMembers(one, context.sources),
    ...(fitted.why.endsWith('as it is') ? [] : [reason(fitted.why)]),
    ...(fitted.doubt === null ? [] : [question(fitted.doubt)]),
    ...filled.remarks,
  ]
  const members = one.members.map(({ table, column }) => ({ table: table.name, column: column.name }))
  const preset = chooseDefault(columns, fitted)
  const shape = shapeOf(one.name, fitted, columns[0], filled.notNull, preset)
  return { column: { name: one.name, shape, remarks, members }, isFilled: filled.couldBe === true, feeds }
}

/** The catalog's view of a new column. */
export function shapeOf(
  name: string,
  { type, baseType, typeCategory, equalitySchema }: Omit<FittedType, 'why' | 'doubt'>,
  like: CatalogColumn | undefined,
  notNull: boolean,
  preset: Pick<CatalogColumn, 'default' | 'defaultIsConstant'>,
): CatalogColumn {
  const isSame = like?.type === type
  return {
    ...{ name, position: 0, type, baseType, typeCategory, equalitySchema, notNull, ...preset },
    ...{ nullableType: isSame ? like.nullableType : null, typeOid: isSame ? like.typeOid : 0 },
    ...{ generated: null, identity: null, sequence: null, collation: isSame ? like.collation : null },
  }
}

function divide(column: CatalogColumn, name: string): ColumnSpec {
  const [old, own] = [plainName(column.name), plainName(name)]
  const from =
    familyOf(column) === 'integer' || column.baseType === 'numeric' ? `${old} / 100.0` : `${old}::numeric / 100`
  const back = column.baseType === 'numeric' ? `${own} * 100` : `(${own} * 100)::${column.type}`
  return { from, back }
}

/** Tables whose column holds a hundred times the value that others hold, in most rows that differ. */
function findHundredfold(one: ColumnClass, pairs: readonly Pair[]): Set<string> {
  const [large, small] = [new Set<string>(), new Set<string>()]
  const isMember = (table: string, column: string): boolean =>
    one.members.some((member) => member.table.name === table && member.column.name === column)
  for (const { left, right, columns } of pairs)
    for (const compared of columns) {
      const scaled = compared.nearly.find(
        ({ how, count }) => how.includes('100 times') && count * 2 > compared.conflicting,
      )
      if (!scaled || compared.equal > scaled.count) continue
      if (!isMember(left, compared.left) || !isMember(right, compared.right)) continue
      const rightIsLarge = scaled.how.startsWith('the right')
      large.add(rightIsLarge ? right : left)
      small.add(rightIsLarge ? left : right)
    }
  return [...large].some((table) => small.has(table)) ? new Set() : large
}

function membersOf({ members }: ColumnClass): { readonly table: string; readonly column: CatalogColumn }[] {
  return members.map(({ table, column }) => ({ table: table.name, column }))
}

function isUuidText(one: ColumnClass, keys: readonly KeyProfile[]): boolean {
  return one.members.every(({ table, column }) => {
    if (column.baseType === 'uuid') return true
    const profile = keys.find((key) => key.table === table.name && key.columns.join() === column.name)
    return profile?.spelling != null && holdsUuids(profile.spelling)
  })
}

/** Nearly all: what is none goes into the journal, and a question says how many. */
export function holdsUuids(spelling: NonNullable<KeyProfile['spelling']>): boolean {
  return spelling.uuids > 19 * (spelling.digits + spelling.others)
}

function tellMembers({ members, name }: ColumnClass, sources: readonly string[]): Remark[] {
  const told = members.map(({ table, column }) => (column.name === name ? table.name : `${table.name}.${column.name}`))
  const all = members.length === sources.length && members.every(({ column }) => column.name === name)
  return all && sources.length > 1 ? [] : [reason(`from ${told.join(', ')}`)]
}

function tellFilled(
  { members }: ColumnClass,
  { sources, facts }: ColumnContext,
): { notNull: boolean; couldBe?: true; remarks: Remark[] } {
  if (members.length < sources.length) return { notNull: false, remarks: [] }
  const measured = members.map(({ table, column }) =>
    facts.find((one) => one.table === table.name && one.column === column.name),
  )
  const known = measured.flatMap((one) => one ?? [])
  const empty = known.reduce((sum, one) => sum + one.nulls, 0)
  const rows = known.reduce((sum, one) => sum + one.rows, 0)
  const declared = members.filter(({ column }) => column.notNull)
  if (declared.length === members.length) return { notNull: true, remarks: [reason('NOT NULL in every source')] }
  if (known.length < members.length || rows === 0 || empty > 0) {
    const text = `${formatCount(empty)} rows of ${formatCount(rows)} have none, so it may be null`
    return { notNull: false, remarks: [reason(rows > 0 && empty > 0 ? text : 'it may be null in its sources')] }
  }
  if (declared.length > 0) {
    const where = declared.map(({ table }) => table.name).join(', ')
    return { notNull: true, remarks: [reason(`NOT NULL in ${where}, and no row of ${formatCount(rows)} lacks it`)] }
  }
  return {
    notNull: false,
    couldBe: true,
    remarks: [reason(`it may be null in its sources, but no row of ${formatCount(rows)} lacks it`)],
  }
}

const NO_DEFAULT = { default: null, defaultIsConstant: false }

/** That of the first source, where its type stays; what draws from a sequence is the old table's own. */
function chooseDefault(
  columns: readonly CatalogColumn[],
  to: FittedType,
): Pick<CatalogColumn, 'default' | 'defaultIsConstant'> {
  const given = columns.find(
    (column) => column.default !== null && column.generated === null && column.type === to.type,
  )
  if (!given || given.sequence !== null || given.collation === undefined) return NO_DEFAULT
  return { default: given.default, defaultIsConstant: given.defaultIsConstant }
}

/** Longer ones are no words, but text. */
const LONGEST_WORD = 40

/** Words from elsewhere than the data, and where from: `which code writes`. */
export interface MoreWords {
  readonly words: readonly string[]
  readonly whence: string
}

/** The words that the data holds, and more, as a CHECK; null where they aren't few, or not known. */
export function planWords(
  { name, members }: ColumnClass,
  shape: CatalogColumn,
  facts: readonly ColumnFacts[],
  more: readonly MoreWords[],
): CheckPlan | null {
  if (shape.typeCategory !== 'S') return null
  const lists = members.flatMap(({ table, column }) => {
    const found = facts.find((one) => one.table === table.name && one.column === column.name)
    return found?.words ? [{ table: table.name, words: found.words }] : []
  })
  const stored = [...new Set(lists.flatMap(({ words }) => words))]
  const words = [...new Set([...stored, ...more.flatMap((one) => one.words)])].sort()
  if (lists.length < members.length || stored.length === 0) return null
  if (words.some((word) => word.length > LONGEST_WORD || word.includes('\0'))) return null
  const differ = lists.length > 1 && lists.some((one) => one.words.join('\0') !== lists[0]?.words.join('\0'))
  const quoted = (list: readonly string[]): string => list.map((word) => `'${word.replaceAll("'", "''")}'`).join(', ')
  const others = more.flatMap(({ words: all, whence }) => {
    const own = all.filter((word) => !stored.includes(word))
    return own.length > 0 ? [`${quoted(own)}, ${whence}`] : []
  })
  const condition = `${plainName(name)} in (${words.map((word) => literal(word).text.trim()).join(', ')})`
  return {
    condition,
    remarks: [
      reason([`all ${name} that the data holds`, ...others].join('; and ')),
      ...(differ
        ? [
            question(
              `The words differ: ${lists.map((one) => `${one.table} has ${quoted(one.words)}`).join('; ')}. Do some mean the same? Then map them: ${name}: { values: { old: 'new' } }.`,
            ),
          ]
        : []),
      question(`Can ${name} get another word later? A row with one would wait in the journal.`),
    ],
  }
}
