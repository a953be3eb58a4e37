import { findTable } from './catalog.ts'
import { noteColumn, type Role, type Touch, type Walk } from './touch.ts'

/** A column of a table that stands behind a column of a query. */
export interface Origin {
  readonly touch: Touch
  readonly column: string
}

/** The columns that a query gives. */
export interface Outputs {
  readonly columns: readonly Output[]
  /** Sources of which it gives every column. */
  readonly stars: readonly Source[]
  /** False where it gives columns that nothing tells of (of a function, of a hole). */
  readonly complete: boolean
}

export interface Output {
  readonly name: string | null
  readonly origins: readonly Origin[]
}

/** Something that columns come from: a table, or what gives rows like one. */
export interface Source {
  readonly name: string
  readonly schema: string | null
  readonly touch: Touch | null
  readonly outputs: Outputs | null
  /** Columns that it must have, since a join is made USING them. */
  readonly shared: Set<string>
  /** `excluded`, `old` and `new` are asked for by name only. */
  readonly hidden: boolean
}

export interface Scope {
  readonly sources: Source[]
  readonly parent: Scope | null
  readonly queries: Map<string, Outputs>
}

export const NOTHING: Outputs = { columns: [], stars: [], complete: true }

export function openScope(parent: Scope | null): Scope {
  return { sources: [], parent, queries: new Map() }
}

export function tableSource(touch: Touch, alias: string | undefined): Source {
  return {
    name: alias ?? touch.table,
    schema: alias ? null : touch.schema,
    touch,
    outputs: null,
    shared: new Set(),
    hidden: false,
  }
}

export function querySource(name: string, outputs: Outputs, hidden = false): Source {
  return { name, schema: null, touch: null, outputs, shared: new Set(), hidden }
}

/** The query of that name in a WITH around. */
export function findQuery(scope: Scope | null, name: string): Outputs | undefined {
  for (let at = scope; at !== null; at = at.parent) {
    const found = at.queries.get(name)
    if (found) return found
  }
  return undefined
}

/** Gives the columns of a query the names of an alias, by their position. */
export function renameOutputs(outputs: Outputs, names: readonly string[]): Outputs {
  if (names.length === 0) return outputs
  // Behind a star nobody can count.
  if (outputs.stars.length > 0 || !outputs.complete)
    return { columns: names.map((name) => ({ name, origins: [] })), stars: [], complete: false }
  return { ...outputs, columns: outputs.columns.map((one, at) => ({ ...one, name: names[at] ?? one.name })) }
}

/** Every table of which these sources give columns. */
function tablesOf(sources: readonly Source[]): Touch[] {
  return sources.flatMap((source) => {
    if (source.touch) return [source.touch]
    const named = source.outputs?.columns.flatMap((one) => one.origins.map((origin) => origin.touch)) ?? []
    return [...named, ...tablesOf(source.outputs?.stars ?? [])]
  })
}

/** Says of every table in the scope that its columns aren't known. */
export function forgetColumns(scope: Scope): void {
  for (const touch of tablesOf(scope.sources)) touch.known = false
}

/** What `*` or `name.*` gives: all columns of a table, so that they aren't known; of a query those that it names. */
export function readStar(sources: readonly Source[]): void {
  for (const source of sources) if (source.touch) source.touch.known = false
}

export function note(origins: readonly Origin[], role: Role): void {
  for (const { touch, column } of origins) noteColumn(touch, role, column)
}

/**
 * The columns of tables that a name stands for, by PostgreSQL's rules: the innermost query whose sources have it. Where
 * more than one source may have it and the catalog doesn't tell, none, and the columns of all of them aren't known.
 */
export function findColumn(path: readonly string[], scope: Scope, walk: Walk): readonly Origin[] {
  const [first = '', second, third] = path
  if (second === undefined) return findUnqualified(first, scope, walk)
  const [schema, relation, column] = third === undefined ? [null, first, second] : [first, second, third]
  const source = findSource(scope, schema, relation)
  return source ? originsIn(source, column, walk) : []
}

export function findSource(scope: Scope, schema: string | null, name: string): Source | undefined {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const found = at.sources.find(
      (source) => source.name === name && (schema === null || source.schema === null || source.schema === schema),
    )
    if (found) return found
  }
  return undefined
}

function findUnqualified(column: string, scope: Scope, walk: Walk): readonly Origin[] {
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const visible = at.sources.filter((source) => !source.hidden)
    const having = visible.map((source) => ({ source, has: hasColumn(source, column, walk) }))
    const sure = having.find((one) => one.has === 'yes')
    if (sure) return originsIn(sure.source, column, walk)
    const whole = at.sources.find((source) => source.name === column)
    if (whole) {
      readStar([whole])
      return []
    }
    if (walk.variables.has(column)) return []
    const maybe = having.filter((one) => one.has === 'maybe').map((one) => one.source)
    if (maybe.length === 0) continue
    const isOnly = maybe.length === 1
    if (!isOnly || at.parent !== null) walk.unsure = true
    if (isOnly && maybe[0]) return originsIn(maybe[0], column, walk)
    for (const touch of tablesOf(maybe)) touch.known = false
    return []
  }
  return []
}

type Has = 'yes' | 'no' | 'maybe'

function hasColumn(source: Source, column: string, walk: Walk): Has {
  if (source.shared.has(column)) return 'yes'
  if (source.touch) {
    const table = findTable(walk.catalog, source.touch.schema, source.touch.table)
    if (!table) return 'maybe'
    return table.columns.includes(column) ? 'yes' : table.complete ? 'no' : 'maybe'
  }
  const { columns, stars, complete } = source.outputs ?? NOTHING
  if (columns.some((one) => one.name === column)) return 'yes'
  const found = stars.map((star) => hasColumn(star, column, walk))
  if (found.includes('yes')) return 'yes'
  return found.includes('maybe') || !complete ? 'maybe' : 'no'
}

/** Of a source that has it: the column, or what the query that the source is makes it of. */
export function originsIn(source: Source, column: string, walk: Walk): readonly Origin[] {
  if (source.touch) return [{ touch: source.touch, column }]
  const named = source.outputs?.columns.find((one) => one.name === column)
  if (named) return named.origins
  const stars = source.outputs?.stars ?? []
  const having = stars.length === 1 ? stars : stars.filter((star) => hasColumn(star, column, walk) === 'yes')
  return having[0] ? originsIn(having[0], column, walk) : []
}
