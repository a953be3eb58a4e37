import { connectForDump } from './dump-connection.ts'
import { DUMP_OPTIONS, pattern, readMajor, runDump } from './dump-run.ts'
import { editStatements, findNodes, namesOf, type Tree } from './dump-statements.ts'
import { tidyDump } from './dump-text.ts'

export interface DatabaseDumpOptions {
  /** Schemas that are not dumped; everything else is, with what belongs to the database as a whole. */
  readonly leaveOutSchemas: readonly string[]
  readonly leaveOutTables: readonly { readonly schema: string; readonly name: string }[]
  /** Schemas that are not dumped but must be there, since extensions live in them. */
  readonly extensionSchemas: readonly string[]
  /** Keep `ALTER … OWNER TO`. */
  readonly owner: boolean
  /** Of pg_export_snapshot(): the dump sees the same moment. Its transaction must stay open as long as this runs. */
  readonly snapshot: string
  /** Takes what must not be shown out of the text of each statement, whose kind is libpg-query's. */
  readonly hide: (text: string, kind: string) => string
}

export interface DatabaseDump {
  /** Plain SQL without any line about who made it: the same database gives the same text. */
  readonly text: string
  /** Roles that it names, sorted; they must be there first. */
  readonly roles: readonly string[]
  /** User mappings, whose options hold passwords, as `role of server`; they are not in the text. */
  readonly userMappings: readonly string[]
}

/**
 * The exact DDL of a database without its rows, and without what would tell secrets: subscriptions, user mappings.
 * Event triggers and triggers whose functions are in a schema that is left out go with it. Locks as dumpSchema does.
 * Throws DatabaseError for everything that the server refuses.
 */
export async function dumpDatabase(url: string, options: DatabaseDumpOptions): Promise<DatabaseDump> {
  const connection = await connectForDump(url)
  try {
    const major = readMajor(connection)
    const dumped = await runDump(url, connection, major, buildArgs(options))
    const tidy = await tidyDump(dumped, {
      serverMajor: major,
      existingSchemas: ['public'],
      extraSchemas: options.extensionSchemas,
    })
    return await settle(tidy, options)
  } finally {
    await connection.close()
  }
}

function buildArgs(options: DatabaseDumpOptions): string[] {
  return [
    ...DUMP_OPTIONS,
    '--no-subscriptions',
    `--snapshot=${options.snapshot}`,
    ...(options.owner ? [] : ['--no-owner']),
    ...options.leaveOutSchemas.map((schema) => `--exclude-schema=${pattern(schema)}`),
    ...options.leaveOutTables.map(({ schema, name }) => `--exclude-table=${pattern(schema, name)}`),
  ]
}

async function settle(dumped: string, options: DatabaseDumpOptions): Promise<DatabaseDump> {
  const roles = new Set<string>()
  const userMappings: string[] = []
  const gone = new Set<string>()
  const text = await editStatements(withoutSignature(dumped), ({ kind, tree, text: own }) => {
    if (kind === 'CreateUserMappingStmt') {
      userMappings.push(`${roleNames(tree.user)[0] ?? 'PUBLIC'} of ${String(tree.servername)}`)
      return null
    }
    if (isGone(kind, tree, options.leaveOutSchemas, gone)) return null
    for (const role of roleNames(tree)) roles.add(role)
    return options.hide(own, kind)
  })
  return { text: text.trim(), roles: [...roles].sort(), userMappings: userMappings.sort() }
}

/** From the first setting to the end of the last object: pg_dump's own versions stand around it. */
function withoutSignature(text: string): string {
  const start = text.search(/^SET /m)
  return text.slice(Math.max(start, 0)).replace(/\n--\n-- PostgreSQL database dump complete\n--\s*$/, '\n')
}

/** Of an event trigger or trigger of which the function is left out: its making, and what is said of it later. */
function isGone(kind: string, tree: Tree, leftOut: readonly string[], gone: Set<string>): boolean {
  if (kind === 'CreateEventTrigStmt' || kind === 'CreateTrigStmt') {
    const [schema, name] = namesOf(tree.funcname)
    if (name === undefined || !leftOut.includes(schema ?? '')) return false
    gone.add(kind === 'CreateTrigStmt' ? triggerName(tree.relation as Tree, tree.trigname) : String(tree.trigname))
    return true
  }
  if (kind === 'AlterEventTrigStmt') return gone.has(String(tree.trigname))
  if (kind === 'AlterTableStmt') {
    const commands = findNodes(tree.cmds, 'AlterTableCmd')
    return commands.some(({ subtype, name }) => {
      return /^AT_(Enable|Disable)\w*Trig/.test(String(subtype)) && gone.has(triggerName(tree.relation as Tree, name))
    })
  }
  if (kind !== 'CommentStmt' && kind !== 'AlterOwnerStmt') return false
  const type = tree.objtype ?? tree.objectType
  if (type === 'OBJECT_EVENT_TRIGGER') return gone.has(namesOf([tree.object])[0] ?? '')
  if (type !== 'OBJECT_TRIGGER') return false
  const [schema = '', table = '', name] = namesOf(findNodes(tree.object, 'items')[0])
  return gone.has(triggerName({ schemaname: schema, relname: table }, name))
}

function triggerName(relation: Tree, name: unknown): string {
  return JSON.stringify([relation.schemaname, relation.relname, name])
}

/** Every role that a tree names: owners, grantees, roles of policies. PUBLIC and CURRENT_USER are none. */
function roleNames(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(roleNames)
  if (typeof tree !== 'object' || tree === null) return []
  const node = tree as Tree
  if (node.roletype === 'ROLESPEC_CSTRING') return [String(node.rolename)]
  return Object.values(node).flatMap(roleNames)
}
