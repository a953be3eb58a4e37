import type { Side } from './measures.ts'
import type { FetchArguments, RestRead } from './rest-read.ts'

/** A read over the API that its caller has been answered. */
export interface AnsweredRestRead {
  /** As the caller gave them. */
  readonly args: FetchArguments
  readonly read: RestRead
  readonly side: Side
  readonly ms: number
  /** No answer, or one of the server's own troubles. */
  readonly failed: boolean
  /** The most that is compared at this moment, 0 to 100. */
  readonly shadow: () => number
  readonly fetch: typeof fetch
  /** `https://…/rest/v1/` */
  readonly tablesUrl: string
}

/** Looks at reads behind their callers' backs; `shadowReads()` of `pg-crossfade/supabase-shadow` makes one. */
export interface RestWatcher {
  /** Never waits, never throws. */
  answered(read: AnsweredRestRead): void
}
