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
  /** The least doubt of all runs of the function in which it was seen. */
  leastDoubt(): number
}

export interface AccessRecord extends Access {
  readonly seen: Seen
  readonly columns: Record<'read' | 'written' | 'filtered' | 'ordered', Set<string>>
  readonly vocabulary: Map<string, Set<Literal>>
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
  const key = [style, seen.frame, placeKey(seen.place), placeKey(place), draft.operation, draft.key ?? ''].join('|')
  const known = book.accesses.get(key)
  if (known) return known
  const made = makeRecord(book, style, { ...seen, place }, draft, key)
  book.accesses.set(key, made)
  return made
}

function makeRecord(book: AccessBook, style: Style, seen: Seen, draft: AccessDraft, key: string): AccessRecord {
  const columns = {
    read: new Set<string>(),
    written: new Set<string>(),
    filtered: new Set<string>(),
    ordered: new Set<string>(),
  }
  const adder = (which: keyof typeof columns) => (names: readonly string[]) => {
    for (const name of names) columns[which].add(name)
  }
  const record: AccessRecord = {
    style,
    seen,
    draft,
    operation: draft.operation,
    columns,
    vocabulary: new Map(),
    conflictColumns: null,
    known: true,
    returns: false,
    block: draft.transaction ?? null,
    derived: false,
    dropped: false,
    derive: (operation) => {
      record.derived = true
      const inner = `${key}>${operation}`
      const before = book.accesses.get(inner)
      if (before) return before
      const made = makeRecord(book, style, seen, { ...draft, operation }, inner)
      book.accesses.set(inner, made)
      return made
    },
    drop: () => {
      record.dropped = true
    },
    read: adder('read'),
    written: adder('written'),
    filtered: adder('filtered'),
    ordered: adder('ordered'),
    unknownColumns: () => {
      record.known = false
    },
    returning: () => {
      record.returns = true
    },
    conflict: (names) => {
      record.conflictColumns = new Set([...(record.conflictColumns ?? []), ...names])
    },
    value: (column, literal) => {
      const before = record.vocabulary.get(column)
      if (before) before.add(literal)
      else record.vocabulary.set(column, new Set([literal]))
    },
    transaction: (place) => {
      record.block = place
    },
  }
  return record
}

export function addUnresolved(book: AccessBook, record: UnresolvedRecord): void {
  const { seen, style, operation } = record
  const key = [style, seen.frame, placeKey(seen.place), operation, record.reason].join('|')
  if (!book.unresolved.has(key)) book.unresolved.set(key, record)
}

export function placeKey({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`
}
