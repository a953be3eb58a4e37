import type { CatalogTable } from '../catalog/types.ts'
import { parseExpression } from '../spec/expression.ts'
import type { DesignFacts } from './design-facts.ts'
import { type CheckPlan, type ColumnPlan, question, reason } from './design-plan.ts'
import type { ColumnClass } from './group-columns.ts'
import { planWords } from './plan-column.ts'
import { staysAsItIs } from './plan-security.ts'
import { readWordList } from './word-list.ts'

export interface CheckInput {
  readonly tables: readonly CatalogTable[]
  readonly classes: readonly ColumnClass[]
  readonly columns: readonly ColumnPlan[]
  readonly facts: DesignFacts
}

/** Of columns that hold a few words, and those that the sources have already. */
export function planChecks({ tables, classes, columns, facts }: CheckInput): CheckPlan[] {
  const carried = carriedChecks(tables, columns)
  const listed = new Set(carried.flatMap(({ condition }) => (condition && readWordList(condition)?.column) || []))
  const worded = new Map<ColumnClass, CheckPlan>()
  for (const one of classes) {
    const column = columns.find(({ name }) => name === one.name)
    if (!column || listed.has(one.name)) continue
    const more = [
      { words: writtenWords(column, facts), whence: 'which code writes' },
      ...allowedWords(one).map(({ table, words }) => ({ words, whence: `which ${table} allows` })),
    ]
    const words = planWords(one, column.shape, facts.columns, more)
    if (words !== null) worded.set(one, words)
  }
  const settled = [...worded.keys()].flatMap(allowedWords).map(({ condition }) => condition)
  return [...worded.values(), ...carried, ...askedChecks(tables, columns, settled)]
}

/** What the checks of the sources let its old columns hold. */
function allowedWords({ members }: ColumnClass): { table: string; condition: string; words: readonly string[] }[] {
  return members.flatMap(({ table, column }) =>
    conditionsOf(table).flatMap((condition) => {
      const list = readWordList(condition)
      return list?.column === column.name ? [{ table: table.name, condition, words: list.words }] : []
    }),
  )
}

/** Literals that code writes to it, under any of its old names. */
function writtenWords({ members }: ColumnPlan, { interactions }: DesignFacts): string[] {
  const written = (interactions ?? []).filter((one) => one.operation !== 'select' && one.operation !== 'delete')
  const values = written.flatMap((one) =>
    members
      .filter(({ table }) => table === one.table)
      .flatMap(({ column }) => (one.columns.written.includes(column) ? (one.values?.[column] ?? []) : [])),
  )
  return [...new Set(values.filter((value) => typeof value === 'string'))].sort()
}

/** One that all sources have over columns that stay as they are holds for every new row. */
function carriedChecks(tables: readonly CatalogTable[], columns: readonly ColumnPlan[]): CheckPlan[] {
  return [...ownersOfChecks(tables)].flatMap(([condition, owners]) =>
    isCarried(condition, owners, tables, columns)
      ? [{ condition, remarks: [reason(`${owners.join(', ')} ${owners.length > 1 ? 'have' : 'has'} it already`)] }]
      : [],
  )
}

/** Of the others a person must say; but of lists of words that the new column's own list holds. */
function askedChecks(
  tables: readonly CatalogTable[],
  columns: readonly ColumnPlan[],
  settled: readonly string[],
): CheckPlan[] {
  return [...ownersOfChecks(tables)].flatMap(([condition, owners]) => {
    if (settled.includes(condition) || isCarried(condition, owners, tables, columns)) return []
    const asked = `In ${owners.join(', ')} there is CHECK (${condition}), which not every source has over the same columns. Shall it hold here?`
    return [{ condition: null, remarks: [question(asked)] }]
  })
}

function isCarried(
  condition: string,
  owners: readonly string[],
  tables: readonly CatalogTable[],
  columns: readonly ColumnPlan[],
): boolean {
  const read = parseExpression(condition, 'check').columns
  return owners.length === tables.length && read.every((name) => staysAsItIs(name, tables, columns))
}

/** By condition the tables that have it. */
function ownersOfChecks(tables: readonly CatalogTable[]): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const table of tables)
    for (const condition of conditionsOf(table)) found.set(condition, [...(found.get(condition) ?? []), table.name])
  return found
}

function conditionsOf(table: CatalogTable): string[] {
  return table.constraints.flatMap(({ kind, definition }) => {
    const condition = /^CHECK \((.*)\)(?: NO INHERIT)?(?: NOT VALID)?$/s.exec(definition)?.[1]
    return kind === 'check' && condition !== undefined ? [condition] : []
  })
}
