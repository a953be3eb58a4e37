import type { Query } from '../../builders/query.ts'
import { tableNames } from '../../builders/table-name.ts'
import { itemsOf, textOf, textsOf } from '../../read-value.ts'
import type { Site } from '../../style.ts'
import { unknown, type Value } from '../../value.ts'
import { type KyselyRun, openTable } from './tables.ts'
import { allOf, type ClientOf, type KyselyOf, kysely } from './values.ts'

const TABLES = new Set(['createTable', 'alterTable', 'dropTable', 'createView', 'dropView', 'refreshMaterializedView'])

/** `db.schema`: what makes, changes and drops tables and views. */
export function callSchema(
  run: KyselyRun,
  client: ClientOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first = unknown('none is given')] = args
  if (method === 'withSchema') return kysely({ is: 'schema', client: { ...client, schema: first } })
  if (method === 'createIndex') return kysely({ is: 'index', client })
  if (!TABLES.has(method)) return kysely({ is: 'command', gives: null })
  const access = openDdl(run, client, first, site)
  return access ? kysely({ is: 'ddl', access, client }) : undefined
}

function openDdl(run: KyselyRun, client: ClientOf, value: Value, site: Site) {
  const [name] = tableNames(value)
  return name && openTable(run, client, name, 'ddl', site)
}

/** `createIndex('name').on('posts')`. */
export function callIndex(
  run: KyselyRun,
  of: Extract<KyselyOf, { is: 'index' }>,
  method: string,
  args: readonly Value[],
  site: Site,
): Value {
  if (method === 'on' && args[0]) openDdl(run, of.client, args[0], site)
  return kysely(of)
}

/** What is said of a table that is made or changed: its columns count as written. */
export function callDdl(
  of: Extract<KyselyOf, { is: 'ddl' }>,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const { access, client } = of
  const [first, second] = args
  switch (method) {
    case 'addColumn':
    case 'dropColumn':
    case 'alterColumn':
    case 'modifyColumn':
      access.written(textsOf(first).texts)
      return kysely(of)
    case 'renameColumn':
      access.written([...textsOf(first).texts, ...textsOf(second).texts])
      return kysely(of)
    case 'columns':
      access.written(itemsOf(first).items.flatMap((item) => textsOf(item).texts))
      return kysely(of)
    case 'as': {
      const made = first?.kind === 'function' ? site.call(first, [kysely(client)]) : first
      const outputs = allOf(made, 'builder').flatMap((builder) => builder.query.outputs)
      access.written(outputs.flatMap(({ name }) => name ?? []))
      if (outputs.length === 0 || outputs.some(({ name }) => name === null)) access.unknownColumns()
      return kysely(of)
    }
    case '$call':
      return first && site.call(first, [kysely(of)])
    case 'execute':
    case 'compile':
      return undefined
    default:
      return kysely(of)
  }
}

/** `with('name', …)`, `with('name(a, b)', …)`, `with((cte) => cte('name').materialized(), …)`. */
export function callWith(client: ClientOf, isRecursive: boolean, args: readonly Value[], site: Site): Value {
  const [first, second] = args
  const given = first?.kind === 'function' ? site.call(first, [kysely({ is: 'name of with', name: first })]) : first
  const [cte] = allOf(given, 'name of with')
  const text = textOf(cte ? cte.name : given)
  const match = /^\s*([^(\s]+)\s*(?:\(([^)]*)\))?/.exec(text ?? '')
  const columns = match?.[2]?.split(',').map((column) => column.trim()) ?? []
  const named = { query: null as Query | null, columns }
  const all = new Map(client.named)
  if (match?.[1]) all.set(match[1], named)
  const inside = isRecursive ? { ...client, named: all } : client
  const made = second?.kind === 'function' ? site.call(second, [kysely(inside)]) : second
  named.query = allOf(made, 'builder')[0]?.query ?? null
  return kysely({ ...client, named: all })
}
