import type { Operation } from '../interaction.ts'

/** What DDL says, in the order in which it runs. */
export type Definition =
  | { readonly kind: 'table'; readonly schema: string | null; readonly name: string; readonly table: TableShape }
  | {
      readonly kind: 'columns'
      readonly schema: string | null
      readonly name: string
      readonly columns: readonly string[]
    }
  | { readonly kind: 'rename'; readonly schema: string | null; readonly name: string; readonly to: string }
  | { readonly kind: 'move'; readonly schema: string | null; readonly name: string; readonly to: string }
  | { readonly kind: 'drop'; readonly schema: string | null; readonly name: string }
  | { readonly kind: 'unique'; readonly schema: string | null; readonly name: string; readonly unique: Unique }
  | { readonly kind: 'sequence'; readonly schema: string | null; readonly name: string }
  | { readonly kind: 'trigger'; readonly schema: string | null; readonly name: string; readonly routine: string }
  | { readonly kind: 'routine'; readonly routine: CatalogRoutine }

export interface TableShape {
  readonly isView: boolean
  readonly columns: readonly string[]
  /** False where it has columns that nothing names (`like`, `inherits`, `select *`). */
  readonly complete: boolean
}

/** A named constraint or index that says which columns are unique together. */
export interface Unique {
  readonly name: string
  readonly columns: readonly string[]
}

export interface CatalogTable extends TableShape {
  /** Null where the DDL doesn't say, so wherever the search path leads: `public` in general. */
  readonly schema: string | null
  readonly name: string
  readonly uniques: readonly Unique[]
  /** It was dropped or renamed in the end. */
  readonly gone: boolean
}

export interface CatalogRoutine {
  readonly schema: string | null
  readonly name: string
  /** What its body does. */
  readonly touches: readonly { readonly schema: string | null; readonly table: string; readonly operation: Operation }[]
}

/**
 * What a project's DDL (its migrations, schema dumps) says of its database: a plain value. All by unqualified name, since
 * code and DDL may each say the schema or not. A table has all columns that it ever had: files of a folder of migrations
 * aren't always in order, and it must never look as if a column could not be meant.
 */
export interface SqlCatalog {
  readonly tables: ReadonlyMap<string, readonly CatalogTable[]>
  readonly routines: ReadonlyMap<string, readonly CatalogRoutine[]>
  readonly sequences: ReadonlySet<string>
  readonly triggers: readonly { readonly schema: string | null; readonly table: string; readonly routine: string }[]
}

export const EMPTY_CATALOG: SqlCatalog = buildSqlCatalog([])

export function buildSqlCatalog(definitions: Iterable<Definition>): SqlCatalog {
  const tables = new Map<string, CatalogTable[]>()
  const routines = new Map<string, CatalogRoutine[]>()
  const sequences = new Set<string>()
  const triggers: { schema: string | null; table: string; routine: string }[] = []
  for (const definition of definitions) {
    if (definition.kind === 'routine') addRoutine(routines, definition.routine)
    else if (definition.kind === 'sequence') sequences.add(definition.name)
    else if (definition.kind === 'trigger')
      triggers.push({ schema: definition.schema, table: definition.name, routine: definition.routine })
    else changeTable(tables, definition)
  }
  return { tables, routines, sequences, triggers }
}

type TableDefinition = Exclude<Definition, { kind: 'routine' | 'sequence' | 'trigger' }>

function changeTable(tables: Map<string, CatalogTable[]>, definition: TableDefinition): void {
  const { schema, name } = definition
  const before = pick(tables.get(name), schema)
  const table = before ?? { schema, name, isView: false, columns: [], complete: false, uniques: [], gone: false }
  if (definition.kind === 'table') {
    const { isView, columns, complete } = definition.table
    const isComplete = complete && (before === undefined || before.complete)
    put(tables, { ...table, isView, columns: joined(table.columns, columns), complete: isComplete, gone: false })
  } else if (definition.kind === 'columns') {
    put(tables, { ...table, columns: joined(table.columns, definition.columns) })
  } else if (definition.kind === 'unique') {
    put(tables, { ...table, uniques: [...table.uniques, definition.unique] })
  } else if (before !== undefined) {
    put(tables, { ...table, gone: true })
    if (definition.kind === 'rename') put(tables, { ...table, name: definition.to })
    if (definition.kind === 'move') put(tables, { ...table, schema: definition.to })
  }
}

function put(tables: Map<string, CatalogTable[]>, table: CatalogTable): void {
  const others = (tables.get(table.name) ?? []).filter((one) => !isSameSchema(one.schema, table.schema))
  tables.set(table.name, [...others, table])
}

function addRoutine(routines: Map<string, CatalogRoutine[]>, routine: CatalogRoutine): void {
  const others = (routines.get(routine.name) ?? []).filter((one) => !isSameSchema(one.schema, routine.schema))
  routines.set(routine.name, [...others, routine])
}

/** The table that code means; undefined where the DDL has none of that name, or several that could be meant. */
export function findTable(catalog: SqlCatalog, schema: string | null, name: string): CatalogTable | undefined {
  return pick(catalog.tables.get(name), schema)
}

export function findRoutine(catalog: SqlCatalog, schema: string | null, name: string): CatalogRoutine | undefined {
  return pick(catalog.routines.get(name), schema)
}

/** The columns of a conflict target that is given by the name of a constraint. */
export function findUnique(table: CatalogTable | undefined, constraint: string): readonly string[] | undefined {
  return table?.uniques.find((unique) => unique.name === constraint)?.columns
}

function pick<T extends { readonly schema: string | null }>(
  of: readonly T[] | undefined,
  schema: string | null,
): T | undefined {
  const same = of?.find((one) => isSameSchema(one.schema, schema))
  return same ?? (schema === null && of?.length === 1 ? of[0] : undefined)
}

function isSameSchema(a: string | null, b: string | null): boolean {
  return (a ?? 'public') === (b ?? 'public')
}

function joined(columns: readonly string[], more: readonly string[]): string[] {
  return [...new Set([...columns, ...more])]
}
