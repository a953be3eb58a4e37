const FAILURES_TO_PAUSE = 3
const PAUSE_OF_TABLE_MS = 10_000
const PAUSE_OF_QUERY_MS = 60_000
const REMEMBERED_QUERIES = 200

/**
 * What is not asked of the new side for a while, since it was in vain: a query that it refuses and the old side answers
 * (every such read costs two requests), and a table of which three reads in a row hung or broke.
 */
export class SideHealth {
  #now: () => number
  #version = 0
  #queries = new Map<string, number>()
  #tables = new Map<string, { failures: number; until: number }>()

  constructor(now: () => number) {
    this.#now = now
  }

  /** A change of the migration's state is a reason to try everything again. */
  isPaused(table: string, query: string, version: number): boolean {
    if (version !== this.#version) {
      this.#version = version
      this.#queries.clear()
      this.#tables.clear()
    }
    const now = this.#now()
    return (this.#tables.get(table)?.until ?? 0) > now || (this.#queries.get(query) ?? 0) > now
  }

  answered(table: string): void {
    this.#tables.delete(table)
  }

  /** The new side understood the request and refused it. */
  refused(query: string): void {
    if (this.#queries.size >= REMEMBERED_QUERIES) this.#queries.clear()
    this.#queries.set(query, this.#now() + PAUSE_OF_QUERY_MS)
  }

  /** It didn't answer, or is broken. */
  failed(table: string): void {
    const failures = (this.#tables.get(table)?.failures ?? 0) + 1
    // After the pause one read tries, and one failure is enough for the next.
    const until = failures >= FAILURES_TO_PAUSE ? this.#now() + PAUSE_OF_TABLE_MS : 0
    this.#tables.set(table, { failures, until })
  }
}
