import { type AccessBook, type AccessRecord, placeKey, type UnresolvedRecord } from './access-book.ts'
import type { Columns, Interaction, Literal, Place, Unresolved } from './interaction.ts'
import { type Atom, atomsOf, type Value } from './value.ts'

/** What the accesses of a whole program come to: one interaction for each table and operation at a place. */
export function buildInteractions(book: AccessBook): { interactions: Interaction[]; unresolved: Unresolved[] } {
  for (const access of [...book.accesses.values()]) access.draft.finish?.(access)
  const interactions = new Map<string, Interaction>()
  const unresolved = new Map<string, Unresolved>()
  for (const access of counted(
    [...book.accesses.values()].filter((one) => !one.dropped && !(one.derived && one.operation === null)),
  )) {
    const { table } = access.draft
    for (const atom of atomsOf(typeof table === 'function' ? table() : table))
      addAccess(access, atom, interactions, unresolved)
  }
  for (const { seen, style, operation, reason } of counted([...book.unresolved.values()]))
    addUnresolved(unresolved, { ...seen.place, function: seen.function, style, operation, reason })
  return { interactions: [...interactions.values()].sort(byPlace), unresolved: [...unresolved.values()].sort(byPlace) }
}

/** What was seen with parameters that nobody gives counts only where nothing else was seen at that place. */
function counted<Entry extends AccessRecord | UnresolvedRecord>(entries: readonly Entry[]): Entry[] {
  const certain = new Set(entries.filter((one) => !one.seen.provisional()).map(({ seen }) => placeKey(seen.place)))
  return entries.filter((one) => !certain.has(placeKey(one.seen.place)) || !one.seen.provisional())
}

function addAccess(
  access: AccessRecord,
  atom: Atom,
  interactions: Map<string, Interaction>,
  unresolved: Map<string, Unresolved>,
): void {
  const { seen, style, operation } = access
  const reason = whyNot(access, atom)
  if (atom.kind !== 'text' || operation === null || reason !== null) {
    const { place, function: fn } = standsAt(access, atom)
    addUnresolved(unresolved, {
      ...place,
      function: fn,
      style,
      operation,
      reason: reason ?? 'what is done with it is not seen',
    })
    return
  }
  const { place, function: fn, through } = standsAt(access, atom)
  const schema = schemaOf(access.draft.schema)
  const made: Interaction = {
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
  const key = [
    placeKey(place),
    style,
    schema,
    made.table,
    operation,
    access.draft.key ?? '',
    placeKey(seen.place),
  ].join('|')
  const before = interactions.get(key)
  interactions.set(key, before ? mergeInteractions(before, made) : made)
}

/** Where the name is given: the outermost call that hands it in, else the access itself. */
function standsAt({ seen }: AccessRecord, atom: Atom): { place: Place; function: string | null; through: Place[] } {
  const via = atom.kind === 'text' || atom.kind === 'template' ? atom.via : []
  const [outermost, ...inner] = via
  if (!outermost) return { place: seen.place, function: seen.function, through: [] }
  return {
    place: outermost.place,
    function: outermost.function,
    through: [...inner.map(({ place }) => place), seen.place],
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
  return `\`${atom.parts.join('${…}')}\``
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

function sortLiterals(values: Iterable<Literal>): Literal[] {
  return [...new Set(values)].sort((a, b) => (`${typeof a}${a}` < `${typeof b}${b}` ? -1 : 1))
}

function sorted(names: Iterable<string>): string[] {
  return [...new Set(names)].sort()
}

function mergeInteractions(a: Interaction, b: Interaction): Interaction {
  const both = (which: 'read' | 'written' | 'filtered' | 'ordered'): string[] =>
    sorted([...a.columns[which], ...b.columns[which]])
  const values = mergeValues(a.values, b.values)
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
  }
}

function mergeValues(a: Interaction['values'], b: Interaction['values']): Interaction['values'] {
  if (!a || !b) return a ?? b
  const columns = sorted([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries(
    columns.map((column) => [column, sortLiterals([...(a[column] ?? []), ...(b[column] ?? [])])]),
  )
}

function addUnresolved(all: Map<string, Unresolved>, one: Unresolved): void {
  const key = `${placeKey(one)}|${one.style}|${one.operation}|${one.reason}`
  if (!all.has(key)) all.set(key, one)
}

/** By file, line, column, table, operation. */
function byPlace(a: Interaction | Unresolved, b: Interaction | Unresolved): number {
  return (
    compare(a.file, b.file) ||
    a.line - b.line ||
    a.column - b.column ||
    compare('table' in a ? a.table : '', 'table' in b ? b.table : '') ||
    compare(a.operation ?? '', b.operation ?? '')
  )
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
