import type { CatalogTable } from '../catalog/types.ts'
import { parseExpression } from '../spec/expression.ts'
import type { DesignFacts } from './design-facts.ts'
import { type CheckPlan, type ColumnPlan, question, reason } from './design-plan.ts'
import type { ColumnClass } from './group-columns.ts'
import { planWords } from './plan-column.ts'
import { staysAsItIs } from './plan-security.ts'

export interface CheckInput {
  readonly tables: readonly CatalogTable[]
  readonly classes: readonly ColumnClass[]
  readonly columns: readonly ColumnPlan[]
  readonly facts: DesignFacts
}

/** Of columns that hold a few words, and those that the sources have already. */
export function planChecks({ tables, classes, columns, facts }: CheckInput): CheckPlan[] {
  const words = classes.flatMap((one) => {
    const column = columns.find(({ name }) => name === one.name)
    return column ? (planWords(one, column.shape, facts.columns, writtenWords(column, facts)) ?? []) : []
  })
  return [...words, ...carriedChecks(tables, columns)]
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

/** One that all sources have over columns that stay as they are holds for every new row; of others a person must say. */
function carriedChecks(tables: readonly CatalogTable[], columns: readonly ColumnPlan[]): CheckPlan[] {
  const found = new Map<string, string[]>()
  for (const table of tables)
    for (const { kind, definition } of table.constraints) {
      const condition = /^CHECK \((.*)\)(?: NO INHERIT)?(?: NOT VALID)?$/s.exec(definition)?.[1]
      if (kind === 'check' && condition !== undefined)
        found.set(condition, [...(found.get(condition) ?? []), table.name])
    }
  return [...found].flatMap(([condition, owners]): CheckPlan[] => {
    const read = parseExpression(condition, 'check').columns
    if (owners.length < tables.length || !read.every((name) => staysAsItIs(name, tables, columns)))
      return [
        {
          condition: null,
          remarks: [
            question(
              `In ${owners.join(', ')} there is CHECK (${condition}), which not every source has over the same columns. Shall it hold here?`,
            ),
          ],
        },
      ]
    return [{ condition, remarks: [reason(`${owners.join(', ')} has it already`)] }]
  })
}
