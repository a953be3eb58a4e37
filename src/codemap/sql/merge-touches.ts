import type { Literal } from '../interaction.ts'
import { sortLiterals } from '../sort-literals.ts'
import type { SqlAccess } from './parse-statements.ts'
import type { Role, Touch } from './touch.ts'

/**
 * One access for each table and operation, in the order of the text; the readings of the same text with other choices become one.
 */
export function mergeTouches(readings: readonly (readonly Touch[])[]): SqlAccess[] {
  const groups = new Map<string, Touch[]>()
  for (const touch of readings.flat()) {
    const { schema, table, operation, routine } = touch
    const key = JSON.stringify([schema, table, operation, routine])
    const group = groups.get(key)
    if (group) group.push(touch)
    else groups.set(key, [touch])
  }
  return [...groups.values()].map(mergeGroup).sort((a, b) => a.offset - b.offset)
}

function mergeGroup(group: readonly Touch[]): SqlAccess {
  const [first] = group as readonly [Touch, ...Touch[]]
  const columns = (role: Role) => [...new Set(group.flatMap((touch) => [...touch.columns[role]]))].sort()
  const values = new Map<string, Set<Literal>>()
  for (const [column, literals] of group.flatMap((touch) => [...touch.values]))
    values.set(column, new Set([...(values.get(column) ?? []), ...literals]))
  return {
    schema: first.schema,
    ...(group.every((touch) => touch.isSchemaOpen) ? { isSchemaOpen: true } : {}),
    table: first.table,
    operation: first.operation,
    columns: {
      read: columns('read'),
      written: columns('written'),
      filtered: columns('filtered'),
      ordered: columns('ordered'),
      known: group.every((touch) => touch.known),
    },
    returning: group.some((touch) => touch.returning),
    conflict: [...new Set(group.flatMap((touch) => [...touch.conflict]))].sort(),
    values: Object.fromEntries(
      [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([column, set]) => [column, sortLiterals(set)]),
    ),
    offset: first.offset,
    origin: first.origin,
    routine: first.routine,
  }
}
