import type { CatalogTable } from '../catalog/types.ts'
import type { Interaction } from '../codemap/interaction.ts'
import type { OverlapDocument, OverlapGroup } from '../overlap/overlap-document.ts'
import { findIdentity } from '../spec/find-tables.ts'
import type { DesignFacts } from './design-facts.ts'
import { question, type Remark, reason } from './design-plan.ts'

export interface ChosenSources {
  /** In order of precedence. */
  readonly tables: readonly CatalogTable[]
  readonly remarks: readonly Remark[]
}

const WRITES: readonly string[] = ['insert', 'update', 'upsert'] satisfies Interaction['operation'][]

/** Which tables of a group feed the new one; of those that don't a remark says why. */
export function chooseSources(group: OverlapGroup, facts: DesignFacts): ChosenSources {
  const remarks: Remark[] = []
  const tables = group.tables.flatMap((name) => {
    const table = facts.catalog.tables.find((one) => one.schema === facts.oldSchema && one.name === name)
    const why = whyNot(name, table, facts)
    if (why !== null) remarks.push(why)
    if (why === null && facts.interactions !== null && !isTouched(name, facts))
      remarks.push(
        question(`The map saw no code that touches ${name}, but not all accesses say their table. Can it go?`),
      )
    return table === undefined || why !== null ? [] : [table]
  })
  const weigh = (table: CatalogTable): number[] => [
    countWrites(table.name, facts.interactions),
    keysOf(table.name, group, facts.overlap),
    table.columns.length,
  ]
  const ordered = [...tables].sort((a, b) => compare(weigh(b), weigh(a)))
  return { tables: ordered, remarks }
}

function whyNot(name: string, table: CatalogTable | undefined, facts: DesignFacts): Remark | null {
  if (table === undefined)
    return question(`${name} is not in schema ${facts.oldSchema}, so it is left out. Should it be a source?`)
  if (table.kind !== 'table' && table.kind !== 'partitioned table')
    return reason(`${name} is a ${table.kind}: it holds no rows of its own`)
  try {
    findIdentity(table, table, name)
  } catch {
    return question(`${name} has no primary key, so it is left out. Can you give it one?`)
  }
  const unreadable = facts.overlap.tables.find((one) => one.name === name)?.unreadable
  if (unreadable)
    return question(`${name} could not be read (${unreadable}), so it is left out. Should it be a source?`)
  if (facts.mapIsWhole && !isTouched(name, facts))
    return question(`No code that the map saw touches ${name}, so it is left out. Has it rows that are nowhere else?`)
  return null
}

function isTouched(name: string, { interactions }: DesignFacts): boolean {
  return interactions?.some((one) => one.table === name) ?? false
}

function countWrites(name: string, interactions: readonly Interaction[] | null): number {
  return (interactions ?? []).filter((one) => one.table === name && WRITES.includes(one.operation)).length
}

function keysOf(name: string, group: OverlapGroup, { keys, identities }: OverlapDocument): number {
  const identity = identities.find((one) => one.name === group.key)
  const isKey = (column: string | undefined): boolean =>
    identity?.members.some((one) => one.table === name && one.column === column) ?? false
  return Math.max(0, ...keys.filter((key) => key.table === name && isKey(key.columns[0])).map((key) => key.keys))
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [at, one] of a.entries()) if (one !== b[at]) return one - (b[at] ?? 0)
  return 0
}
