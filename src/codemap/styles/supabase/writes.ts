import type { Access } from '../../access.ts'
import type { Operation } from '../../interaction.ts'
import { itemsOf, literalsOf, membersOf, memberValue, textOf } from '../../read-value.ts'
import type { Value } from '../../value.ts'

/** The methods of `from('posts')`, of which the first one called decides. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ['select', 'select'],
  ['insert', 'insert'],
  ['update', 'update'],
  ['upsert', 'upsert'],
  ['delete', 'delete'],
])

/** The columns and values of the rows that a call writes. */
export function addRows(access: Access, rows: Value | undefined): void {
  for (const row of itemsOf(rows).items) {
    const { members, complete } = membersOf(row)
    if (!complete || row.kind !== 'object') access.unknownColumns()
    for (const [column, value] of members) {
      access.written([column])
      for (const literal of literalsOf(value)) access.value(column, literal)
    }
  }
}

/** `{ onConflict: 'a,b' }` */
export function addConflict(access: Access, options: Value | undefined): void {
  const target = textOf(memberValue(options, 'onConflict'))
  if (target !== null) access.conflict(target.split(',').map((name) => name.trim()))
}
