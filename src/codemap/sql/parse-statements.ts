import type { Literal, Operation } from '../interaction.ts'
import { type Definition, EMPTY_CATALOG, type SqlCatalog } from './catalog.ts'
import { mergeTouches } from './merge-touches.ts'
import { coverChoices, expandChoices, keyOfParameters, keyOfText, type SqlPart, type SqlText } from './sql-text.ts'
import { isParsed, type TransactionStep, walkText } from './walk-text.ts'

/** One operation of a text on one table. */
export interface SqlAccess {
  readonly schema: string | null
  /** It is written, and not known. */
  readonly isSchemaOpen?: true
  /** For `rpc` the name of the function. */
  readonly table: string
  readonly operation: Operation
  readonly columns: {
    readonly read: readonly string[]
    readonly written: readonly string[]
    readonly filtered: readonly string[]
    readonly ordered: readonly string[]
    readonly known: boolean
  }
  readonly returning: boolean
  readonly conflict: readonly string[]
  readonly values: Readonly<Record<string, readonly Literal[]>>
  /** Where its name stands: an offset in UTF-16 units in the text as it is written, a hole being one character … */
  readonly offset: number
  /** … and the `origin` of the part that holds it. */
  readonly origin: unknown
  /** The function or procedure in whose body it stands. */
  readonly routine: string | null
}

/** What can't be told: a table's name (`isTable`; `origin` is the hole's), a whole statement, a part of one. */
export interface SqlGap {
  readonly operation: Operation | null
  readonly reason: string
  readonly offset: number
  readonly origin: unknown
  readonly isTable: boolean
  readonly routine: string | null
}

export interface SqlReading {
  readonly accesses: readonly SqlAccess[]
  readonly gaps: readonly SqlGap[]
  /** For `buildSqlCatalog`. */
  readonly definitions: readonly Definition[]
  /** It opens a transaction, or ends one: `begin`, `start transaction`; `commit`, `rollback`, `end`. */
  readonly transaction: TransactionStep | null
  /** A catalog that knows more could tell more of it. */
  readonly unsure: boolean
}

export interface SqlSettings {
  readonly catalog?: SqlCatalog
  /** What `$n` may be, where the code tells; n counts from 1. */
  readonly parameters?: ((n: number) => readonly Literal[]) | readonly (readonly Literal[])[]
}

/**
 * What a text of one or more statements does: every table with its operation and columns, in the order of the text. A
 * table that is there twice in one statement with one operation is told once. Names of WITH queries, functions that give
 * rows, and PostgreSQL's own functions are none. PostgreSQL's own parser (libpg_query) reads it; nothing is guessed: what
 * doesn't parse, or hides behind a hole, is a gap. Call `loadSqlParser()` before; it never throws for what the text holds.
 */
export function parseStatements(text: SqlText, settings: SqlSettings = {}): SqlReading {
  const leaves: Leaf[] = []
  collectLeaves(text, leaves)
  const reading = typeof settings.parameters === 'function' ? parseAfresh(text, settings) : parseOnce(text, settings)
  const withOrigin = <Found extends { readonly origin: unknown }>(one: Found): Found => ({
    ...one,
    origin: typeof one.origin === 'number' ? leaves[one.origin]?.origin : undefined,
  })
  const gaps = reading.gaps.map((gap) => ({ ...withOrigin(gap), reason: withReasons(gap.reason, leaves) }))
  return { ...reading, accesses: reading.accesses.map(withOrigin), gaps: distinctGaps(gaps) }
}

/** The evaluation comes by the same call with the same text many times, handed in by other calls. */
const REMEMBERED = new WeakMap<SqlCatalog, Map<string, SqlReading>>()
const MOST_REMEMBERED = 4_000

function parseOnce(text: SqlText, settings: SqlSettings): SqlReading {
  const catalog = settings.catalog ?? EMPTY_CATALOG
  const remembered = REMEMBERED.get(catalog) ?? new Map<string, SqlReading>()
  REMEMBERED.set(catalog, remembered)
  const key = keyOfText(text, typeof settings.parameters === 'function' ? '' : keyOfParameters(settings.parameters))
  const known = remembered.get(key)
  if (known) return known
  const reading = parseAfresh(text, settings)
  if (remembered.size >= MOST_REMEMBERED) remembered.clear()
  remembered.set(key, reading)
  return reading
}

type Leaf = Exclude<SqlPart, { kind: 'choice' | 'parameter' }>

function collectLeaves(text: SqlText, leaves: Leaf[]): void {
  for (const part of text) {
    if (part.kind === 'choice') for (const one of part.of) collectLeaves(one, leaves)
    else if (part.kind !== 'parameter') leaves.push(part)
  }
}

/** The same text with numbers for origins and reasons, so that it is the same wherever it came from. */
function numberLeaves(text: SqlText, next = { leaf: 0 }): SqlText {
  return text.map((part): SqlPart => {
    if (part.kind === 'choice') return { ...part, of: part.of.map((one) => numberLeaves(one, next)) }
    if (part.kind === 'parameter') return part
    const origin = next.leaf
    next.leaf += 1
    return part.kind === 'words' ? { ...part, origin } : { ...part, origin, reason: `{${origin}}` }
  })
}

function withReasons(reason: string, leaves: readonly Leaf[]): string {
  return reason.replace(/\{(\d+)\}/g, (number, at) => {
    const leaf = leaves[Number(at)]
    return leaf?.kind === 'unknown' ? leaf.reason : number
  })
}

/** Origins are the numbers of leaves. */
function parseAfresh(text: SqlText, settings: SqlSettings): SqlReading {
  const numbered = numberLeaves(text)
  const walkAll = (texts: readonly SqlText[]) => texts.map((one) => walkText(one, settings))
  // Not every combination of clauses is one that runs.
  const few = walkAll(coverChoices(numbered))
  const walks = few.every(isParsed) ? few : walkAll(expandChoices(numbered))
  const isAnyParsed = walks.some(isParsed)
  return {
    accesses: mergeTouches(walks.map((walk) => walk.touches)),
    gaps: walks.flatMap((walk) => walk.gaps).filter((gap) => !gap.isUnparsed || !isAnyParsed),
    definitions: walks[0]?.definitions ?? [],
    transaction: walks[0]?.transaction ?? null,
    unsure: walks.some((walk) => walk.unsure),
  }
}

function distinctGaps(gaps: readonly SqlGap[]): SqlGap[] {
  return gaps.filter(
    (gap, at) =>
      gaps.findIndex(
        (other) => other.reason === gap.reason && other.operation === gap.operation && other.origin === gap.origin,
      ) === at,
  )
}
