import { placeOf } from './draw.ts'
import { readEnvironmentLimit, readOwnEnvironment } from './environment.ts'
import { FlagLimits, type PercentFlag } from './flag-limits.ts'
import { callNewSide, type NewSideResponse } from './new-side.ts'
import type { Project } from './project-state.ts'
import { type FetchArguments, findReasonForOld, parseRead, type RestRead } from './rest-read.ts'
import type { RestWatcher } from './rest-watch.ts'
import type { StatePoll } from './state-poll.ts'

export interface RestRouterOptions {
  readonly fetch: typeof fetch
  readonly project: Project
  readonly schema: string
  readonly random: () => number
  readonly sticky: ((read: StickyRead) => string | undefined) | undefined
  readonly timeoutMs: number
  readonly tables: ReadonlyMap<string, number>
  readonly percent: PercentFlag | undefined
  readonly warn: (message: string) => void
  readonly watcher: RestWatcher | undefined
}

interface Chosen {
  readonly read: RestRead
  readonly poll: StatePoll
  readonly query: string
  readonly side: 'old' | 'new'
}

/** What a sticky key may be made of. */
export interface StickyRead {
  readonly table: string
  readonly headers: Headers
}

/** Stands before a fetch and chooses the side of each read. */
export class RestRouter {
  #options: RestRouterOptions
  #project: Project
  #flags: FlagLimits | undefined

  constructor(options: RestRouterOptions) {
    this.#options = options
    this.#project = options.project
    const { percent } = options
    if (percent !== undefined) this.#flags = new FlagLimits(percent, (message) => this.#warn('percent', message))
  }

  fetch(args: FetchArguments): Promise<Response> {
    const { fetch, watcher } = this.#options
    let chosen: Chosen | null = null
    try {
      chosen = this.#choose(args)
    } catch (error) {
      // What makes no sense to us is for the old side to judge; a fault of ours must not stop a read either.
      this.#warn('choosing', `a read stays on the old side, since it could not be looked at (${String(error)})`)
    }
    if (chosen?.side === 'new') return this.#readNew(args, chosen)
    return chosen === null || watcher === undefined ? fetch(...args) : this.#readOld(args, chosen)
  }

  /** Null for what is no read of a migrated table. */
  #choose(args: FetchArguments): Chosen | null {
    const project = this.#project
    const read = parseRead(args, project.tablesUrl, this.#options.schema)
    if (read === null) return null
    const authorization = read.headers.get('authorization')
    const poll = project.pollFor(authorization, (cause, message) => this.#warn(cause, message))
    if (poll === null) return null
    poll.noticeTraffic({ fetch: this.#options.fetch, authorization })
    const state = poll.current
    const share = state?.tables.get(read.table)
    if (state === null || share === undefined) return null
    const query = `${poll.role} ${read.table}?${new URLSearchParams(read.search).get('select') ?? ''}`
    const isNew = this.#fitsNew(read, share) && !project.health.isPaused(read.table, query, state.version)
    if (!isNew) project.counts.readsOld += 1
    return { read, poll, query, side: isNew ? 'new' : 'old' }
  }

  #fitsNew(read: RestRead, share: number): boolean {
    let percent = Math.min(share, this.#options.tables.get(read.table) ?? 100, this.readLimit())
    if (percent > 0) percent = Math.min(percent, this.#flags?.limitOf(read.table) ?? 100)
    if (percent === 0) return false
    const reason = findReasonForOld(read)
    if (reason !== null) {
      this.#project.keepOld(read.table, reason)
      return false
    }
    const key = this.#options.sticky?.({ table: read.table, headers: new Headers(read.headers) })
    return (key === undefined ? this.#options.random() : placeOf(key)) * 100 < percent
  }

  /** The most that the environment allows, in percent. */
  readLimit(): number {
    return readEnvironmentLimit(readOwnEnvironment(), (message) => this.#warn(message, message))
  }

  /** With somebody who looks on. */
  async #readOld(args: FetchArguments, chosen: Chosen): Promise<Response> {
    const began = performance.now()
    try {
      const response = await this.#options.fetch(...args)
      this.#tell(args, chosen, 'old', began, response.status >= 500)
      return response
    } catch (error) {
      // What the caller took back is no failure.
      if (!chosen.read.signal?.aborted) this.#tell(args, chosen, 'old', began, true)
      throw error
    }
  }

  #tell(args: FetchArguments, { read, poll }: Chosen, side: 'old' | 'new', began: number, failed: boolean): void {
    const { watcher, fetch } = this.#options
    const shadow = (): number => (poll.current?.tables.has(read.table) ? poll.current.shadow : 0)
    const { tablesUrl } = this.#project
    try {
      watcher?.answered({ args, read, side, ms: performance.now() - began, failed, shadow, fetch, tablesUrl })
    } catch (error) {
      this.#warn('watching', `a read was not looked at: ${String(error)}`)
    }
  }

  async #readNew(args: FetchArguments, chosen: Chosen): Promise<Response> {
    const { read, poll, query } = chosen
    const { fetch, timeoutMs } = this.#options
    const { counts, health } = this.#project
    const began = performance.now()
    const answer = await callNewSide(fetch, args, read, timeoutMs)
    if (answer.kind === 'answered') {
      counts.readsNew += 1
      health.answered(read.table)
      this.#tell(args, chosen, 'new', began, false)
      return answer.response
    }
    const old = await this.#readOld(args, chosen)
    if (answer.kind === 'failed' || answer.response.status !== old.status) this.#tell(args, chosen, 'new', began, true)
    counts.readsOld += 1
    if (answer.kind === 'refused' && answer.response.status === old.status) {
      counts.refusedByBoth += 1
      void answer.response.body?.cancel().catch(() => undefined)
      return old
    }
    counts.fallbacks += 1
    if (answer.kind === 'refused' && answer.response.status < 500) health.refused(query)
    else health.failed(read.table)
    void this.#tellFallback(read.table, poll.role, answer)
    return old
  }

  async #tellFallback(table: string, role: string, answer: NewSideResponse): Promise<void> {
    const what = await answer.describe().catch(() => 'no readable answer')
    const who = role === '' ? '' : ` (role ${role})`
    this.#warn(
      `fallback ${table} ${what}`,
      `the new side did not answer a read of ${table}${who}, the old side did: ${what}`,
    )
  }

  #warn(cause: string, message: string): void {
    this.#project.warnOnce(cause, `crossfade: ${message}`, this.#options.warn)
  }
}
