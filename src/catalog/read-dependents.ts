import type pg from 'pg'
import { transaction } from '../db/transaction.ts'
import {
  type DependentRow,
  dependentsQuery,
  type FunctionTextRow,
  functionTextsQuery,
  relationOidsQuery,
} from './dependents.sql.ts'
import { withSearchPath } from './search-path.ts'

export type DependentKind =
  | 'view'
  | 'materialized view'
  | 'function'
  | 'function (by text)'
  | 'foreign key'
  | 'policy'
  | 'publication'
  | 'rule'
  | 'column type'

export interface TableName {
  readonly schema: string
  readonly name: string
}

/** Something that uses a table from outside, and must follow it or be told about it when it moves. */
export interface Dependent {
  readonly kind: DependentKind
  readonly schema: string
  /** For publications the name of the publication; `schema` and `table` are then those of the published table. */
  readonly name: string
  /** The table that it lies on: of a foreign key, policy, rule, column or publication. */
  readonly table: string | null
  /** For functions: the argument types, which are a part of the name. */
  readonly arguments: string | null
  readonly on: TableName
  readonly definition: string
  /** The server says so. false: a text mentions the name, and may mean something else. */
  readonly certain: boolean
}

/**
 * What depends on each of these tables, directly: a view over a view is found by asking again. Crossfade's own
 * objects are left out. Outside a transaction it opens one.
 */
export async function readDependents(client: pg.ClientBase, tables: readonly TableName[]): Promise<Dependent[]> {
  const status = client.getTransactionStatus()
  const read = () => withSearchPath(client, 'pg_catalog', () => readInTransaction(client, tables))
  if (status === 'T' || status === 'E') return await read()
  return await transaction(client, read, { isolation: 'repeatable read', readOnly: true })
}

async function readInTransaction(client: pg.ClientBase, tables: readonly TableName[]): Promise<Dependent[]> {
  const found = await client.query<TableName & { oid: number }>(relationOidsQuery, [
    tables.map((table) => table.schema),
    tables.map((table) => table.name),
  ])
  const nameOf = new Map(found.rows.map(({ oid, schema, name }) => [oid, { schema, name }]))
  const recorded = await client.query<DependentRow>(dependentsQuery, [[...nameOf.keys()]])
  const certain = recorded.rows.flatMap(({ on: oid, ...row }): Dependent[] => {
    const on = nameOf.get(oid)
    return on === undefined ? [] : [{ ...row, on, certain: true }]
  })
  return [...certain, ...(await readByText(client, [...nameOf.values()], certain))]
}

async function readByText(
  client: pg.ClientBase,
  tables: readonly TableName[],
  certain: readonly Dependent[],
): Promise<Dependent[]> {
  const spellings = tables.flatMap((table) => spellingsOf(table.name))
  const { rows } = await client.query<FunctionTextRow>(functionTextsQuery, [spellings])
  const known = new Set(certain.filter((one) => one.kind === 'function').map(functionKey))
  const read = rows.map((row) => ({ row, words: new Set(row.source.toLowerCase().match(WORD)) }))
  return tables.flatMap((on) => {
    const spellings = spellingsOf(on.name)
    const odd = spellings.filter((name) => name.match(WORD)?.[0] !== name).map(wordPattern)
    return read
      .filter(({ row, words }) => spellings.some((name) => words.has(name)) || odd.some((one) => one.test(row.source)))
      .filter(({ row }) => !known.has(functionKey({ ...row, on })))
      .map(({ row: { source: _, ...row } }): Dependent => {
        return { ...row, kind: 'function (by text)', table: null, on, certain: false }
      })
  })
}

/** Thousands of names are looked up in the words of each text; only a name that is no word is searched for. */
const WORD = /[\p{L}\p{N}_$]+/gu

function functionKey(one: Pick<Dependent, 'schema' | 'name' | 'arguments' | 'on'>): string {
  return JSON.stringify([one.schema, one.name, one.arguments, one.on.schema, one.on.name])
}

/** In lower case, as unquoted names are folded: the name, and how it looks between quotes. */
function spellingsOf(name: string): string[] {
  const lower = name.toLowerCase()
  return [...new Set([lower, lower.replaceAll('"', '""'), lower.replaceAll("'", "''")])]
}

function wordPattern(word: string): RegExp {
  const escaped = word.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(`(?<![\\p{L}\\p{N}_$])${escaped}(?![\\p{L}\\p{N}_$])`, 'iu')
}
