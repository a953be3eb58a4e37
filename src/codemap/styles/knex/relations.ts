import { type TableName, tableNames } from '../../builders/table-name.ts'
import { itemsOf, memberValue, textOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { atomsOf, text, unknown, type Value } from '../../value.ts'
import { type KnexRun, openTable } from './chain.ts'
import type { BuilderOf, StepTable } from './values.ts'

/** One relation of an Objection model. */
export interface Relation {
  readonly name: string
  /** The class on the other side, where the code tells. */
  readonly model: Value
  readonly mapping: Value
}

export function findRelation(model: Value, name: string, site: Site): Relation | undefined {
  const given = site.member(model, 'relationMappings')
  const mappings = given.kind === 'function' ? site.call(given, []) : given
  const mapping = memberValue(mappings, name)
  if (!mapping) return undefined
  const other = memberValue(mapping, 'modelClass') ?? unknown('it is not told')
  return { name, model: other.kind === 'function' ? site.call(other, []) : other, mapping }
}

export interface RelationTable {
  readonly table: Value
  readonly name: TableName
  /** By which its rows are found. */
  readonly columns: readonly string[]
}

/** The related table, and the one between. */
export function relationTables({ mapping, name }: Relation): RelationTable[] {
  const join = memberValue(mapping, 'join')
  const through = memberValue(join, 'through')
  const between = [memberValue(through, 'from'), memberValue(through, 'to')].filter((one) => one !== undefined)
  const target = tableOf([memberValue(join, 'to') ?? unknown('it is not told')], name)
  return [...target, ...(between.length > 0 ? tableOf(between, `${name}_join`) : [])]
}

/** `pets.owner_id`, or a list of such. */
function tableOf(references: readonly Value[], alias: string): RelationTable[] {
  const paths = references.flatMap((one) => itemsOf(one).items.flatMap((item) => textsOf(item).texts))
  const [first] = paths
  if (first === undefined) {
    const [table = unknown('it is not told')] = references
    return tableNames(table).map((name) => ({ table, name, columns: [] }))
  }
  const table = text(first.split('.').slice(0, -1).join('.'))
  const columns = paths.map((path) => path.split('.').at(-1) ?? path)
  return tableNames(table).map((name) => ({ table, name: { ...name, names: [alias, ...name.names] }, columns }))
}

/**
 * The tables of the relations that an expression names: `'pets'`, `'[pets, movies.actors]'`, `{ pets: { toys: true } }`.
 * All columns of them are read, unless they are only joined.
 */
export function openRelations(
  run: KnexRun,
  builder: BuilderOf,
  model: Value,
  expression: Value | undefined,
  isRead: boolean,
  site: Site,
): StepTable[] {
  const tables: StepTable[] = []
  for (const [name, inner] of namesIn(expression)) {
    const relation = findRelation(model, name, site)
    if (!relation) {
      site.unresolved('select', `the relation "${name}" is not known`)
      continue
    }
    for (const { name: table, columns } of relationTables(relation)) {
      const access = openTable(run, builder, table, 'select', site)
      access.filtered(columns)
      if (isRead) access.unknownColumns()
      tables.push({ name: table, access })
    }
    tables.push(...openRelations(run, builder, relation.model, inner, isRead, site))
  }
  return tables
}

function namesIn(expression: Value | undefined): [name: string, inner: Value | undefined][] {
  return atomsOf(expression ?? unknown('')).flatMap((atom): [string, Value | undefined][] => {
    if (atom.kind === 'object')
      return atom
        .names()
        .flatMap((name): [string, Value | undefined][] => (name.startsWith('$') ? [] : [[name, atom.get(name)]]))
    const written = textOf(atom)
    if (written === null) return []
    return splitOutside(written.trim().replace(/^\[(.*)\]$/s, '$1'), ',').map((part): [string, Value | undefined] => {
      const [head = '', ...rest] = splitOutside(part.trim(), '.')
      const name = head.replace(/\(.*$/s, '').replace(/\s+as\s+.*$/, '')
      return [name.trim(), rest.length > 0 ? text(rest.join('.')) : undefined]
    })
  })
}

/** Splits where no bracket is open. */
function splitOutside(written: string, separator: string): string[] {
  const parts = ['']
  let depth = 0
  for (const letter of written) {
    if ('[('.includes(letter)) depth += 1
    if ('])'.includes(letter)) depth -= 1
    if (letter === separator && depth === 0) parts.push('')
    else parts[parts.length - 1] += letter
  }
  return parts.filter((part) => part.trim() !== '')
}
