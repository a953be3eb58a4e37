import type { Relation } from '../code-graph.ts'
import { referencesTo } from '../suspects/name-tokens.ts'
import { groupBy } from './group-by.ts'
import type { TableFacts } from './table-facts.ts'
import { idOf, isRead, mergeColumns, tableKey } from './tables.ts'

/** Columns that say when and by whom, not what. */
const ASIDE = /^(id|(created|updated|deleted|inserted)_?(at|on|by)?|position|order|sort)$/i

/** Whether the columns name rows of other tables and hardly anything else: a table between two others. */
export function isLinkTable(columns: Iterable<string>): boolean {
  const telling = [...columns].filter((column) => !ASIDE.test(column))
  return telling.length >= 2 && telling.every((column) => /(_id|Id|_uuid)$/.test(column))
}

/**
 * Link tables whose two sides are read by one function, by key: an embed of many to many (PostgREST, Prisma) reads the
 * table between them without naming it. Gives the sentence that says so.
 */
export function findLinks(facts: readonly TableFacts[], relations: readonly Relation[]): Map<string, string> {
  const declared = new Map(relations.map((one) => [tableKey(one.schema, one.name), one.columns]))
  const readTogether = collectReadTogether(facts)
  const owners = new Map<string, TableFacts[]>()
  for (const table of facts) {
    for (const reference of referencesTo(table.name)) owners.set(reference, [...(owners.get(reference) ?? []), table])
  }
  const links = new Map<string, string>()
  for (const { key, interactions } of facts) {
    const { read, written, filtered } = mergeColumns(interactions)
    const columns = new Set([...read, ...written, ...filtered, ...(declared.get(key) ?? [])])
    if (!isLinkTable(columns)) continue
    const sides = [...columns].flatMap((column) => owners.get(column) ?? []).filter((side) => side.key !== key)
    const pair = sides
      .flatMap((one) => sides.map((other) => [one.key, other.key] as const))
      .find(([one, other]) => one < other && readTogether.has(`${one}\n${other}`))
    if (pair) links.set(key, `It links ${pair[0]} and ${pair[1]}, which are read together; that goes through it.`)
  }
  return links
}

function collectReadTogether(facts: readonly TableFacts[]): Set<string> {
  const reads = facts.flatMap(({ key, running }) =>
    running.filter((one) => isRead(one.operation)).map((one) => ({ key, id: idOf(one) })),
  )
  const pairs = new Set<string>()
  for (const own of groupBy(reads, (one) => one.id).values()) {
    const keys = [...new Set(own.map((one) => one.key))].sort()
    for (const [at, one] of keys.entries()) for (const other of keys.slice(at + 1)) pairs.add(`${one}\n${other}`)
  }
  return pairs
}
