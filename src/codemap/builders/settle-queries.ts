import type { Access } from '../access.ts'
import { findTable, findUnique, type SqlCatalog } from '../sql/catalog.ts'
import {
  findColumn,
  findSource,
  forgetColumns,
  NOTHING,
  note,
  type Outputs,
  openScope,
  querySource,
  readStar,
  renameOutputs,
  type Scope,
  type Source as ScopeSource,
  tableSource,
} from '../sql/scope.ts'
import { noteValues, type Touch, type Walk } from '../sql/touch.ts'
import type { Site } from '../style.ts'
import { text } from '../value.ts'
import { findNamed, type NamedQuery, type Output, type Query, type Source, type Use } from './query.ts'
import { readJoin, readSql } from './read-sql.ts'

/** Finds out which columns of which tables the queries speak of, and tells the accesses; once, at the end. */
export function settleQueries(queries: Iterable<Query>, catalog: SqlCatalog): void {
  const all = [...queries]
  const settling: Settling = { catalog, scopes: new Map(), outputs: new Map(), touches: new Map(), adopted: [] }
  for (const query of all) settleQuery(query, settling)
  for (const [access, touch] of [...settling.touches, ...settling.adopted]) tell(access, touch)
}

interface Settling {
  readonly catalog: SqlCatalog
  readonly scopes: Map<Query, Scope>
  readonly outputs: Map<Query, Outputs>
  readonly touches: Map<Access, Touch>
  /** Of tables that only SQL in the queries names. */
  readonly adopted: [Access, Touch][]
}

/** Tables that only the text names are accesses where the text stands. */
function adopt(touches: readonly Touch[], site: Site, { adopted }: Settling): void {
  for (const touch of touches) {
    const { schema, table, operation } = touch
    const access = site.open({ table: text(table), schema, operation, key: `sql ${schema ?? ''}.${table}` })
    adopted.push([access, touch])
  }
}

function settleQuery(query: Query, settling: Settling): void {
  const scope = scopeOf(query, settling)
  const outputs = outputsOf(query, settling)
  for (const one of query.uses) {
    if (query.isExists && one.role === 'read' && one.term.is !== 'sql') continue
    settleUse(one, outputs, scope, settling)
  }
  const [target] = query.sources
  if (!target?.access) return
  const conflict = target.access.operation === 'upsert' ? matchedColumns(query, scope, settling) : []
  if (query.constraint !== null) {
    const table = findTable(settling.catalog, target.schema, target.table ?? '')
    conflict.push(...(findUnique(table, query.constraint) ?? []))
  }
  if (conflict.length > 0) target.access.conflict(conflict)
}

function matchedColumns(query: Query, scope: Scope, settling: Settling): string[] {
  const walk = walkOf(settling)
  const [target] = scope.sources
  const origins = query.matched.flatMap((term) => (term.is === 'column' ? findColumn(term.path, scope, walk) : []))
  return origins.filter(({ touch }) => touch === target?.touch).map(({ column }) => column)
}

function settleUse({ role, term }: Use, outputs: Outputs, scope: Scope, settling: Settling): void {
  const walk = walkOf(settling)
  switch (term.is) {
    case 'column': {
      const [only] = term.path
      const output =
        role === 'ordered' && term.path.length === 1 ? outputs.columns.find((one) => one.name === only) : undefined
      const origins = output?.origins ?? findColumn(term.path, scope, walk)
      note(origins, role)
      for (const { touch, column } of origins) noteValues(touch, column, term.literals)
      return
    }
    case 'star': {
      const source = term.of === null ? undefined : findSource(scope, null, term.of)
      readStar(term.of === null ? scope.sources.filter((one) => !one.hidden) : source ? [source] : [])
      return
    }
    case 'sql':
      adopt(readSql(term.text, role, scope, walk), term.site, settling)
      return
    case 'unknown':
      forgetColumns(scope)
  }
}

function walkOf({ catalog }: Settling): Walk {
  return {
    catalog,
    touches: [],
    gaps: [],
    definitions: [],
    variables: new Set(),
    parameter: () => ({ literals: [], isFragment: false }),
    indexOf: (byte) => byte,
    routine: null,
    unsure: false,
  }
}

function scopeOf(query: Query, settling: Settling): Scope {
  const known = settling.scopes.get(query)
  if (known) return known
  const around = query.parent ? scopeOf(query.parent, settling) : null
  const scope = openScope(
    around && query.beside ? { sources: [], parent: around.parent, queries: around.queries } : around,
  )
  settling.scopes.set(query, scope)
  for (const [name, named] of query.named) scope.queries.set(name, namedOutputs(named, settling))
  for (const source of query.sources) scope.sources.push(...scopeSources(query, source, settling))
  for (const join of query.joins) adopt(readJoin(join.text, scope, walkOf(settling)), join.site, settling)
  return scope
}

function scopeSources(query: Query, source: Source, settling: Settling): ScopeSource[] {
  const { names, access, hidden } = source
  if (!access) {
    const outputs = source.query ? outputsOf(source.query, settling) : { ...NOTHING, complete: false }
    const renamed = renameOutputs(outputs, source.columns ?? [])
    return names.map((name) => querySource(name, renamed, hidden))
  }
  const named = namedSource(query, source)
  if (named) {
    access.drop()
    return names.map((name) => querySource(name, namedOutputs(named, settling)))
  }
  const touch = touchOf(access, source, settling)
  return names.map((name) => ({ ...tableSource(touch, name), schema: source.schema }))
}

function namedOutputs(named: NamedQuery, settling: Settling): Outputs {
  const outputs = named.query ? outputsOf(named.query, settling) : { ...NOTHING, complete: false }
  return renameOutputs(outputs, named.columns)
}

/** The query of WITH that a name turns out to be, which the builder could not know when the name came. */
function namedSource(query: Query, { table, schema }: Source): NamedQuery | undefined {
  return table !== null && schema === null ? findNamed(query, table) : undefined
}

function touchOf(access: Access, { table, schema }: Source, { touches }: Settling): Touch {
  const known = touches.get(access)
  if (known) return known
  const touch: Touch = {
    schema,
    table: table ?? '',
    operation: access.operation ?? 'select',
    offset: 0,
    origin: access,
    routine: null,
    columns: { read: new Set(), written: new Set(), filtered: new Set(), ordered: new Set() },
    known: true,
    returning: false,
    conflict: new Set(),
    values: new Map(),
  }
  touches.set(access, touch)
  return touch
}

function outputsOf(query: Query, settling: Settling): Outputs {
  const known = settling.outputs.get(query)
  if (known) return known
  settling.outputs.set(query, { ...NOTHING, complete: false })
  const scope = scopeOf(query, settling)
  const walk = walkOf(settling)
  const stars: ScopeSource[] = []
  const columns: { name: string | null; origins: Outputs['columns'][number]['origins'] }[] = []
  let complete = true
  for (const output of query.outputs) {
    const star = output.terms.find((term) => term.is === 'star')
    if (star) {
      const source = star.of === null ? undefined : findSource(scope, null, star.of)
      stars.push(...(star.of === null ? scope.sources.filter((one) => !one.hidden) : source ? [source] : []))
    } else if (output.name === null && output.terms.some((term) => term.is !== 'column')) complete = false
    else columns.push({ name: output.name, origins: originsOf(output, scope, walk) })
  }
  const outputs = { columns, stars, complete }
  settling.outputs.set(query, outputs)
  return outputs
}

function originsOf({ terms }: Output, scope: Scope, walk: Walk): Outputs['columns'][number]['origins'] {
  return terms.flatMap((term) => (term.is === 'column' ? findColumn(term.path, scope, walk) : []))
}

function tell(access: Access, touch: Touch): void {
  access.read([...touch.columns.read])
  access.written([...touch.columns.written])
  access.filtered([...touch.columns.filtered])
  access.ordered([...touch.columns.ordered])
  for (const [column, literals] of touch.values) for (const literal of literals) access.value(column, literal)
  if (!touch.known) access.unknownColumns()
}
