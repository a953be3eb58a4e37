import type { Access } from '../../access.ts'
import { itemsOf, literalsOf, memberValue, textOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import type { Facts } from './facts.ts'
import { openModel, type Query } from './query.ts'
import { type Relation, relationTo } from './relations.ts'
import { selectAttributes } from './selection.ts'
import { filterBy } from './terms.ts'
import { allOf } from './values.ts'

/** Opens the tables that an `include` names, and what is said of each; `path` is that of the aliases around it. */
export function includeAll(query: Query, value: Value, path: string, facts: Facts, source: Access): void {
  for (const entry of itemsOf(value).items.flatMap(atomsOf)) {
    if (entry.kind === 'array') includeAll(query, entry, path, facts, source)
    else if (literalsOf(memberValue(entry, 'all')).includes(true)) {
      const isNested = literalsOf(memberValue(entry, 'nested')).includes(true)
      includeEach(query, entry, path, facts, source, isNested ? 2 : 0)
    } else if (entry.kind !== 'literal') includeOne(query, entry, path, facts, source)
  }
}

/** `{ all: true, nested: true }`, to a depth at which circles end. */
function includeEach(query: Query, entry: Value, path: string, facts: Facts, source: Access, depth: number): void {
  for (const relation of query.finder.relations(facts.model)) {
    const access = openRelated(query, entry, joined(path, relation.alias), relation, relation.target, source)
    if (access && depth > 0) includeEach(query, entry, joined(path, relation.alias), relation.target, access, depth - 1)
  }
}

function includeOne(query: Query, entry: Value, path: string, facts: Facts, source: Access): void {
  const association = memberValue(entry, 'association') ?? entry
  const [named] = allOf(association, 'association')
  const alias = named?.alias ?? textOf(association) ?? textOf(memberValue(entry, 'as'))
  const [target = null] = query.finder.models(named?.target ?? memberValue(entry, 'model') ?? entry)
  const relation = relationTo(query.finder.relations(facts.model), alias, target)
  const other = relation?.target ?? (target && query.finder.factsOf(target))
  if (!other) {
    query.site.unresolved('select', `what is included${alias === null ? '' : ` as "${alias}"`} is not known`)
    return
  }
  const inner = joined(path, alias ?? relation?.alias ?? other.name)
  const access = openRelated(query, entry, inner, relation ?? null, other, source)
  const nested = memberValue(entry, 'include')
  if (access && nested) includeAll(query, nested, inner, other, access)
}

function joined(path: string, alias: string): string {
  return path === '' ? alias : `${path}.${alias}`
}

function openRelated(
  query: Query,
  entry: Value,
  path: string,
  relation: Relation | null,
  facts: Facts,
  source: Access,
): Access | null {
  const { site, transaction } = query
  const access = openModel(facts, 'select', site, transaction, `include ${path}`)
  if (!access) return null
  query.included.push({ path, relation, facts, access })
  if (relation) joinRelation(query, entry, path, relation, access, source)
  if (!query.counts) selectAttributes(query, access, facts, memberValue(entry, 'attributes'))
  filterBy(query, access, facts, memberValue(entry, 'where'))
  return access
}

/** The columns by which the tables are joined, and the table between them. */
function joinRelation(
  query: Query,
  entry: Value,
  path: string,
  relation: Relation,
  access: Access,
  source: Access,
): void {
  const { kind, target, through, column } = relation
  const [ownKey, otherKey] = [relation.source.column(relation.source.key), target.column(target.key)]
  if (kind === 'belongsTo') {
    source.filtered([column])
    access.filtered([otherKey])
    return
  }
  source.filtered([ownKey])
  if (!through) {
    access.filtered([column])
    return
  }
  access.filtered([otherKey])
  const { table, schema, columns, facts } = through
  const { transaction } = query
  const between = query.site.open({ table, schema, operation: 'select', key: `through ${path}`, transaction })
  between.filtered(columns)
  const options = memberValue(entry, 'through')
  const attributes = memberValue(options, 'attributes')
  if (!facts) {
    if (!attributes && !query.counts) between.unknownColumns()
    return
  }
  query.included.push({ path: `${path}.${facts.name}`, relation: null, facts, access: between })
  if (!query.counts) selectAttributes(query, between, facts, attributes)
  filterBy(query, between, facts, memberValue(options, 'where'))
}
