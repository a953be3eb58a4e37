import type pg from 'pg'
import { transaction } from '../../db/transaction.ts'
import { withSearchPath } from '../search-path.ts'
import {
  databaseWideObjectsQuery,
  defaultPrivilegesQuery,
  eventTriggerObjectsQuery,
  extensionObjectsQuery,
  publicationObjectsQuery,
  schemaObjectsQuery,
} from './database.sql.ts'
import type { Fact, Inventory, InventoryObject } from './inventory.ts'
import { languageObjectsQuery, operatorObjectsQuery } from './operators.sql.ts'
import {
  constraintObjectsQuery,
  indexObjectsQuery,
  policyObjectsQuery,
  ruleObjectsQuery,
  statisticsObjectsQuery,
  triggerObjectsQuery,
} from './relation-parts.sql.ts'
import { columnObjectsQuery, relationObjectsQuery, sequenceObjectsQuery } from './relations.sql.ts'
import { routineObjectsQuery, typeObjectsQuery } from './types.sql.ts'

const QUERIES = [
  schemaObjectsQuery,
  extensionObjectsQuery,
  typeObjectsQuery,
  sequenceObjectsQuery,
  relationObjectsQuery,
  columnObjectsQuery,
  constraintObjectsQuery,
  indexObjectsQuery,
  triggerObjectsQuery,
  ruleObjectsQuery,
  policyObjectsQuery,
  statisticsObjectsQuery,
  routineObjectsQuery,
  operatorObjectsQuery,
  languageObjectsQuery,
  defaultPrivilegesQuery,
  publicationObjectsQuery,
  eventTriggerObjectsQuery,
  databaseWideObjectsQuery,
]

/**
 * Every object of these schemas, and those that belong to the database as a whole: nineteen queries, however many there
 * are. What an extension brings, what the server makes by itself, temporary tables and Crossfade's own triggers are not
 * in it; neither are subscriptions and user mappings, which hold secrets. Sorted by kind and name. Outside a transaction
 * it opens one.
 */
export async function readInventory(client: pg.ClientBase, schemas: readonly string[]): Promise<Inventory> {
  const read = () => withSearchPath(client, 'pg_catalog', () => readObjects(client, schemas))
  const status = client.getTransactionStatus()
  if (status === 'T' || status === 'E') return await read()
  return await transaction(client, read, { isolation: 'repeatable read', readOnly: true })
}

async function readObjects(client: pg.ClientBase, schemas: readonly string[]): Promise<Inventory> {
  const objects: InventoryObject[] = []
  for (const query of QUERIES) {
    const { rows } = await client.query<Row>(query, [schemas])
    for (const { facts, ...row } of rows) objects.push({ ...row, facts: present(facts) })
  }
  return objects.sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name))
}

interface Row extends Omit<InventoryObject, 'facts'> {
  readonly facts: { readonly [fact: string]: Fact | null }
}

function present(facts: Row['facts']): { [fact: string]: Fact } {
  return Object.fromEntries(
    Object.entries(facts)
      .filter((entry): entry is [string, Fact] => entry[1] !== null)
      // Options mean the same in any order.
      .map(([fact, value]): [string, Fact] => [
        fact,
        isList(value) && /options$/i.test(fact) ? [...value].sort() : value,
      ])
      .sort(([a], [b]) => compare(a, b)),
  )
}

function isList(value: Fact): value is readonly string[] {
  return Array.isArray(value)
}

/** By code units, so that the order doesn't depend on a locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
