import type { Access } from '../../access.ts'
import { literalsOf, membersOf, memberValue, textOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import type { LibraryValue, Value } from '../../value.ts'
import { type Client, wrap } from './client.ts'
import { parseFilter } from './filter-string.ts'
import { columnName, HOLE } from './select-string.ts'
import { addSelection, selectText } from './selection.ts'
import { addConflict, addRows, OPERATIONS } from './writes.ts'

/** A builder: what it has opened so far. */
export interface Query {
  readonly access: Access
  readonly client: Client
  /** Embedded tables by the names that filters call them. */
  readonly embeds: Map<string, Access>
}

/** The first call on `from('posts')`. */
export function startQuery(
  client: Client,
  table: Access,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const operation = OPERATIONS.get(method)
  if (!operation) return undefined
  const access = table.derive(operation)
  const query: Query = { access, client, embeds: new Map() }
  const [first, second] = args
  if (operation === 'select') {
    // `head: true` asks for the count alone.
    if (!isTrue(memberValue(second, 'head'))) addSelection(query, first, site)
  } else if (operation !== 'delete') addRows(access, first)
  if (operation === 'upsert') addConflict(access, second)
  return wrap({ is: 'query', query })
}

const COMPARISONS = new Set(
  'eq neq gt gte lt lte like ilike likeAllOf likeAnyOf ilikeAllOf ilikeAnyOf is isDistinct in notIn contains containedBy rangeGt rangeGte rangeLt rangeLte rangeAdjacent overlaps textSearch fts regexMatch regexIMatch not filter'.split(
    ' ',
  ),
)
/** Of these the value is one of the column's own. */
const VALUES = new Set(['eq', 'neq', 'in', 'notIn', 'isDistinct'])

/** A further call on a builder, which stays the same one. */
export function callQuery(
  receiver: LibraryValue,
  query: Query,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first, second, third] = args
  if (method === 'then' || method === 'catch' || method === 'finally') return undefined
  if (COMPARISONS.has(method)) {
    const compared = method === 'not' || method === 'filter' ? third : second
    const isValue = VALUES.has(method) || ['eq', 'neq'].includes(textOf(second) ?? '')
    addFilter(query, first, isValue ? compared : undefined)
  } else if (method === 'match') {
    const { members, complete } = membersOf(first)
    for (const [column, value] of members) addCondition(query, column, value)
    if (!complete) query.access.unknownColumns()
  } else if (method === 'or') addOr(query, first, second)
  else if (method === 'order') addOrder(query, first, second)
  else if (method === 'select') {
    // After a write, or a function that returns rows.
    if (query.access.operation !== 'rpc') query.access.returning()
    addSelection(query, first, site)
  }
  return receiver
}

function addFilter(query: Query, column: Value | undefined, value: Value | undefined): void {
  const { texts, known } = textsOf(column)
  for (const name of texts) addCondition(query, name, value)
  if (!known) query.access.unknownColumns()
}

function addCondition(query: Query, name: string, value: Value | undefined): void {
  const { access, column } = columnIn(query, name)
  access?.filtered([column])
  for (const literal of literalsOf(value)) if (literal !== null) access?.value(column, literal)
}

/** `users.name` is a column of the embedded table. */
function columnIn({ access, embeds }: Query, name: string): { access: Access | undefined; column: string } {
  const clean = columnName(name)
  const dot = clean.lastIndexOf('.')
  return dot === -1
    ? { access, column: clean }
    : { access: embeds.get(clean.slice(0, dot)), column: clean.slice(dot + 1) }
}

function addOr(query: Query, filter: Value | undefined, options: Value | undefined): void {
  const inside = referencedTable(options)
  for (const text of selectText(filter)) {
    for (const { column, value } of parseFilter(text)) {
      const { access, column: name } = columnIn(query, inside === null ? column : `${inside}.${column}`)
      access?.filtered([name])
      if (value !== undefined) access?.value(name, value)
    }
    if (text.includes(HOLE) && parseFilter(text).length === 0) query.access.unknownColumns()
  }
}

function addOrder(query: Query, column: Value | undefined, options: Value | undefined): void {
  const inside = referencedTable(options)
  for (const text of textsOf(column).texts) {
    // `author(name)` orders by a column of an embedded table.
    const embedded = /^(\w+)\((\w+)\)$/.exec(text)
    const path = embedded ? `${embedded[1]}.${embedded[2]}` : text
    const { access, column: name } = columnIn(query, inside === null ? path : `${inside}.${path}`)
    access?.ordered([name])
  }
  if (!textsOf(column).known) query.access.unknownColumns()
}

function referencedTable(options: Value | undefined): string | null {
  return textOf(memberValue(options, 'referencedTable') ?? memberValue(options, 'foreignTable'))
}

function isTrue(value: Value | undefined): boolean {
  return value?.kind === 'literal' && value.value === true
}
