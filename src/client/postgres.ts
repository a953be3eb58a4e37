import type { Sql } from 'postgres'
import type { PercentFlag } from './flag-limits.ts'
import type { ReadStats } from './pool-options.ts'
import { type AnySql, correctOrigin, isOpenQuery, type OpenQuery } from './postgres-query.ts'
import type { ReadOptions as CrossfadeOptions, StickyRead } from './side-choice.ts'
import { SqlRouter } from './sql-router.ts'

export type { CrossfadeOptions, PercentFlag, ReadStats as CrossfadeStats, StickyRead }

export interface CrossfadeHandle {
  stats(): ReadStats
}

export type CrossfadeSql<S extends AnySql = Sql> = S & { readonly crossfade: CrossfadeHandle }

/**
 * Lets plain reads of `postgres` be answered by the new side, as far as the control state in its database says. Gives
 * another `sql` over the same pool; everything but the call itself, `unsafe` and `end` is the given one's own. One that
 * was given before is returned as it is.
 *
 * What is awaited is routed, with `values()`, `raw()` and `simple()` too. Statements of `begin`, `savepoint`, `reserve`
 * and `file`, cursors, `forEach` and `describe` are always on the old side.
 */
export function crossfade<S extends AnySql>(sql: S, options: CrossfadeOptions = {}): CrossfadeSql<S> {
  if ('crossfade' in sql) return sql as CrossfadeSql<S>
  const router = new SqlRouter(sql, options)
  const own: Record<PropertyKey, unknown> = {
    unsafe: (...args: Parameters<AnySql['unsafe']>) => router.watch(sql.unsafe(...args) as unknown as OpenQuery),
    end: (settings?: { timeout?: number }) => router.end(settings),
    crossfade: { stats: () => router.readStats() } satisfies CrossfadeHandle,
  }
  const call = (target: S, self: unknown, args: unknown[]): unknown => {
    const made: unknown = Reflect.apply(target, self, args)
    if (!isOpenQuery(made)) return made
    correctOrigin(made, call)
    return router.watch(made)
  }
  return new Proxy(sql, {
    apply: call,
    get: (target, name) => (Object.hasOwn(own, name) ? own[name] : Reflect.get(target, name)),
    has: (target, name) => Object.hasOwn(own, name) || Reflect.has(target, name),
  }) as CrossfadeSql<S>
}
