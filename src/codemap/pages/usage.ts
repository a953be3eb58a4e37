import type { Interaction, Operation } from '../interaction.ts'
import type { InteractionMap } from '../interaction-map.ts'
import { compareText, operationsOf, tableKey } from '../queries/tables.ts'

/** What one file does with one table. */
export interface Usage {
  readonly file: string
  readonly table: string
  readonly interactions: readonly Interaction[]
  readonly operations: readonly Operation[]
}

/** By table, the files with the most accesses first. Calls of database functions and DDL are no data. */
export function collectUsages({ interactions }: Pick<InteractionMap, 'interactions'>): Map<string, Usage[]> {
  const byTable = new Map<string, Map<string, Interaction[]>>()
  for (const one of interactions) {
    if (one.operation === 'rpc' || one.operation === 'ddl') continue
    const key = tableKey(one.schema, one.table)
    const files = byTable.get(key) ?? new Map<string, Interaction[]>()
    byTable.set(key, files)
    const known = files.get(one.file)
    if (known) known.push(one)
    else files.set(one.file, [one])
  }
  return new Map(
    [...byTable].map(([table, files]) => {
      const usages = [...files].map(([file, own]): Usage => {
        return { file, table, interactions: own, operations: operationsOf(own) }
      })
      usages.sort((a, b) => b.interactions.length - a.interactions.length || compareText(a.file, b.file))
      return [table, usages]
    }),
  )
}
