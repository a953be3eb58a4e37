import { textsOf } from '../../read-value.ts'
import type { Site, StyleDefinition, StyleModel } from '../../style.ts'
import { type LibraryValue, unknown, type Value } from '../../value.ts'
import {
  type Client,
  contextMember,
  createClient,
  ELSEWHERE,
  importedClient,
  type Supabase,
  typedClient,
  wrap,
} from './client.ts'
import { callQuery, startQuery } from './query.ts'
import { OPERATIONS } from './writes.ts'

/** supabase-js: `from`, `schema().from` and `rpc` of a client. */
export const supabase: StyleDefinition = {
  name: 'supabase',
  modules: /^@supabase\/|^@nuxtjs\/supabase|^#supabase\//,
  words: ['from', 'rpc'],
  create: () => MODEL,
}

const ROWS = unknown('it comes from the database')

const MODEL: StyleModel = {
  name: 'supabase',
  imported: importedClient,
  typed: typedClient,
  member(receiver, name) {
    const { is } = of(receiver)
    if (is === 'elsewhere') return ELSEWHERE
    if (is === 'context') return contextMember(name)
    return is === 'client' && ELSEWHERE_MEMBERS.has(name) ? ELSEWHERE : undefined
  },
  call(receiver, method, args, site) {
    const value = of(receiver)
    switch (value.is) {
      case 'create':
        return createClient(args, site)
      case 'context':
        return receiver
      case 'client':
        return method === null ? undefined : callClient(receiver, value, method, args, site)
      case 'table':
        return method === null ? undefined : startQuery(value.client, value.access, method, args, site)
      case 'query':
        return method === null ? undefined : callQuery(receiver, value.query, method, args, site)
      case 'maybe':
        return callMaybe(value, method)
      case 'elsewhere':
        return ELSEWHERE
      case 'class':
        return undefined
    }
  },
  construct: (receiver, args, site) => (of(receiver).is === 'class' ? createClient(args, site) : undefined),
  awaited: (receiver) => (of(receiver).is === 'query' ? ROWS : receiver),
  suspect(reason, method, args, site) {
    if (method !== 'from' || args.length !== 1 || textsOf(args[0]).texts.length === 0) return undefined
    return wrap({ is: 'maybe', reason, site })
  },
}

const ELSEWHERE_MEMBERS = new Set(['storage', 'auth', 'functions', 'realtime', 'rest'])

function of(receiver: LibraryValue): Supabase {
  return receiver.of as Supabase
}

function callClient(
  receiver: LibraryValue,
  client: Client,
  method: string,
  args: readonly Value[],
  site: Site,
): Value | undefined {
  const [first = unknown('none is given')] = args
  const { schema } = client
  switch (method) {
    case 'from':
      return wrap({ is: 'table', client, access: site.open({ table: first, schema, operation: null }) })
    case 'rpc': {
      const access = site.open({ table: first, schema, operation: 'rpc' })
      return wrap({ is: 'query', query: { access, client, embeds: new Map() } })
    }
    case 'schema':
      return wrap({ ...client, schema: first })
    case 'channel':
    case 'getChannels':
    case 'removeChannel':
    case 'removeAllChannels':
      return ELSEWHERE
    default:
      // Settings of the client itself.
      return method === 'then' || method === 'catch' || method === 'finally' ? undefined : receiver
  }
}

function callMaybe({ reason, site }: Extract<Supabase, { is: 'maybe' }>, method: string | null): Value | undefined {
  const operation = method === null ? undefined : OPERATIONS.get(method)
  if (operation) site.unresolved(operation, `what "from" is called on is not known: ${reason}`)
  return unknown(reason)
}
