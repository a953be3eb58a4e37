import type { FuncCall } from 'libpg-query'
import { isBuiltIn } from './built-in-functions.ts'
import { findRoutine } from './catalog.ts'
import { pathOf } from './expression.ts'
import { openTouch, type Walk } from './touch.ts'

/**
 * A call of one of the project's own functions is an interaction; a call of PostgreSQL's or of an extension's is none.
 * Own is what the DDL creates. Where no DDL creates it, also what is called alone (`select claim_jobs($1)`,
 * `from claim_jobs($1)`, `call …`), is none of PostgreSQL's, and isn't in a schema that holds somebody else's functions.
 */
export function noteCall(call: FuncCall, position: 'alone' | 'expression' | 'call', walk: Walk): void {
  const path = pathOf(call.funcname)
  const [name = '', schema = null] = [path.at(-1), path.at(-2)]
  const isOwn = findRoutine(walk.catalog, schema, name) !== undefined
  if (!isOwn && schema === 'pg_catalog') return
  if (!isOwn && position !== 'call' && schema === null && isBuiltIn(name)) return
  if (!isOwn) walk.unsure = true
  if (!isOwn && (position === 'expression' || (schema !== null && FOREIGN_SCHEMAS.has(schema)))) return
  const relation = { relname: name, location: call.location ?? 0 }
  openTouch(walk, schema === null ? relation : { ...relation, schemaname: schema }, 'rpc')
}

/** Schemas of extensions and of Supabase. */
const FOREIGN_SCHEMAS = new Set(
  `auth cron extensions graphql graphql_public information_schema net pgmq pgsodium postgis realtime storage
   supabase_functions tiger topology vault`.split(/\s+/),
)
