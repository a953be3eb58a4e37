import type pg from 'pg'
import { readCatalog } from '../catalog/read-catalog.ts'
import { type Dependent, type DependentKind, readDependents, type TableName } from '../catalog/read-dependents.ts'
import { withSearchPath } from '../catalog/search-path.ts'
import type { CatalogTable } from '../catalog/types.ts'
import { transaction } from '../db/transaction.ts'
import { loadParser } from '../spec/expression.ts'
import type { Mapping } from '../spec/mapping.ts'
import { display } from '../sqlgen/names.ts'
import { type ForeignKey, type OldView, planForeignKey, planView, releaseForeignKey } from '../sqlgen/repoint.ts'
import type { Statement } from '../sqlgen/statement.ts'
import { foreignKeysQuery, leavingFunctionsQuery, oldViewsQuery, publishedQuery } from './dependents.sql.ts'
import { sourceTables } from './followed-tables.ts'

/** Something of the user's that uses old tables and doesn't leave with them. */
export interface Hanging {
  /** `view public.report`, `foreign key public.notes.notes_post_fkey`, `function public.f(text)` */
  readonly what: string
  readonly on: readonly string[]
  readonly dependent: Dependent
  /** What finish does with it; null where only the user can make it anew. */
  readonly statement: Statement | null
  /** Why finish can do nothing with it. */
  readonly problem: string | null
  readonly foreignKey: ForeignKey | null
  readonly view: OldView | null
}

export interface Dependents {
  readonly hanging: readonly Hanging[]
  /** Foreign keys of the old tables to tables that stay: they go. */
  readonly released: readonly { readonly foreignKey: ForeignKey; readonly statement: Statement }[]
}

/** What leaves at finish: the old tables, and views that the mapping names as sources. */
export function leavingRelations(mapping: Mapping, oldTables: readonly TableName[]): TableName[] {
  return [...oldTables, ...mapping.views].map(({ schema, name }) => ({ schema, name }))
}

/** Everything that hangs on the old tables, and what finish can do with each. Call `loadParser()` before. */
export async function readHanging(
  client: pg.ClientBase,
  mapping: Mapping,
  tables: readonly CatalogTable[],
  oldTables: readonly TableName[],
  ignore: readonly string[],
): Promise<Dependents> {
  return await inTransaction(client, async () => {
    const leaving = leavingRelations(mapping, oldTables)
    const left = await readLeft(client, mapping, leaving, ignore)
    const [views, keys] = await withSearchPath(client, 'pg_catalog', async () => [
      (await client.query<OldView>(oldViewsQuery, namesOf(leaving))).rows,
      (await client.query<ForeignKey>(foreignKeysQuery, namesOf(leaving))).rows,
    ])
    const hanging = left.map((one): Hanging => {
      const { kind, schema, name, table } = one.dependent
      const view = kind === 'view' ? views.find((v) => v.schema === schema && v.name === name) : undefined
      const foreignKey =
        kind === 'foreign key'
          ? keys.find((k) => k.name === name && k.table.schema === schema && k.table.name === table)
          : undefined
      const planned = view
        ? planView(mapping, tables, view)
        : foreignKey
          ? planForeignKey(mapping, tables, foreignKey)
          : { statement: null, problem: REASONS[kind] }
      return { ...one, ...planned, foreignKey: foreignKey ?? null, view: view ?? null }
    })
    const isLeaving = (r: TableName): boolean => leaving.some((l) => l.schema === r.schema && l.name === r.name)
    const released = keys
      .filter((k) => isLeaving(k.table))
      .map((foreignKey) => ({ foreignKey, statement: releaseForeignKey(foreignKey) }))
    return { hanging, released }
  })
}

/** A sentence on each thing that hangs on the old tables, with what finish will do. Reads only. */
export async function describeHanging(client: pg.ClientBase, mapping: Mapping): Promise<string[]> {
  await loadParser()
  const { tables } = await readCatalog(client, [mapping.oldSchema])
  const { hanging } = await readHanging(client, mapping, tables, sourceTables(mapping, tables), [])
  return hanging.map(
    (h) =>
      `${h.what} hangs on ${h.on.join(', ')}: ${h.statement === null ? `finish needs your script for it, since ${h.problem}` : 'finish makes it anew over the new table'}.`,
  )
}

/** Why finish leaves it to the user, kind by kind. */
export const REASONS: { readonly [kind in DependentKind]: string } = {
  view: "its query can't be rewritten",
  'foreign key': "it can't be made anew",
  'materialized view': "its query can't be replaced in place",
  function: 'its body or its arguments are bound to the old table',
  'function (by text)': 'its text mentions the name',
  policy: 'its expression reads the old table',
  rule: 'it rewrites statements to the old table',
  'column type': "the column's type is the old table's row type",
  publication: "no new table that takes the old one's place is in it",
}

/**
 * What uses any of these relations from outside, each thing once. Left out: what leaves with them, publications that
 * have a new table too, and what the user has said to ignore.
 */
export async function readLeft(
  client: pg.ClientBase,
  mapping: Mapping,
  leaving: readonly TableName[],
  ignore: readonly string[],
): Promise<{ readonly what: string; readonly on: readonly string[]; readonly dependent: Dependent }[]> {
  return await inTransaction(client, async () => {
    const dependents = await readDependents(client, leaving)
    const own = new Set(leaving.map(display))
    const targets = mapping.targets.map((t) => t.relation)
    const [published, triggers] = await withSearchPath(client, 'pg_catalog', async () => [
      (await client.query<{ publication: string; schema: string; name: string }>(publishedQuery, namesOf(targets)))
        .rows,
      (await client.query<TableName>(leavingFunctionsQuery, namesOf(leaving))).rows,
    ])
    const leavesToo = (d: Dependent): boolean => {
      if (d.kind === 'function (by text)')
        return d.arguments === '' && triggers.some((f) => f.schema === d.schema && f.name === d.name)
      if (d.kind === 'function') return false
      if (d.kind === 'publication')
        return published.some(
          (p) =>
            p.publication === d.name &&
            targets.some((r) => r.schema === p.schema && r.name === p.name && feeds(mapping, d.on, r)),
        )
      return own.has(`${d.schema}.${d.table ?? d.name}`)
    }
    const byName = new Map<string, { what: string; on: string[]; dependent: Dependent }>()
    for (const dependent of dependents) {
      if (leavesToo(dependent)) continue
      const what = describe(dependent)
      if (isIgnored(dependent, ignore)) continue
      const known = byName.get(what)
      if (known) known.on.push(display(dependent.on))
      else byName.set(what, { what, on: [display(dependent.on)], dependent })
    }
    return [...byName.values()]
  })
}

/** By its base name: in a trial the old tables are in the archive already. */
function feeds(mapping: Mapping, old: TableName, target: TableName): boolean {
  return mapping.targets.some(
    (t) =>
      t.relation.name === target.name &&
      t.sources.some((s) => !s.stub && (s.base.name === old.name || s.relation.name === old.name)),
  )
}

function describe(d: Dependent): string {
  if (d.kind === 'publication') return `publication ${d.name}`
  if (d.kind === 'function' || d.kind === 'function (by text)') return `function ${d.schema}.${d.name}(${d.arguments})`
  return `${d.kind} ${d.schema}.${d.table === null ? '' : `${d.table}.`}${d.name}`
}

/** Only what goes on without the old table: a mention may mean something else, and a publication is just emptier. */
function isIgnored(d: Dependent, ignore: readonly string[]): boolean {
  if (d.kind === 'publication') return ignore.includes(d.name)
  return d.kind === 'function (by text)' && ignore.includes(`${d.schema}.${d.name}(${d.arguments})`)
}

function namesOf(relations: readonly TableName[]): [string[], string[]] {
  return [relations.map((r) => r.schema), relations.map((r) => r.name)]
}

async function inTransaction<Result>(client: pg.ClientBase, fn: () => Promise<Result>): Promise<Result> {
  const status = client.getTransactionStatus()
  if (status === 'T' || status === 'E') return await fn()
  return await transaction(client, fn, { isolation: 'repeatable read', readOnly: true })
}
