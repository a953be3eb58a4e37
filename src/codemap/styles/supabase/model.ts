import type { Access } from '../../access.ts'
import type { Operation } from '../../interaction.ts'
import { membersOf, textOf } from '../../read-value.ts'
import type { Site, StyleDefinition, StyleModel } from '../../style.ts'
import { library, unknown, type Value } from '../../value.ts'

type Supabase =
  | { readonly is: 'create' }
  | { readonly is: 'client'; readonly schema: Value | null }
  | { readonly is: 'table'; readonly access: Access }
  | { readonly is: 'query'; readonly access: Access }
  | { readonly is: 'elsewhere' }

/** supabase-js: `from`, `schema().from` and `rpc` of a client. */
export const supabase: StyleDefinition = {
  name: 'supabase',
  modules: /^@supabase\//,
  words: ['from', 'rpc'],
  create: () => MODEL,
}

const value = (of: Supabase): Value => library<Supabase>('supabase', of)
const CREATE = value({ is: 'create' })
const CLIENT = value({ is: 'client', schema: null })

const OPERATIONS: Readonly<Record<string, Operation>> = {
  select: 'select',
  insert: 'insert',
  update: 'update',
  upsert: 'upsert',
  delete: 'delete',
}

const MODEL: StyleModel = {
  name: 'supabase',
  imported: ({ specifier }, name) =>
    specifier === '@supabase/supabase-js' && name === 'createClient' ? CREATE : undefined,
  typed: ({ specifier }, name) =>
    specifier === '@supabase/supabase-js' && name === 'SupabaseClient' ? CLIENT : undefined,
  member: (receiver, name) =>
    (receiver.of as Supabase).is === 'client' && ['storage', 'auth', 'functions'].includes(name)
      ? value({ is: 'elsewhere' })
      : undefined,
  call(receiver, method, args, site) {
    const of = receiver.of as Supabase
    if (of.is === 'create') return CLIENT
    if (of.is === 'client') return callClient(method, args, site)
    if (of.is === 'table' && method) return callTable(of.access, method, args)
    if (of.is === 'query') {
      if (method === 'eq') of.access.filtered([textOf(args[0]) ?? ''].filter((name) => name !== ''))
      return receiver
    }
    return undefined
  },
  awaited: (receiver) => ((receiver.of as Supabase).is === 'query' ? unknown('it comes from the database') : receiver),
}

function callClient(method: string | null, args: readonly Value[], site: Site): Value | undefined {
  const [table = unknown('none is given')] = args
  return method === 'from' ? value({ is: 'table', access: site.open({ table, operation: null }) }) : undefined
}

function callTable(table: Access, method: string, args: readonly Value[]): Value | undefined {
  const operation = OPERATIONS[method]
  if (!operation) return undefined
  const access = table.derive(operation)
  if (operation === 'select') access.read((textOf(args[0]) ?? '').split(',').map((name) => name.trim()))
  else access.written(membersOf(args[0]).members.map(([name]) => name))
  return value({ is: 'query', access })
}
