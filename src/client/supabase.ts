import type { PercentFlag } from './flag-limits.ts'
import { type KeptOld, projectOf } from './project-state.ts'
import { RestRouter, type StickyRead } from './rest-router.ts'
import type { AnsweredRestRead, RestWatcher } from './rest-watch.ts'

export type { AnsweredRestRead, KeptOld, PercentFlag, RestWatcher, StickyRead }

export interface CrossfadeOptions {
  /** Of the project, as `createClient` gets it. */
  readonly url: string
  /** The API key that `createClient` gets. */
  readonly key: string
  /** What sends the requests. Default: the global one, looked up at each call. */
  readonly fetch?: typeof fetch | undefined
  /** The schema of the old tables. Default: public. */
  readonly schema?: string
  /** Draws the side of a read, 0 ≤ x < 1. Default: Math.random. */
  readonly random?: () => number
  /** A key whose reads all come from one side; undefined draws. */
  readonly sticky?: (read: StickyRead) => string | undefined
  /** How long the new side may take to answer. Default: 8000. */
  readonly timeoutMs?: number
  /** How often the state is asked for, while there are reads. Default: 1000. */
  readonly pollMs?: number
  /** Told once per cause what is wrong. Default: console.warn. */
  readonly warn?: (message: string) => void
  /** The most that is read from the new side, in percent, by table. It can only lower. */
  readonly tables?: Readonly<Record<string, number>>
  /** The same, asked while it runs: of a flag service, say. It can only lower, and nobody waits for a promise. */
  readonly percent?: PercentFlag
  /** `shadowReads()` of `pg-crossfade/supabase-shadow`: measures reads and compares a share of them on both sides. */
  readonly shadow?: RestWatcher
}

/** Of all that this process has read with the same url, key and schema. */
export interface CrossfadeStats {
  /** What is read from the new side now, 0 to 100, environment included. */
  readonly percent: number
  /** Of the control state; null as long as there is none. */
  readonly version: number | null
  /** Reads of migrated tables that the old side answered, fallbacks included. */
  readonly readsOld: number
  readonly readsNew: number
  /** Reads that the new side did not answer and the old side did. */
  readonly fallbacks: number
  /** Reads that both sides refused alike, such as a `single()` that finds no row. */
  readonly refusedByBoth: number
  /** Reads that stay on the old side, since a view can't answer them as its table would; the first 100 kinds. */
  readonly keptOld: readonly KeptOld[]
}

export type CrossfadeFetch = typeof fetch & { readonly crossfade: { stats(): CrossfadeStats } }

/** The same in every copy of this module that a bundle may hold. */
const WRAPPED = Symbol.for('pg-crossfade.fetch')

/**
 * A fetch for `createClient(url, key, { global: { fetch } })` that lets reads of migrated tables be answered by the new
 * side, as far as the control state in the database says. Everything else passes as it is. What the new side doesn't
 * answer, the old side does.
 */
export function crossfade(options: CrossfadeOptions): CrossfadeFetch {
  const { url, key, schema = 'public', pollMs = 1_000, warn = (message) => console.warn(message) } = options
  const given = options.fetch ?? globalThis.fetch
  if (isWrapped(given)) {
    warn('crossfade: this fetch is wrapped already; the second crossfade() does nothing')
    return given
  }
  const project = projectOf({ url, schema, key, pollMs })
  const router = new RestRouter({
    // Looked up late, since frameworks and tests put their own there; unless that is this one.
    fetch: options.fetch ?? ((...args) => (isWrapped(globalThis.fetch) ? given(...args) : globalThis.fetch(...args))),
    ...{ project, schema, warn },
    random: options.random ?? Math.random,
    sticky: options.sticky,
    timeoutMs: options.timeoutMs ?? 8_000,
    tables: new Map(Object.entries(options.tables ?? {})),
    percent: options.percent,
    watcher: options.shadow,
  })
  const stats = (): CrossfadeStats => {
    const states = [...project.polls].flatMap((poll) => poll.current ?? [])
    const percent = Math.min(Math.max(0, ...states.map((state) => state.percent)), router.readLimit())
    const version = states.length === 0 ? null : Math.max(...states.map((state) => state.version))
    return { percent, version, ...project.counts, keptOld: project.kept }
  }
  const routed: typeof fetch = (...args) => router.fetch(args)
  return Object.assign(routed, { crossfade: { stats }, [WRAPPED]: true })
}

function isWrapped(fetch: typeof globalThis.fetch): fetch is CrossfadeFetch {
  return WRAPPED in fetch
}
