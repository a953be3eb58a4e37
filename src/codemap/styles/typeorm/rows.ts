import type { Operation } from '../../interaction.ts'
import { itemsOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { rowMembers } from '../row-members.ts'
import { columnAt, type EntityAccess, foreignKeys, noteLiterals, openBetween } from './entity-access.ts'
import { linkOf } from './relations.ts'

/** What an instance was made with: `repository.create({ … })`. */
const made = new WeakMap<object, Value>()

/** Gives an instance of its own that remembers what it was made with. */
export function rememberData(instance: Value, data: Value | undefined): Value {
  if (instance.kind !== 'instance' || data === undefined) return instance
  const own = { ...instance }
  made.set(own, data)
  return own
}

/** Reads rows that are written: columns, foreign keys, and the tables between. */
export function writeRows(on: EntityAccess, rows: Value | undefined): void {
  if (rows === undefined) return
  const { items, complete } = itemsOf(rows)
  if (!complete && items.length === 0) on.access.unknownColumns()
  for (const item of items) writeRow(on, item)
}

function writeRow(on: EntityAccess, row: Value): void {
  for (const atom of atomsOf(row)) {
    const data = made.get(atom)
    if (data !== undefined) {
      writeRows(on, data)
      // More may be set on it before it is saved.
      on.access.unknownColumns()
    } else if (atom.kind === 'instance') on.access.unknownColumns()
    else writeMembers(on, '', atom)
  }
}

function writeMembers(on: EntityAccess, path: string, row: Value): void {
  const { members, complete } = rowMembers(row)
  if (!complete) on.access.unknownColumns()
  for (const [name, value] of members) {
    const full = path + name
    const column = columnAt(on, full)
    const relation = on.entity.relations.get(full)
    if (column !== undefined) {
      on.access.written([column])
      noteLiterals(on, column, value)
    } else if (relation !== undefined) {
      on.access.written(foreignKeys(on, relation))
      writeBetween(on, full)
    } else if (hasEmbedded(on, full)) writeMembers(on, `${full}.`, value)
  }
}

function hasEmbedded({ entity }: EntityAccess, path: string): boolean {
  return [...entity.columns.keys()].some((one) => one.startsWith(`${path}.`))
}

/** Saving a list of related rows makes the rows between them, and takes those away that aren't listed. */
function writeBetween(on: EntityAccess, path: string): void {
  const relation = on.entity.relations.get(path)
  if (relation?.kind !== 'many-to-many') return
  const between = linkOf(on.run, on.entity, relation, on.site)?.between
  if (!between) return
  openBetween(on, between, 'insert').written([...between.own, ...between.other])
  if (isOver(on.access.operation)) openBetween(on, between, 'delete').filtered([...between.own, ...between.other])
}

function isOver(operation: Operation | null): boolean {
  return operation === 'upsert' || operation === 'update'
}
