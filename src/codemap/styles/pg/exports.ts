import { unknown, type Value } from '../../value.ts'
import { CLIENT, type ClassName, type FunctionName, interning, POOL, value } from './kinds.ts'

const pool = value({ is: 'class', of: 'pool' })
const client = value({ is: 'class', of: 'client' })
const text = value({ is: 'class', of: 'statement' })
const made = (name: FunctionName): Value => value({ is: 'function', name })
const file = value({ is: 'class', of: 'file' satisfies ClassName })
const tag = value({ is: 'tag', run: false })
const running = value({ is: 'tag', run: true })

/** Functions that make parts of SQL; those of pg-format are members of its one function as well. */
export const FORMATS: Readonly<Record<string, Value>> = {
  withArray: made('format'),
  ident: made('name'),
  literal: made('literal'),
  string: made('literal'),
}

/** What each package exports that leads to the database. `default` is the default export, or the module itself. */
const EXPORTS: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  pg: { Pool: pool, Client: client, escapeIdentifier: made('name'), escapeLiteral: made('literal') },
  'pg-pool': { default: pool },
  'pg-native': { default: client },
  '@neondatabase/serverless': { Pool: pool, Client: client, neon: made('tag') },
  '@vercel/postgres': { sql: running, db: running, createPool: made('pool'), createClient: made('client') },
  'pg-cursor': { default: text },
  'pg-query-stream': { default: text },
  'pg-copy-streams': { from: made('copy'), to: made('copy'), both: made('copy') },
  'pg-format': { default: made('format'), ...FORMATS },
  'sql-template-strings': { default: tag, SQL: tag },
  'sql-template-tag': { default: tag, sql: tag },
  'pg-template-tag': { default: tag, sql: tag },
  'pg-promise': { default: made('promise'), QueryFile: file },
}

/** Types of parameters, variables and fields. */
const TYPES: Readonly<Record<string, Readonly<Record<string, Value>>>> = {
  pg: { Pool: POOL, Client: CLIENT, PoolClient: CLIENT, ClientBase: CLIENT },
  'pg-pool': { default: POOL },
  '@neondatabase/serverless': {
    Pool: POOL,
    Client: CLIENT,
    PoolClient: CLIENT,
    ClientBase: CLIENT,
    NeonQueryFunction: running,
  },
  '@vercel/postgres': {
    VercelPool: running,
    VercelClient: running,
    VercelPoolClient: running,
    VercelClientBase: running,
  },
  'pg-promise': {
    IDatabase: interning({ is: 'database', block: null }),
    IBaseProtocol: interning({ is: 'database', block: null }),
    IConnected: interning({ is: 'database', block: null }),
    ITask: interning({ is: 'database', block: null }),
    IMain: value({ is: 'main' }),
  },
}

export const MODULES =
  /^(pg|pg-pool|pg-native|pg-cursor|pg-query-stream|pg-copy-streams|pg-format|pg-promise|pg-template-tag|sql-template-strings|sql-template-tag|@neondatabase\/serverless|@vercel\/postgres)$/

export function exportOf(specifier: string, name: string): Value | undefined {
  const exports = Object.hasOwn(EXPORTS, specifier) ? EXPORTS[specifier] : undefined
  if (exports === undefined) return undefined
  if (Object.hasOwn(exports, name)) return exports[name]
  // The default export of a CommonJS package is the module.
  return name === 'default' ? value({ is: 'module', specifier }) : unknown(`"${name}" of ${specifier} is not followed`)
}

export function typeOf(specifier: string, name: string): Value | undefined {
  const types = Object.hasOwn(TYPES, specifier) ? TYPES[specifier] : undefined
  return types && Object.hasOwn(types, name) ? types[name] : undefined
}
