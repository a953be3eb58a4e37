import type { Sql } from 'postgres'

// biome-ignore lint/suspicious/noExplicitAny: of whichever types the caller has set.
export type AnySql = Sql<any>

type Handler = ((query: OpenQuery) => void) & { debug?: unknown }

/** A statement of `postgres` as it is before it is handed to its pool: the parts of it that its types don't show. */
export interface OpenQuery extends Promise<unknown> {
  readonly strings: readonly string[]
  readonly args: readonly unknown[]
  readonly tagged: boolean
  readonly options: { readonly simple?: boolean; readonly prepare?: boolean | undefined }
  readonly isRaw?: boolean | 'values'
  readonly cursorFn?: unknown
  readonly forEachFn?: unknown
  readonly onlyDescribe?: boolean
  readonly streaming?: boolean
  handler: Handler
  canceller: ((query: OpenQuery) => unknown) | null
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
  values?(): unknown
  cancel(): unknown
}

/** What a statement will be sent as. */
export interface Statement {
  readonly text: string
  readonly values: readonly unknown[]
  /** The values with the types that they were given. */
  readonly parameters: readonly unknown[]
}

/** Whether `sql(…)` gave a statement; a helper for identifiers or values can't be sent. */
export function isOpenQuery(made: unknown): made is OpenQuery {
  const { handler, strings, resolve } = (made ?? {}) as Partial<OpenQuery>
  return typeof handler === 'function' && Array.isArray(strings) && typeof resolve === 'function'
}

/** Whether its caller waits for all rows at once. */
export function wantsAllRows(query: OpenQuery): boolean {
  const { cursorFn, forEachFn, onlyDescribe, streaming } = query
  return cursorFn === undefined && forEachFn === undefined && !onlyDescribe && !streaming
}

interface Builder {
  build(before: string, parameters: unknown[], types: number[], options: unknown): string
}

/**
 * Text and values as the driver will send them, fragments and helpers included. Throws where the driver will: for an
 * undefined value, say.
 */
export function readStatement(sql: AnySql, query: OpenQuery): Statement {
  const { args, strings, tagged } = query
  const [whole] = strings
  if (typeof whole !== 'string') throw new TypeError('the text is no string')
  if (!tagged) return { text: whole, values: args, parameters: args }
  // Before 3.1, when statements had no such method, a fragment was written in another way.
  if (typeof query.values !== 'function') throw new TypeError('this version writes fragments in another way')
  const values: unknown[] = []
  const types: number[] = []
  // The driver writes a statement within a list of values as a fragment, in parentheses.
  const list = (sql as unknown as (row: object) => Builder)({ query })
  const text = list.build('values ', values, types, sql.options).slice(1, -1)
  return { text, values, parameters: values.map((value, at) => sql.typed(value, types[at] ?? 0)) }
}

const corrected = new WeakSet<object>()

/**
 * Has the stack that the driver keeps for errors of a statement end at the caller of `entry` again: it keeps as many calls
 * as lead there, and `entry` is one more.
 */
export function correctOrigin(query: OpenQuery, entry: (...args: never[]) => unknown): void {
  if (!query.tagged || query.handler.debug) return
  for (const symbol of Object.getOwnPropertySymbols(query)) {
    const origin: unknown = Reflect.get(query, symbol)
    if (!(origin instanceof Error) || corrected.has(origin)) continue
    corrected.add(origin)
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 1
    Error.captureStackTrace(origin, entry)
    Error.stackTraceLimit = stackTraceLimit
  }
}
