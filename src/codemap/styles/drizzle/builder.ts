import type { Access } from '../../access.ts'
import type { Operation } from '../../interaction.ts'
import { literalsOf, membersOf } from '../../read-value.ts'
import type { SqlCatalog } from '../../sql/catalog.ts'
import type { Site } from '../../style.ts'
import { atomsOf, unknown, type Value } from '../../value.ts'
import { rowMembers } from '../row-members.ts'
import { columnName } from './casing.ts'
import { columnOf } from './tables.ts'
import { usesOf } from './terms.ts'
import {
  allOf,
  type BuilderOf,
  type DatabaseOf,
  drizzleOf,
  type Role,
  type Source,
  type TableOf,
  type Use,
} from './values.ts'

/** What the model of one run keeps. */
export interface DrizzleRun {
  /** What the project's migrations say of its tables. */
  readonly catalog: SqlCatalog
  /** The casings of all `drizzle()` calls. */
  readonly casings: Set<DatabaseOf['casing']>
}

/** Opens the access of a table; null in a query that only describes. */
export function openTable(
  run: DrizzleRun,
  database: DatabaseOf,
  table: TableOf,
  operation: Operation,
  site: Site,
): Access | null {
  if (database.quiet) return null
  return site.open({
    table: table.name,
    schema: table.schema,
    operation,
    key: table.id,
    transaction: database.transaction,
    columnName: (name) => columnName(name, casingOf(run, database)),
  })
}

/** A database known by its type has the casing that all others have. */
export function casingOf({ casings }: DrizzleRun, database: DatabaseOf) {
  if (database.casing !== undefined) return database.casing
  const [only] = casings
  return casings.size === 1 && only !== undefined ? only : null
}

export function startBuilder(kind: BuilderOf['kind'], database: DatabaseOf, fields: Value | null): BuilderOf {
  return { is: 'builder', kind, database, sources: [], subqueries: [], fields, uses: [], inner: [] }
}

/** Adds what `from`, a join, or the start of a write names: a table, a subquery, or SQL. */
export function addSource(
  run: DrizzleRun,
  builder: BuilderOf,
  what: Value,
  operation: Operation,
  site: Site,
): BuilderOf {
  const sources = allOf(what, 'table').map(
    (table): Source => ({ table, access: openTable(run, builder.database, table, operation, site) }),
  )
  const subqueries = allOf(what, 'subquery')
  if (!builder.database.quiet && sources.length + subqueries.length === 0)
    openUnknown(builder.database, what, operation, site)
  return settle({
    ...builder,
    sources: [...builder.sources, ...sources],
    subqueries: [...builder.subqueries, ...subqueries],
  })
}

/** What is no table of Drizzle that is known is listed as unresolved; SQL says by itself what it is. */
function openUnknown({ transaction }: DatabaseOf, what: Value, operation: Operation, site: Site): void {
  if (atomsOf(what).some((atom) => drizzleOf(atom) !== undefined)) return
  const [reason] = atomsOf(what).flatMap((atom) => (atom.kind === 'unknown' ? [atom.reason] : []))
  site.open({ table: unknown(reason ?? 'it is no table of Drizzle'), operation, transaction })
}

/** Adds what an expression names, in a role. */
export function addUses(builder: BuilderOf, role: Role, values: readonly (Value | undefined)[]): BuilderOf {
  const uses = values.flatMap(usesOf).map((use) => ({ ...use, role }))
  return settle({ ...builder, uses: [...builder.uses, ...uses], inner: [...builder.inner, ...innerAccesses(values)] })
}

function innerAccesses(values: readonly (Value | undefined)[]): Access[] {
  return values.flatMap((value) => allOf(value, 'builder').flatMap(accessesOf))
}

/** Everything that a query touches. */
export function accessesOf(builder: BuilderOf): Access[] {
  const own = builder.sources.flatMap(({ access }) => (access === null ? [] : [access]))
  return [...own, ...builder.subqueries.flatMap((sub) => accessesOf(sub.builder)), ...builder.inner]
}

/** Tells the accesses what is known of them by now; a column may be named before the join that brings its table. */
function settle(builder: BuilderOf): BuilderOf {
  const { sources, fields, uses, kind } = builder
  for (const { role, ...use } of uses) tell(sources, use, role)
  if (kind !== 'select') return builder
  if (fields === null) for (const { access } of sources) access?.unknownColumns()
  else {
    for (const use of usesOf(fields)) tell(sources, use, 'read')
    if (!membersOf(fields).complete) for (const { access } of sources) access?.unknownColumns()
  }
  return builder
}

function tell(sources: readonly Source[], use: Use, role: Role): void {
  const found = use.access ?? sources.find(({ table }) => table.id === use.column.table.id)?.access
  if (found === undefined || found === null) return
  if (use.whole === true) found.unknownColumns()
  else found[role](use.column.names)
  for (const name of use.column.names) for (const literal of use.literals) found.value(name, literal)
}

/** Notes the row that is written: `values({ … })`, `set({ … })`. */
export function writeRow(builder: BuilderOf, row: Value): BuilderOf {
  const [target] = builder.sources
  if (target === undefined) return builder
  const access = target.access
  const { members, complete } = rowMembers(row)
  if (!complete) access?.unknownColumns()
  const expressions: Value[] = []
  for (const [key, value] of members) {
    const column = columnOf(target.table, key)
    if (column === undefined || isUndefined(value)) continue
    access?.written(column.names)
    for (const name of column.names) for (const literal of literalsOf(value)) access?.value(name, literal)
    expressions.push(value)
  }
  return addUses(builder, 'read', expressions)
}

function isUndefined(value: Value): boolean {
  return atomsOf(value).every((atom) => atom.kind === 'literal' && atom.value === undefined)
}
