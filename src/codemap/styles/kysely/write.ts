import { addSource, EXCLUDED, use } from '../../builders/query.ts'
import { type RowReader, writeColumns, writeRows } from '../../builders/rows.ts'
import { tableNames, tableSource } from '../../builders/table-name.ts'
import type { Operation } from '../../interaction.ts'
import { itemsOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { unknown, type Value } from '../../value.ts'
import { builder, callClauses, expressionsOf, joinOn } from './select.ts'
import { addSources, type KyselyRun, openTable, queryOf } from './tables.ts'
import { conditionTerms, refTerms, valueTerms } from './terms.ts'
import { type BuilderOf, type ClientOf, kysely, kyselyOf } from './values.ts'

const WRITES: Readonly<Record<string, readonly [BuilderOf['kind'], Operation]>> = {
  insertInto: ['insert', 'insert'],
  replaceInto: ['insert', 'upsert'],
  updateTable: ['update', 'update'],
  deleteFrom: ['delete', 'delete'],
  mergeInto: ['merge', 'update'],
}

/** `insertInto(…)` and its like; undefined for another method. */
export function startWrite(
  run: KyselyRun,
  client: ClientOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [kind, operation] = WRITES[method] ?? []
  if (!kind || !operation) return undefined
  // The first is the target; MySQL alone deletes from several.
  const [first = unknown('none is given')] = itemsOf(args[0]).items
  const target = targetOf(first)
  const [name] = tableNames(target.name)
  if (!name) return undefined
  const access = openTable(run, client, name, operation, site)
  const query = queryOf(run, access, null)
  addSource(query, tableSource({ ...name, names: target.alias ?? name.names }, access))
  return builder({ is: 'builder', kind, client, query, target: access, named: false, does: [] })
}

/** `db.dynamic.table(name)`, `sql.table(name)`, each perhaps with `.as('t')`: the name in it. */
function targetOf(value: Value): { name: Value; alias?: readonly string[] } {
  const of = value.kind === 'library' ? kyselyOf(value) : undefined
  if (of?.is === 'aliased' && of.of.is === 'table') return { name: of.of.name, alias: textsOf(of.alias).texts }
  return { name: of?.is === 'table' ? of.name : value }
}

export function callWrite(
  run: KyselyRun,
  of: BuilderOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const self = kysely(of)
  const about = expressionsOf(of)
  const [first, second, third] = args
  switch (method) {
    case 'values':
      writeRow(of, first, site)
      return self
    case 'set':
      if (second) writeColumn(of, textsOf(first).texts, second, site)
      else writeRow(of, first, site)
      return self
    case 'columns':
      of.target?.written(columnsOf(first))
      return builder({ ...of, named: true })
    case 'expression':
      if (!of.named) of.target?.unknownColumns()
      if (first?.kind === 'function') site.call(first, [kysely({ ...about, query: null })])
      return self
    case 'onConflict': {
      if (!of.target) return self
      of.target.operation = 'upsert'
      addSource(of.query, EXCLUDED)
      if (first) site.call(first, [kysely({ is: 'conflict', builder: of })])
      return self
    }
    case 'onDuplicateKeyUpdate':
      if (of.target) of.target.operation = 'upsert'
      writeRow(of, first, site)
      return self
    case 'from':
      if (first) addSources(run, of.client, of.query, first, null, site)
      return self
    case 'using':
      if (first) addSources(run, of.client, of.query, first, null, site)
      if (of.kind === 'merge') joinOn(of, [second, third].filter(isThere), site)
      return self
    default:
      return of.kind === 'merge' ? callMerge(run, of, method, args, site) : callClauses(run, of, method, args, site)
  }
}

function isThere(value: Value | undefined): value is Value {
  return value !== undefined
}

function columnsOf(value: Value | undefined): string[] {
  return itemsOf(value).items.flatMap((item) => textsOf(item).texts)
}

function writeRow(of: BuilderOf, value: Value | undefined, site: Site): void {
  const reader = rowReader(of, site)
  if (reader) writeRows(reader, value)
}

function writeColumn(of: BuilderOf, columns: readonly string[], value: Value, site: Site): void {
  const reader = rowReader(of, site)
  if (reader) writeColumns(reader, columns, value)
}

function rowReader(of: BuilderOf, site: Site): RowReader | null {
  const about = expressionsOf(of)
  return (
    of.target && {
      query: of.query,
      target: of.target,
      terms: (value) => valueTerms(value, about, site),
      called: (callback) => site.call(callback, [kysely(about)]),
    }
  )
}

/** `oc` of `onConflict((oc) => oc.column('id').doUpdateSet(…))`. */
export function callConflict(of: BuilderOf, method: string, args: readonly Value[], site: Site): Value {
  const self = kysely({ is: 'conflict', builder: of })
  const about = expressionsOf(of)
  switch (method) {
    case 'column':
    case 'columns':
      of.target?.conflict(columnsOf(args[0]))
      return self
    case 'constraint':
      of.query.constraint = textsOf(args[0]).texts[0] ?? null
      return self
    case 'where':
      use(of.query, 'filtered', conditionTerms(args, about, site))
      return self
    case 'whereRef':
      use(of.query, 'filtered', [...refTerms(args[0], about, site), ...refTerms(args[2], about, site)])
      return self
    case 'expression':
      use(of.query, 'filtered', refTerms(args[0], about, site))
      return self
    case 'doUpdateSet':
      if (args[1]) writeColumn(of, textsOf(args[0]).texts, args[1], site)
      else writeRow(of, args[0], site)
      return self
    default:
      return self
  }
}

/** MERGE: update and insert together are an upsert, of which the compared columns are the conflict target. */
function callMerge(
  run: KyselyRun,
  of: BuilderOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const about = expressionsOf(of)
  const does = (what: string): Value => {
    const all = [...of.does, what]
    const [inserts, updates] = [all.includes('insert'), all.includes('update')]
    if (of.target) {
      of.target.operation = updates ? (inserts ? 'upsert' : 'update') : inserts ? 'insert' : 'delete'
      if (what === 'delete' && (inserts || updates)) of.target.derive('delete')
    }
    return builder({ ...of, does: all })
  }
  if (/^when.*And$/.test(method)) use(of.query, 'filtered', conditionTerms(args, about, site))
  else if (/^when.*AndRef$/.test(method))
    use(of.query, 'filtered', [...refTerms(args[0], about, site), ...refTerms(args[2], about, site)])
  if (method.startsWith('when') || method === 'thenDoNothing') return kysely(of)
  if (method === 'thenDelete') return does('delete')
  if (method === 'thenUpdateSet') {
    if (args[1]) writeColumn(of, textsOf(args[0]).texts, args[1], site)
    else writeRow(of, args[0], site)
    return does('update')
  }
  if (method === 'thenUpdate') {
    if (args[0]) site.call(args[0], [builder({ ...of, kind: 'update' })])
    return does('update')
  }
  if (method !== 'thenInsertValues') return callClauses(run, of, method, args, site)
  writeRow(of, args[0], site)
  return does('insert')
}
