import { SideHealth } from './side-health.ts'
import { StatePoll } from './state-poll.ts'
import { roleOf } from './token-role.ts'

const LONGEST_MEMORY_OF_WARNINGS = 100
const LONGEST_LIST_OF_KEPT = 100
/** A stranger can make up roles in tokens. */
const FOLLOWED_ROLES = 16
const SHARED_PROJECTS = 32

/** Reads that stay on the old side, since a view can't answer them as its table would. */
export interface KeptOld {
  readonly table: string
  readonly what: string
  readonly count: number
}

interface ProjectOptions {
  readonly url: string
  readonly schema: string
  readonly key: string
  readonly pollMs: number
}

/** What is known of one API in this process, whoever asks it. */
export class Project {
  readonly tablesUrl: string
  readonly health = new SideHealth(() => performance.now())
  readonly counts = { readsOld: 0, readsNew: 0, fallbacks: 0, refusedByBoth: 0 }
  #options: ProjectOptions
  #polls = new Map<string, StatePoll>()
  #warned = new Set<string>()
  #kept = new Map<string, KeptOld>()

  constructor(options: ProjectOptions) {
    this.#options = options
    // As createClient does, so that both write an address alike.
    this.tablesUrl = `${new URL(options.url).href.replace(/\/+$/, '')}/rest/v1/`
  }

  /** Of the role that the token asks for; null where there are too many. */
  pollFor(authorization: string | null, onFaulty: (cause: string, message: string) => void): StatePoll | null {
    const role = roleOf(authorization)
    const known = this.#polls.get(role)
    if (known !== undefined || this.#polls.size >= FOLLOWED_ROLES) return known ?? null
    const { schema, key, pollMs } = this.#options
    const url = `${this.tablesUrl}rpc/crossfade_state?old_schema=${encodeURIComponent(schema)}`
    const poll = new StatePoll({ url, key, role, pollMs, onFaulty })
    this.#polls.set(role, poll)
    return poll
  }

  get polls(): Iterable<StatePoll> {
    return this.#polls.values()
  }

  get kept(): KeptOld[] {
    return [...this.#kept.values()]
  }

  keepOld(table: string, what: string): void {
    const id = `${table} ${what}`
    const count = (this.#kept.get(id)?.count ?? 0) + 1
    if (count > 1 || this.#kept.size < LONGEST_LIST_OF_KEPT) this.#kept.set(id, { table, what, count })
  }

  warnOnce(cause: string, message: string, warn: (message: string) => void): void {
    if (this.#warned.has(cause) || this.#warned.size >= LONGEST_MEMORY_OF_WARNINGS) return
    this.#warned.add(cause)
    warn(message)
  }
}

const projects = new Map<string, Project>()

/** One for each API, since servers make a client for each request: a new one must not begin with nothing. */
export function projectOf(options: ProjectOptions): Project {
  const id = JSON.stringify([options.url, options.schema, options.key, options.pollMs])
  const known = projects.get(id)
  if (known !== undefined) return known
  const project = new Project(options)
  if (projects.size < SHARED_PROJECTS) projects.set(id, project)
  return project
}
