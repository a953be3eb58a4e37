import type { QueryConfig, QueryResult } from 'pg'

type QueryCallback = (error: Error | undefined, result?: QueryResult) => void

/** A call of `pool.query` that can be answered by either side. */
export interface Call {
  /** A copy: what pg does with a config object, such as setting its callback, doesn't reach the caller's. */
  readonly query: QueryConfig
  readonly withoutCallback: [text: string | QueryConfig, values?: unknown[]]
  readonly callback: QueryCallback | undefined
}

/**
 * Reads the arguments of `pool.query` as pg does: a text or a config object, then values, then a
 * callback, the last two optional. null for whatever else pg takes or refuses: an object with a
 * `submit` of its own, a callback inside the config, a value of no known kind.
 */
export function parseCall(args: readonly unknown[]): Call | null {
  const [first, second, third] = args
  const callback = typeof second === 'function' ? second : third
  const values = typeof second === 'function' ? undefined : second
  if (callback !== undefined && typeof callback !== 'function') return null
  if (values !== undefined && values !== null && !Array.isArray(values)) return null

  const query = typeof first === 'string' ? { text: first } : copyConfig(first)
  if (query === null) return null
  return {
    query: Array.isArray(values) ? { ...query, values } : query,
    withoutCallback: Array.isArray(values) ? [first as string | QueryConfig, values] : [first as string | QueryConfig],
    callback: callback as QueryCallback | undefined,
  }
}

function copyConfig(config: unknown): QueryConfig | null {
  if (typeof config !== 'object' || config === null) return null
  const { text, name, values, submit, callback } = config as Record<string, unknown>
  if (typeof text !== 'string' || submit !== undefined || callback !== undefined) return null
  if (name !== undefined && (typeof name !== 'string' || name === '')) return null
  // Spelled out, because tagged-template libraries give them as getters of a class.
  const copy: QueryConfig = { ...config, text }
  if (name !== undefined) copy.name = name
  if (Array.isArray(values)) copy.values = values
  return copy
}
