import { itemsOf, literalsOf, membersOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { columnOf as columnNamed } from './tables.ts'
import { type ColumnOf, drizzle, drizzleOf, type SqlOf, type SubqueryOf, type TableOf, type Use } from './values.ts'

/**
 * The columns that an expression names, in lists and objects as well: conditions, orders, templates, and queries inside
 * of it as far as they name columns of the tables around them.
 */
export function usesOf(value: Value | undefined): Use[] {
  if (value === undefined) return []
  return atomsOf(value).flatMap((atom): Use[] => {
    if (atom.kind === 'array') return itemsOf(atom).items.flatMap(usesOf)
    if (atom.kind === 'object') return membersOf(atom).members.flatMap(([, member]) => usesOf(member))
    const of = drizzleOf(atom)
    if (of?.is === 'column') return [{ column: of, literals: [] }]
    if (of?.is === 'term' || of?.is === 'sql') return [...of.uses]
    if (of?.is === 'table') return [wholeRow(of)]
    if (of?.is === 'builder') return outerUses(of)
    if (of?.is === 'subquery') return outerUses(of.builder)
    return []
  })
}

function wholeRow(table: TableOf): Use {
  return { column: { is: 'column', table, key: '*', names: [], through: null }, literals: [], whole: true }
}

/** What a query names of tables that aren't its own. */
function outerUses({ uses, sources }: SubqueryOf['builder']): Use[] {
  return uses.filter(
    (use) => use.access === undefined && !sources.some(({ table }) => table.id === use.column.table.id),
  )
}

/** Conditions that the column has one of these values, or none of them: they tell its vocabulary. */
const COMPARISONS = new Set(['eq', 'ne', 'inArray', 'notInArray', 'isNull', 'isNotNull'])

/** `eq(posts.state, 'live')`, `and(…)`, `desc(posts.createdAt)`, `count(posts.id)`: a term of what it is called with. */
export function termOf(name: string, args: readonly Value[]): Value {
  const uses = args.flatMap(usesOf)
  const [column, ...others] = args
  const templates = args.flatMap(templatesOf)
  if (!COMPARISONS.has(name) || column === undefined) return drizzle({ is: 'term', uses, templates })
  const literals = name.startsWith('is') ? [null] : others.flatMap(literalsOf)
  const compared = atomsOf(column).flatMap((atom) => {
    const of = drizzleOf(atom)
    return of?.is === 'column' ? [{ column: of, literals }] : usesOf(atom)
  })
  return drizzle({ is: 'term', uses: [...compared, ...others.flatMap(usesOf)], templates })
}

function templatesOf(value: Value): SqlOf[] {
  return atomsOf(value).flatMap((atom) => {
    const of = drizzleOf(atom)
    if (of?.is === 'sql') return [of]
    return of?.is === 'term' ? [...of.templates] : []
  })
}

/** `active.id` of a subquery: the columns behind it, with the access that they belong to. */
export function subqueryMember({ builder, selection }: SubqueryOf, name: string): Value | undefined {
  const fields = selection ?? builder.fields
  const value = fields === null ? undefined : membersOf(fields).members.find(([member]) => member === name)?.[1]
  if (value !== undefined) {
    const atom = atomsOf(value)
      .map(drizzleOf)
      .find((of) => of?.is === 'table')
    if (atom?.is === 'table') return drizzle(atom)
    return drizzle({ is: 'term', uses: usesOf(value).map((use) => withAccess(use, builder)), templates: [] })
  }
  if (fields !== null) return undefined
  return drizzle({ is: 'term', uses: allColumnsNamed(builder, name), templates: [] })
}

function allColumnsNamed(builder: SubqueryOf['builder'], name: string): Use[] {
  return builder.sources.flatMap(({ table, access }) => {
    const column: ColumnOf | undefined = columnNamed(table, name)
    if (column === undefined) return []
    return [{ column, literals: [], ...(access === null ? {} : { access }) }]
  })
}

function withAccess(use: Use, { sources }: SubqueryOf['builder']): Use {
  const access = sources.find(({ table }) => table.id === use.column.table.id)?.access
  return access === undefined || access === null ? use : { ...use, access }
}
