import type { Access } from '../access.ts'
import { rowMembers } from '../styles/row-members.ts'
import { atomsOf, type Value } from '../value.ts'
import { type Query, type Term, use } from './query.ts'

/** How a library tells what stands in a row. */
export interface RowReader {
  readonly query: Query
  readonly target: Access
  /** What a value names that is no plain value. */
  readonly terms: (value: Value) => readonly Term[]
  /** What a callback gives, where the library takes one for a row. */
  readonly called?: (callback: Value) => Value
}

/** Rows that are inserted, or what is set: objects, lists of such, callbacks that give them. */
export function writeRows(reader: RowReader, value: Value | undefined): void {
  if (!value) return
  for (const atom of atomsOf(value)) {
    if (atom.kind === 'function' && reader.called) writeRows(reader, reader.called(atom))
    else if (atom.kind === 'array') {
      for (const item of atom.items) writeRows(reader, item)
      if (atom.items.length === 0 && !atom.complete) reader.target.unknownColumns()
    } else if (atom.kind === 'object' || atom.kind === 'instance') {
      const { members, complete } = rowMembers(atom)
      for (const [name, member] of members) writeColumns(reader, [name], member)
      if (!complete) reader.target.unknownColumns()
    } else if (atom.kind !== 'literal') reader.target.unknownColumns()
  }
}

/** Columns that get one value. */
export function writeColumns({ query, target, terms }: RowReader, columns: readonly string[], value: Value): void {
  const names = columns.map((column) => column.split('.').at(-1) ?? column)
  if (names.length === 0) target.unknownColumns()
  target.written(names)
  for (const atom of atomsOf(value)) {
    if (atom.kind === 'text') for (const name of names) target.value(name, atom.text)
    if (atom.kind === 'literal' && atom.value !== undefined) for (const name of names) target.value(name, atom.value)
  }
  use(query, 'read', terms(value))
}
