import type { Access, AccessDraft } from './access.ts'
import type { Literal, Operation, Place, Style } from './interaction.ts'

/** Where an access was seen. */
export interface Seen {
  readonly place: Place
  readonly function: string | null
  /** Tells the frames apart in which the same place is evaluated. */
  readonly frame: number
  /** How far it is only what could happen; see `doubtIn`. */
  doubt(): number
  /** That of the run so many calls further out, from which its text comes. */
  callerDoubt(calls: number): number
  /** The least doubt of all runs of the function in which it was seen. */
  leastDoubt(): number
}

export interface AccessRecord extends Access {
  readonly seen: Seen
  /** The least of all runs in which it was seen. */
  doubt(): number
  callerDoubt(calls: number): number
  seeAgain(seen: Seen): void
  readonly columns: Readonly<Record<Role, ReadonlySet<string>>>
  readonly vocabulary: ReadonlyMap<string, ReadonlySet<Literal>>
  conflictColumns: Set<string> | null
  known: boolean
  returns: boolean
  block: string | null
  derived: boolean
  dropped: boolean
}

export interface UnresolvedRecord {
  readonly seen: Seen
  readonly style: Style
  readonly operation: Operation | null
  readonly reason: string
  /** What stands behind an interface is followed, too: it counts where that leads nowhere. */
  readonly followed?: true
}

/** Collects what the styles open. */
export interface AccessBook {
  readonly accesses: Map<string, AccessRecord>
  readonly unresolved: Map<string, UnresolvedRecord>
  /** By file: why a part of it could not be followed. */
  readonly faults: Map<string, string>
}

export function createBook(): AccessBook {
  return { accesses: new Map(), unresolved: new Map(), faults: new Map() }
}

/** The same access again gives the same record. */
export function openAccess(book: AccessBook, style: Style, seen: Seen, draft: AccessDraft): AccessRecord {
  const place = draft.place ?? seen.place
  const isElsewhere = place !== seen.place
  const told = draft.saying ? `=${numberOf(draft.saying)}` : seen.frame
  const where = isElsewhere ? `${placeKey(seen.place)}|${placeKey(place)}` : placeKey(seen.place)
  const key = `${style}|${told}|${where}|${draft.operation}|${draft.key ?? ''}`
  const known = book.accesses.get(key)
  if (known) {
    if (draft.saying) known.seeAgain(seen)
    return known
  }
  const made = new OpenAccess(book, style, isElsewhere ? { ...seen, place } : seen, draft, key)
  book.accesses.set(key, made)
  return made
}

const numbers = new WeakMap<object, number>()
let last = 0

function numberOf(saying: object): number {
  const known = numbers.get(saying)
  if (known !== undefined) return known
  last += 1
  numbers.set(saying, last)
  return last
}

type Role = 'read' | 'written' | 'filtered' | 'ordered'

const NONE: ReadonlySet<string> = new Set()
const NO_VALUES: ReadonlyMap<string, ReadonlySet<Literal>> = new Map()

/** A script makes as many as it has statements, in each run: what one remembers is made when it is first needed. */
class OpenAccess implements AccessRecord {
  readonly style: Style
  readonly seen: Seen
  readonly draft: AccessDraft
  operation: Operation | null
  conflictColumns: Set<string> | null = null
  known = true
  returns = false
  block: string | null
  derived = false
  dropped = false
  readonly #book: AccessBook
  readonly #key: string
  #again: Seen[] | undefined
  #columns: Partial<Record<Role, Set<string>>> | undefined
  #vocabulary: Map<string, Set<Literal>> | undefined

  constructor(book: AccessBook, style: Style, seen: Seen, draft: AccessDraft, key: string) {
    this.#book = book
    this.#key = key
    this.style = style
    this.seen = seen
    this.draft = draft
    this.operation = draft.operation
    this.block = draft.transaction ?? null
  }

  get columns(): Readonly<Record<Role, ReadonlySet<string>>> {
    const { read = NONE, written = NONE, filtered = NONE, ordered = NONE } = this.#columns ?? {}
    return { read, written, filtered, ordered }
  }
  get vocabulary(): ReadonlyMap<string, ReadonlySet<Literal>> {
    return this.#vocabulary ?? NO_VALUES
  }
  doubt(): number {
    return this.#least((seen) => seen.doubt())
  }
  callerDoubt(calls: number): number {
    return this.#least((seen) => seen.callerDoubt(calls))
  }
  #least(doubtOf: (seen: Seen) => number): number {
    let least = doubtOf(this.seen)
    for (const seen of this.#again ?? []) if (least > 0) least = Math.min(least, doubtOf(seen))
    return least
  }
  seeAgain(seen: Seen): void {
    if (seen.frame === this.seen.frame || this.#again?.at(-1)?.frame === seen.frame) return
    this.#again ??= []
    this.#again.push(seen)
  }
  derive(operation: Operation): AccessRecord {
    this.derived = true
    const inner = `${this.#key}>${operation}`
    const before = this.#book.accesses.get(inner)
    if (before) return before
    const made = new OpenAccess(this.#book, this.style, this.seen, { ...this.draft, operation }, inner)
    this.#book.accesses.set(inner, made)
    return made
  }
  drop(): void {
    this.dropped = true
  }
  read(names: readonly string[]): void {
    this.#add('read', names)
  }
  written(names: readonly string[]): void {
    this.#add('written', names)
  }
  filtered(names: readonly string[]): void {
    this.#add('filtered', names)
  }
  ordered(names: readonly string[]): void {
    this.#add('ordered', names)
  }
  #add(role: Role, names: readonly string[]): void {
    if (names.length === 0) return
    this.#columns ??= {}
    const columns = this.#columns[role] ?? new Set()
    this.#columns[role] = columns
    for (const name of names) columns.add(name)
  }
  unknownColumns(): void {
    this.known = false
  }
  returning(): void {
    this.returns = true
  }
  conflict(names: readonly string[]): void {
    this.conflictColumns = new Set([...(this.conflictColumns ?? []), ...names])
  }
  value(column: string, literal: Literal): void {
    this.#vocabulary ??= new Map()
    const before = this.#vocabulary.get(column)
    if (before) before.add(literal)
    else this.#vocabulary.set(column, new Set([literal]))
  }
  transaction(place: string): void {
    this.block = place
  }
}

export function addUnresolved(book: AccessBook, record: UnresolvedRecord): void {
  const { seen, style, operation } = record
  const key = [style, seen.frame, placeKey(seen.place), operation, record.reason].join('|')
  if (!book.unresolved.has(key)) book.unresolved.set(key, record)
}

const placeKeys = new WeakMap<Place, string>()

export function placeKey(place: Place): string {
  const known = placeKeys.get(place)
  if (known !== undefined) return known
  const { file, line, column } = place
  const made = `${file}:${line}:${column}`
  placeKeys.set(place, made)
  return made
}
