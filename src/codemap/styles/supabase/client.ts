import type { Access } from '../../access.ts'
import { memberValue } from '../../read-value.ts'
import type { ImportedFrom, Site } from '../../style.ts'
import { library, object, unknown, type Value } from '../../value.ts'
import type { Query } from './query.ts'

/** What this style tells apart. */
export type Supabase =
  /** A function that makes a client. */
  | { readonly is: 'create' }
  /** The class of clients. */
  | { readonly is: 'class' }
  | Client
  /** `client.from('posts')`, of which the next call decides. */
  | { readonly is: 'table'; readonly access: Access; readonly client: Client }
  | { readonly is: 'query'; readonly query: Query }
  /** What has the shape of `client.from('posts')` on something of which nothing is known. */
  | { readonly is: 'maybe'; readonly reason: string; readonly site: Site }
  /** A hook of React that gives an object with the client in it. */
  | { readonly is: 'context' }
  /** Storage, auth, functions, realtime: ways to other things than tables. */
  | { readonly is: 'elsewhere' }

export interface Client {
  readonly is: 'client'
  readonly schema: Value | null
  /** Something of the generated type `Database`; null where the client has none. */
  readonly database: Value | null
}

export function wrap(of: Supabase): Value {
  return library<Supabase>('supabase', of)
}

export const ELSEWHERE = wrap({ is: 'elsewhere' })
const CREATE = wrap({ is: 'create' })
const CLASS = wrap({ is: 'class' })
const CONTEXT = wrap({ is: 'context' })
const PLAIN = wrap({ is: 'client', schema: null, database: null })

const MODULES =
  /^(@supabase\/(supabase-js|ssr|postgrest-js|auth-helpers-[a-z]+)|@nuxtjs\/supabase|#supabase\/(server|client)|#imports)(\/|$)/
const CREATING =
  /^(create\w*Client|useSupabaseClient|serverSupabase(Client|ServiceRole)|supabaseClient|getSupabase(Server)?Client)$/

export function importedClient({ specifier }: ImportedFrom, name: string): Value | undefined {
  if (!MODULES.test(specifier)) return undefined
  if (name === 'SupabaseClient' || name === 'PostgrestClient') return CLASS
  if (name === 'useSessionContext') return CONTEXT
  if (CREATING.test(name)) return CREATE
  // `const supabase = require('@supabase/supabase-js')`, or a default export that holds all others.
  if (name === 'default') return object({ createClient: CREATE, SupabaseClient: CLASS, PostgrestClient: CLASS })
  return undefined
}

export function typedClient({ specifier }: ImportedFrom, name: string, args: readonly Value[]): Value | undefined {
  if (!MODULES.test(specifier)) return undefined
  return name === 'SupabaseClient' || name === 'PostgrestClient' || name === 'TypedSupabaseClient'
    ? makeClient(args[0] ?? null, null)
    : undefined
}

/** `createClient<Database>(url, key, { db: { schema } })` */
export function createClient(args: readonly Value[], site: Site): Value {
  const schemas = args.flatMap((one) => memberValue(memberValue(one, 'db'), 'schema') ?? [])
  return makeClient(site.typeArguments()[0] ?? null, schemas[0] ?? null)
}

/** One that neither names a schema nor has types is the same everywhere. */
function makeClient(database: Value | null, schema: Value | null): Value {
  return database === null && schema === null ? PLAIN : wrap({ is: 'client', schema, database })
}

export function contextMember(name: string): Value {
  return name === 'supabaseClient' ? PLAIN : unknown('it is the session')
}
