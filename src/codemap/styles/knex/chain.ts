import type { Access } from '../../access.ts'
import { createHomes, type Home, type Homes } from '../../builders/homes.ts'
import { renameTexts, type TableName, tableNames } from '../../builders/table-name.ts'
import type { Operation } from '../../interaction.ts'
import { itemsOf, membersOf } from '../../read-value.ts'
import type { Definition } from '../../sql/catalog.ts'
import type { Site } from '../../style.ts'
import { array, atomsOf, type Value } from '../../value.ts'
import { openRelations } from './relations.ts'
import {
  allOf,
  type BuilderOf,
  type Chain,
  type ClientOf,
  type Head,
  knex,
  knexOf,
  type RawOf,
  type Step,
  type StepTable,
} from './values.ts'

/** What one run remembers. */
export interface KnexRun {
  readonly homes: Homes
  readonly heads: Set<Head>
  readonly raws: Set<RawOf>
  /** What migrations say of tables: it tells which table has a column. */
  readonly definitions: Definition[]
  /** Whether a package without a word about its database could reach PostgreSQL. */
  readonly mayReach: (file: string) => boolean
}

export function createRun(mayReach: KnexRun['mayReach']): KnexRun {
  return { homes: createHomes(mayReach), heads: new Set(), raws: new Set(), definitions: [], mayReach }
}

const NO_MODEL: Pick<Head, 'model' | 'key' | 'casing'> = { model: null, key: [], casing: null }

/** A builder of which nothing has been said. */
export function startBuilder(run: KnexRun, client: ClientOf, is: Head['is'], model = NO_MODEL): BuilderOf {
  const chain: Chain = { before: null, step: null, extended: false }
  const head: Head = { client, is, chains: new Set([chain]), ...model, schema: null }
  run.heads.add(head)
  return { is: 'builder', head, chain }
}

const FROM = new Set(['from', 'table', 'into', 'updateFrom', 'using'])
export const JOINS = /^(inner|left|leftOuter|right|rightOuter|outer|fullOuter|cross)?[jJ]oin$/
/** Callbacks that say conditions of the query itself, as their first argument. */
const PARTS = /^(and|or)?(where|having|on)(not)?(wrapped)?$/i

/** Objection reads related rows with queries of their own, or joins them. */
const GRAPHS =
  /^(withGraph(Fetched|Joined)|eager|(inner|left|right)?Join(Related|Relation|Eager)|joinRelated|joinRelation|mergeEager)$/

/** One more call on a builder. */
export function addStep(run: KnexRun, of: BuilderOf, method: string, given: readonly Value[], site: Site): BuilderOf {
  const args = given.map((arg, at) => runCallbacks(run, of, method, at, arg, site))
  for (const arg of args) markParts(arg)
  if (method === 'withSchema') of.head.schema = args[0] ?? null
  const step: Step = { method, args, site, tables: openTables(run, of, method, args, site) }
  const chain: Chain = { before: of.chain, step, extended: false }
  of.chain.extended = true
  of.head.chains.add(chain)
  return { is: 'builder', head: of.head, chain }
}

/** Callbacks are given a builder, also as `this`, and say with it what stands in their place. */
function runCallbacks(run: KnexRun, of: BuilderOf, method: string, at: number, arg: Value, site: Site): Value {
  if (arg.kind === 'array' && arg.items.some((item) => item.kind === 'function'))
    return array(arg.items.map((item) => runCallbacks(run, of, method, at, item, site)))
  if (arg.kind !== 'function') return arg
  const isPart = JOINS.test(method) ? at > 0 : at === 0 && PARTS.test(method)
  const inner = knex(startBuilder(run, of.head.client, isPart ? 'part' : 'query'))
  site.call(arg, [inner], inner)
  return inner
}

/** SQL that is handed to a builder is no statement of its own. */
export function markParts(value: Value): void {
  for (const raw of allOf(value, 'raw')) raw.use.isPart = true
  for (const atom of atomsOf(value)) {
    if (atom.kind === 'array') for (const item of atom.items) markParts(item)
    if (atom.kind === 'object') for (const [, member] of membersOf(atom).members) markParts(member)
  }
}

function openTables(run: KnexRun, of: BuilderOf, method: string, args: readonly Value[], site: Site): StepTable[] {
  if (of.head.model && GRAPHS.test(method)) {
    const isJoin = /related|relation/i.test(method)
    const tables = openRelations(run, of, of.head.model, args[0], !isJoin, site)
    return /fetched|eager$/i.test(method) && !isJoin ? [] : tables
  }
  const isFrom = FROM.has(method)
  const [first] = args
  if ((!isFrom && !JOINS.test(method)) || !first) return []
  const operation = isFrom ? null : 'select'
  return tablesOf(first).map((name) => ({ name, access: openTable(run, of, name, operation, site) }))
}

/** `'posts as p'`, `{ p: 'posts' }`, lists of such; what is no name is none. */
function tablesOf(value: Value): TableName[] {
  return atomsOf(value).flatMap((atom): TableName[] => {
    if (atom.kind === 'library') {
      const of = knexOf(atom)
      return of?.is === 'ref' ? tableNames(of.name) : []
    }
    if (atom.kind === 'array') return itemsOf(atom).items.flatMap(tablesOf)
    if (atom.kind !== 'object') return tableNames(atom)
    return membersOf(atom).members.flatMap(([alias, member]) =>
      tablesOf(member).map((name) => ({ ...name, names: [alias] })),
    )
  })
}

export function openTable(
  run: KnexRun,
  { head }: BuilderOf,
  name: TableName,
  operation: Operation | null,
  site: Site,
): Access {
  const { client } = head
  const casing = casingFor(run, client, site.place.file)
  return site.open({
    table: () => renameTexts(name.table, casing),
    // It may be said later in the chain.
    get schema() {
      return name.schema ?? head.schema
    },
    operation,
    key: name.names.join(),
    columnName: (column) => casing(head.casing ? head.casing(column) : column),
    transaction: client.transaction,
    finish: (access) => {
      if (!homeOf(run, client, site.place.file).postgres) access.drop()
    },
  })
}

export function homeOf(run: KnexRun, client: ClientOf, file: string): Home {
  return client.home ?? run.homes.find(file, '')
}

function casingFor(run: KnexRun, client: ClientOf, file: string) {
  return (name: string): string => {
    const { casing } = homeOf(run, client, file)
    return casing ? casing(name) : name
  }
}

/** All calls up to here, the first one first. */
export function stepsOf(chain: Chain): Step[] {
  const steps: Step[] = []
  for (let at: Chain | null = chain; at; at = at.before) if (at.step) steps.unshift(at.step)
  return steps
}
