import { placeKey } from '../../access-book.ts'
import type { Site } from '../../style.ts'
import type { Value } from '../../value.ts'
import { openSql } from '../open-sql.ts'
import { callWith } from './schema.ts'
import { callClauses, selectFrom } from './select.ts'
import { homeOf, type KyselyRun, queryOf } from './tables.ts'
import { allOf, type ClientOf, type KyselyOf, kysely, type RawOf } from './values.ts'
import { startWrite } from './write.ts'

/** A client, a transaction, or what `with(…)` makes of them. */
export function callClient(
  run: KyselyRun,
  client: ClientOf,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first] = args
  switch (method) {
    case 'selectFrom':
      return selectFrom(run, client, null, first, site)
    case 'selectNoFrom': {
      const query = queryOf(run, null, null)
      const of = { is: 'builder', kind: 'select', client, query, target: null, named: false, does: [] } as const
      return callClauses(run, of, 'select', args, site)
    }
    case 'with':
    case 'withRecursive':
      return callWith(client, method === 'withRecursive', args, site)
    case 'withSchema':
      return kysely({ ...client, schema: first ?? null })
    case 'withPlugin':
      return kysely({ ...client, casing: allOf(first, 'casing')[0]?.casing ?? client.casing })
    case 'withoutPlugins':
      return kysely({ ...client, casing: null })
    case 'withTables':
    case '$extendTables':
    case '$omitTables':
    case '$pickTables':
      return kysely(client)
    case 'transaction':
    case 'startTransaction':
      return kysely({ is: 'transaction', client: { ...client, transaction: placeKey(site.place) } })
    case 'connection':
      return kysely({ is: 'command', gives: client })
    case 'savepoint':
      return kysely({ is: 'command', gives: client })
    case 'executeQuery':
      for (const raw of allOf(first, 'raw')) runRaw(run, raw, client, site)
      return undefined
    default:
      return startWrite(run, client, method, args, site)
  }
}

/** `db.transaction().setIsolationLevel(…).execute(async (trx) => …)`, `await db.startTransaction().execute()`. */
export function callTransaction(
  of: Extract<KyselyOf, { is: 'transaction' | 'command' }>,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  if (method !== 'execute') return kysely(of)
  const client = of.is === 'transaction' ? of.client : of.gives
  if (!client) return undefined
  return args[0] ? site.call(args[0], [kysely(client)]) : kysely(client)
}

/** sql`…`.execute(db): a statement of its own. */
export function runRaw(run: KyselyRun, raw: RawOf, client: ClientOf | undefined, site: Site): void {
  if (client && !homeOf(run, client, site.place.file).postgres) return
  openSql(raw.site, raw.text, { transaction: client?.transaction ?? null })
}
