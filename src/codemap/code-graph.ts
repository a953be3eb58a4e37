import type { Place } from './interaction.ts'

/**
 * `file#function`, the function as an interaction names it; `file#` is the level of the module. A callback without a
 * name that a loop runs is one of its own: `file#function:line:column`.
 */
export type FunctionId = string

/** What makes code run again and again. */
export type LoopKind = 'timer' | 'schedule' | 'loop' | 'queue' | 'request' | 'event'

/** A place that runs functions again and again: `setInterval(planJob, …)`, `app.get('/posts', list)`. */
export interface Loop extends Place {
  readonly kind: LoopKind
  /** `GET /posts`, `0 4 * * *`, the name of a queue or of an event; null where there is none. */
  readonly label: string | null
  /** The function by which people know it: that which it runs, or that in which a callback without a name stands. */
  readonly job: FunctionId
  readonly runs: readonly FunctionId[]
}

/** From where to where a callback stands that a loop runs. */
export interface Callback {
  readonly id: FunctionId
  readonly file: string
  readonly from: Position
  readonly to: Position
}

interface Position {
  readonly line: number
  readonly column: number
}

/** The texts of the expressions that one interaction puts into columns: `posts.body` ← `draft.text`. */
export interface WrittenExpressions extends Place {
  readonly table: string
  readonly columns: Readonly<Record<string, string>>
}

/** What the DDL of a project says of a table or a view. */
export interface Relation {
  readonly schema: string | null
  readonly name: string
  readonly isView: boolean
  /** It was dropped or renamed in the end. */
  readonly gone: boolean
  readonly columns: readonly string[]
}

/** What the queries know of a program besides its interactions. Files are paths from the root, with slashes. */
export interface CodeGraph {
  readonly files: readonly string[]
  readonly imports: readonly (readonly [from: string, to: string])[]
  readonly calls: readonly (readonly [caller: FunctionId, callee: FunctionId])[]
  /** Files that something outside of the code starts: `main`, `bin` and scripts of package.json, a framework's routes. */
  readonly entries: readonly string[]
  readonly loops: readonly Loop[]
  readonly callbacks: readonly Callback[]
  readonly written: readonly WrittenExpressions[]
  readonly relations: readonly Relation[]
}

/** The function around a place as the graph names it. */
export function functionId(file: string, name: string | null): FunctionId {
  return `${file}#${name ?? ''}`
}
