import type { Place } from './interaction.ts'

/** `file#function`, the function as an interaction names it; `file#` is the level of the module. */
export type FunctionId = string

/** What makes code run again and again. */
export type LoopKind = 'timer' | 'schedule' | 'loop' | 'queue' | 'request' | 'event'

/** A place that runs a function again and again: `setInterval(planJob, …)`, `app.get('/posts', list)`. */
export interface Loop extends Place {
  readonly kind: LoopKind
  readonly runs: FunctionId
}

/** The texts of the expressions that one interaction puts into columns: `posts.body` ← `draft.text`. */
export interface WrittenExpressions extends Place {
  readonly table: string
  readonly columns: Readonly<Record<string, string>>
}

/** What the queries know of a program besides its interactions. Files are paths from the root, with slashes. */
export interface CodeGraph {
  readonly files: readonly string[]
  readonly imports: readonly (readonly [from: string, to: string])[]
  readonly calls: readonly (readonly [caller: FunctionId, callee: FunctionId])[]
  /** Files that something outside of the code starts: `main`, `bin` and scripts of package.json, a framework's routes. */
  readonly entries: readonly string[]
  readonly loops: readonly Loop[]
  readonly written: readonly WrittenExpressions[]
}

/** The function around a place as the graph names it. */
export function functionId(file: string, name: string | null): FunctionId {
  return `${file}#${name ?? ''}`
}
