import { type AccessBook, type AccessRecord, placeKey, type Seen, type UnresolvedRecord } from './access-book.ts'
import type { Columns, Interaction, Literal, Place, Unresolved } from './interaction.ts'
import { sortLiterals } from './sort-literals.ts'
import { type Atom, atomsOf, type Value } from './value.ts'

/** A thing that was seen, of which it is not decided yet whether it counts. */
interface Sighting {
  readonly at: string
  readonly doubt: number
  /** Of what came by calls: that of the run that it came from. */
  readonly callerDoubt?: () => number
  /** Of all runs of the function around it. */
  readonly leastDoubt: () => number
  /** Only a type, or nothing, says which table it is. */
  readonly weak: boolean
  readonly interaction?: Interaction
  readonly unresolved?: Unresolved
  readonly key: string
  /** Of an interaction: what is done where it is named, however it gets there. */
  readonly names?: string
  /** Seen through one of several things that may stand behind an interface: all of these are one interaction. */
  readonly oneOf?: boolean
  readonly isSchemaOpen?: boolean
}

/** What the accesses of a whole program come to: one interaction for each table and operation at a place. */
export function buildInteractions(book: AccessBook): { interactions: Interaction[]; unresolved: Unresolved[] } {
  for (const access of [...book.accesses.values()]) access.draft.finish?.(access)
  const accesses = [...book.accesses.values()].filter((one) => !one.dropped && !(one.derived && one.operation === null))
  const opened = accesses.flatMap(sightingsOf)
  const told = new Set(opened.flatMap(({ interaction }) => [interaction, ...(interaction?.through ?? [])]).map(placeOf))
  const open = [...book.unresolved.values()].filter(
    ({ followed, seen }) => !followed || !told.has(placeKey(seen.place)),
  )
  const sightings = withoutCouldBe(counted([...opened, ...open.map(sightingOf)]))
  const interactions = new Map<string, { doubt: number; interaction: Interaction }>()
  const unresolved = new Map<string, Unresolved>()
  const certain = new Set(sightings.flatMap(({ names, oneOf }) => (names === undefined || oneOf ? [] : names)))
  const located = new Set(sightings.flatMap(({ interaction }) => (interaction?.schema ? unqualified(interaction) : [])))
  for (const { key, doubt, interaction, unresolved: one, names = '', oneOf, isSchemaOpen } of sightings) {
    if (one) unresolved.set(key, one)
    if (!interaction || (oneOf && certain.has(names))) continue
    if (isSchemaOpen && located.has(unqualified(interaction))) continue
    const before = interactions.get(key)
    if (!before || before.doubt > doubt) interactions.set(key, { doubt, interaction })
    else if (before.doubt === doubt)
      interactions.set(key, { doubt, interaction: mergeInteractions(before.interaction, interaction) })
  }
  return {
    interactions: [...interactions.values()].map((one) => one.interaction).sort(byPlace),
    unresolved: [...unresolved.values()].sort(byPlace),
  }
}

function unqualified({ style, table, operation, ...place }: Interaction): string {
  return [placeKey(place), style, table, operation].join('|')
}

function placeOf(place: Place | undefined): string {
  return place ? placeKey(place) : ''
}

/** What is weak counts only where nothing more certain was seen at the same place. */
function counted(sightings: readonly Sighting[]): Sighting[] {
  const least = new Map<string, number>()
  for (const { at, doubt } of sightings) least.set(at, Math.min(doubt, least.get(at) ?? doubt))
  return sightings.filter(
    ({ at, doubt, weak, leastDoubt }) => !weak || doubt === Math.min(least.get(at) ?? doubt, leastDoubt()),
  )
}

/**
 * What a function could not tell if somebody called it with something unknown is of no interest where the calls that are
 * made tell it.
 */
function withoutCouldBe(sightings: readonly Sighting[]): Sighting[] {
  const through = new Set(
    sightings.flatMap(({ interaction }) =>
      (interaction?.through ?? []).map((place) => `${placeKey(place)}|${interaction?.style}`),
    ),
  )
  return sightings.filter(({ unresolved, callerDoubt }) => {
    const isTold = unresolved && callerDoubt && through.has(`${placeKey(unresolved)}|${unresolved.style}`)
    return !isTold || callerDoubt() === 0
  })
}

function sightingOf({ seen, style, operation, reason }: UnresolvedRecord): Sighting {
  return unresolvedAt(seen, seen.doubt(), { ...seen.place, function: seen.function, style, operation, reason })
}

function unresolvedAt(seen: Seen, doubt: number, unresolved: Unresolved): Sighting {
  const { style, operation, reason } = unresolved
  const key = `${placeKey(unresolved)}|${style}|${operation}|${reason}`
  return { at: placeKey(seen.place), doubt, leastDoubt: seen.leastDoubt, weak: true, unresolved, key }
}

function sightingsOf(access: AccessRecord): Sighting[] {
  const { table } = access.draft
  const atoms = atomsOf(typeof table === 'function' ? table() : table)
  // No table has the name null: what may be that is one of the others when it gets here.
  const named = atoms.filter((atom) => atom.kind !== 'literal' || (atom.value !== null && atom.value !== undefined))
  return (named.length > 0 ? named : atoms).map((atom) => sightingOfAtom(access, atom))
}

function sightingOfAtom(access: AccessRecord, atom: Atom): Sighting {
  const { seen, style, operation } = access
  const { place, function: fn, through, oneOf } = standsAt(access, atom)
  const reason = access.draft.untold ?? whyNot(access, atom)
  const callerDoubt = through.length > 0 ? { callerDoubt: () => access.callerDoubt(through.length) } : {}
  if (atom.kind !== 'text' || operation === null || reason !== null)
    return {
      ...unresolvedAt(seen, access.doubt(), { ...place, function: fn, style, operation, reason: reason ?? '' }),
      ...callerDoubt,
    }
  const schema = schemaOf(access.draft.schema)
  const interaction: Interaction = {
    ...place,
    function: fn,
    style,
    schema,
    table: atom.text,
    operation,
    columns: columnsOf(access),
    returning: access.returns,
    ...(access.conflictColumns ? { conflict: sorted(named(access, access.conflictColumns)) } : {}),
    ...valuesOf(access),
    ...(access.block ? { transaction: access.block } : {}),
    ...(through.length > 0 ? { through } : {}),
  }
  const at = placeKey(seen.place)
  const names = [placeKey(place), style, schema, atom.text, operation].join('|')
  const key = oneOf ? names : `${names}|${at}`
  const weak = atom.assumed === true
  const isSchemaOpen = access.draft.isSchemaOpen === true
  return { at, doubt: access.doubt(), leastDoubt: seen.leastDoubt, weak, interaction, key, names, oneOf, isSchemaOpen }
}

interface Standing {
  readonly place: Place
  readonly function: string | null
  readonly through: Place[]
  readonly oneOf: boolean
}

/** Where the name is given: the outermost call that hands it in, else the access itself. */
function standsAt({ seen }: AccessRecord, atom: Atom): Standing {
  const via = atom.kind === 'text' || atom.kind === 'template' ? atom.via : []
  const [outermost, ...inner] = via
  if (!outermost) return { place: seen.place, function: seen.function, through: [], oneOf: false }
  return {
    place: outermost.place,
    function: outermost.function,
    through: [...inner.map(({ place }) => place), seen.place],
    oneOf: via.some((one) => one.oneOf),
  }
}

function whyNot(access: AccessRecord, atom: Atom): string | null {
  switch (atom.kind) {
    case 'text':
      return access.operation === null ? 'what is done with it is not seen' : null
    case 'template':
      return `the name of the table is put together: ${describeTemplate(atom)}`
    case 'unknown':
      return `the name of the table is not known: ${atom.reason}`
    case 'literal':
      return `the name of the table is ${atom.value}`
    default:
      return 'the name of the table is not a string'
  }
}

function describeTemplate(atom: Extract<Atom, { kind: 'template' }>): string {
  return `\`${atom.parts.join('…')}\``
}

function schemaOf(schema: Value | string | null | undefined): string | null {
  if (schema === null || schema === undefined || typeof schema === 'string') return schema ?? null
  const [first] = atomsOf(schema)
  return first?.kind === 'text' ? first.text : null
}

function named({ draft }: AccessRecord, names: Iterable<string>): string[] {
  const { columnName } = draft
  return columnName ? [...names].map((name) => columnName(name)) : [...names]
}

function columnsOf(access: AccessRecord): Columns {
  const { read, written, filtered, ordered } = access.columns
  return {
    read: sorted(named(access, read)),
    written: sorted(named(access, written)),
    filtered: sorted(named(access, filtered)),
    ordered: sorted(named(access, ordered)),
    known: access.known,
  }
}

function valuesOf(access: AccessRecord): { values?: Record<string, Literal[]> } {
  const { columnName } = access.draft
  const entries = [...access.vocabulary].map(([column, values]): [string, Literal[]] => [
    columnName ? columnName(column) : column,
    sortLiterals(values),
  ])
  return entries.length > 0 ? { values: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) } : {}
}

function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort()
}

function mergeInteractions(a: Interaction, b: Interaction): Interaction {
  const both = (which: 'read' | 'written' | 'filtered' | 'ordered'): string[] =>
    sorted([...a.columns[which], ...b.columns[which]])
  const values = mergeValues(a.values, b.values)
  const block = a.transaction ?? b.transaction
  const conflict = a.conflict || b.conflict ? { conflict: sorted([...(a.conflict ?? []), ...(b.conflict ?? [])]) } : {}
  return {
    ...a,
    columns: {
      read: both('read'),
      written: both('written'),
      filtered: both('filtered'),
      ordered: both('ordered'),
      known: a.columns.known && b.columns.known,
    },
    returning: a.returning || b.returning,
    ...conflict,
    ...(values ? { values } : {}),
    ...(block === undefined ? {} : { transaction: block }),
  }
}

function mergeValues(a: Interaction['values'], b: Interaction['values']): Interaction['values'] {
  if (!a || !b) return a ?? b
  const columns = sorted([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries(
    columns.map((column) => [column, sortLiterals([...(a[column] ?? []), ...(b[column] ?? [])])]),
  )
}

/** By file, line, column, table, operation, schema. */
export function byPlace(a: Interaction | Unresolved, b: Interaction | Unresolved): number {
  return (
    compare(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compare('table' in a ? a.table : '', 'table' in b ? b.table : '') ||
    compare(a.operation ?? '', b.operation ?? '') ||
    compare(('schema' in a && a.schema) || '', ('schema' in b && b.schema) || '')
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
