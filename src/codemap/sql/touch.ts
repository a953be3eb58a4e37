import type { Literal, Operation } from '../interaction.ts'
import type { Definition, SqlCatalog } from './catalog.ts'
import { holdsHole, withoutHoles } from './fill-holes.ts'

export type Role = 'read' | 'written' | 'filtered' | 'ordered'

/** What one statement does to one table, while the statement is walked. */
export interface Touch {
  readonly schema: string | null
  /** It is written, and hides behind a hole. */
  readonly isSchemaOpen?: true
  readonly table: string
  operation: Operation
  /** Of the table's name in the text that is walked, in UTF-16 units. */
  readonly offset: number
  /** Of the part of the text that its name stands in. */
  readonly origin: unknown
  readonly routine: string | null
  readonly columns: Readonly<Record<Role, Set<string>>>
  known: boolean
  returning: boolean
  readonly conflict: Set<string>
  readonly values: Map<string, Set<Literal>>
}

/** What can't be told of a statement. */
export interface Gap {
  readonly operation: Operation | null
  readonly reason: string
  readonly offset: number
  readonly origin: unknown
  /** It is the name of one table: all else is known. */
  readonly isTable: boolean
  /** The whole text doesn't parse. */
  readonly isUnparsed: boolean
  readonly routine: string | null
}

/** A parameter of the statement: what it may be where that is known, and whether it may be more than a value. */
export interface Parameter {
  readonly literals: readonly Literal[]
  readonly isFragment: boolean
}

/** What is known while a statement is walked, and what has been found. */
export interface Walk {
  readonly catalog: SqlCatalog
  readonly touches: Touch[]
  readonly gaps: Gap[]
  readonly definitions: Definition[]
  /** Names that are variables of the routine around, or its arguments. */
  readonly variables: ReadonlySet<string>
  readonly parameter: (number: number) => Parameter
  readonly indexOf: (byte: number) => number
  /** The function or procedure in whose body the statement stands. */
  readonly routine: string | null
  /** A catalog (or a larger one) could tell more: it must be walked again once there is one. */
  unsure: boolean
}

export interface Named {
  readonly schemaname?: string
  readonly relname?: string
  /** In bytes, as the parser counts. */
  readonly location?: number
  /** In UTF-16 units, where the parser tells no place. */
  readonly offset?: number
}

export function openTouch(walk: Walk, relation: Named, operation: Operation): Touch {
  const table = relation.relname ?? ''
  const touch: Touch = {
    // Names with pg_ in front of them are found in pg_catalog before the search path is.
    schema: relation.schemaname ?? (table.startsWith('pg_') ? 'pg_catalog' : null),
    table,
    operation,
    offset: relation.offset ?? walk.indexOf(relation.location ?? 0),
    origin: undefined,
    routine: walk.routine,
    columns: { read: new Set(), written: new Set(), filtered: new Set(), ordered: new Set() },
    known: true,
    returning: false,
    conflict: new Set(),
    values: new Map(),
  }
  walk.touches.push(touch)
  return touch
}

export function addGap(walk: Walk, offset: number, reason: string, more: Partial<Gap> = {}): void {
  walk.gaps.push({
    operation: null,
    reason: withoutHoles(reason),
    offset,
    origin: undefined,
    isTable: false,
    isUnparsed: false,
    routine: walk.routine,
    ...more,
  })
}

/** A column whose name is a hole can't be told, so the table's columns aren't known. */
export function noteColumn(touch: Touch, role: Role, column: string): void {
  if (holdsHole(column)) touch.known = false
  else if (!SYSTEM_COLUMNS.has(column)) touch.columns[role].add(column)
}

export function noteValues(touch: Touch, column: string, literals: readonly Literal[]): void {
  const known = literals.filter((literal) => typeof literal !== 'string' || !holdsHole(literal))
  if (known.length === 0 || holdsHole(column)) return
  const values = touch.values.get(column) ?? new Set()
  for (const literal of known) values.add(literal)
  touch.values.set(column, values)
}

const SYSTEM_COLUMNS = new Set(['ctid', 'xmin', 'xmax', 'cmin', 'cmax', 'tableoid'])
