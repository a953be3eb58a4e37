import pg from 'pg'
import { dumpSchema } from '../catalog/dump-schema.ts'
import { type DumpStatement, editStatements } from '../catalog/dump-statements.ts'
import type { Project } from '../control/project.ts'
import { connect } from '../db/connect.ts'
import { findBinaries, type PostgresMajor } from '../embedded/binaries.ts'
import { type Server, startServer } from '../embedded/server.ts'
import { fastSettings } from '../embedded/settings.ts'
import { CrossfadeError, UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import { type Design, tryDesign } from '../lifecycle/design.ts'
import type { CheckReport } from './check-report.ts'

export interface Trial {
  /** Or what is wrong with the design. */
  readonly design: Design | CrossfadeError
  readonly about: CheckReport['trial']
}

export interface OldDatabase {
  readonly url: string
  /** e.g. 180004 */
  readonly serverVersion: number
  /** Reads only. */
  readonly client: pg.ClientBase
}

/**
 * The design, tried without touching the database: its schema, without rows, is built on a server of our own, and the new
 * one beside it. The server has the same major version where its binaries are installed, else the newest. Throws
 * DatabaseError for a schema that can't be dumped, and UsageError where there is no server to be had.
 */
export async function tryElsewhere(old: OldDatabase, project: Project): Promise<Trial> {
  const dump = await dumpUserSchemas(old, project)
  const roles = await readRoles(old.client)
  const servers = await readForeignServers(old.client)
  const server = await startTrialServer(old.serverVersion)
  try {
    const leftOut = await rebuild(server.url, dump, { roles, servers })
    const db = await connect(server.url, { applicationName: 'check trial', poolSize: 1 })
    try {
      const about = {
        ...{ on: 'own server' as const, serverVersion: db.serverVersion },
        ...{ databaseVersion: old.serverVersion, leftOut },
      }
      return { design: await settled(tryDesign(await db.session(), project)), about }
    } finally {
      await db.close()
    }
  } finally {
    await server.stop()
  }
}

/** The design, tried on the database itself in a transaction that is rolled back: for those who ask for it. */
export async function tryThere(session: pg.Client, serverVersion: number, project: Project): Promise<Trial> {
  const about = { on: 'database' as const, serverVersion, databaseVersion: serverVersion, leftOut: [] }
  return { design: await settled(tryDesign(session, project)), about }
}

async function settled(design: Promise<Design>): Promise<Design | CrossfadeError> {
  try {
    return await design
  } catch (error) {
    if (error instanceof CrossfadeError && error.exitCode !== 130) return error
    throw error
  }
}

/** All schemas of the user's, or where the role may not read all of them the old one alone. */
async function dumpUserSchemas({ url, client }: OldDatabase, project: Project): Promise<string> {
  const oldSchema = project.config.oldSchema ?? 'public'
  const { rows } = await client.query<{ name: string }>(
    /* sql */ `
    SELECT nspname::text AS name FROM pg_catalog.pg_namespace
     WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND nspname !~ '^crossfade(_|$)' AND nspname <> $1
       AND NOT EXISTS (SELECT FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_depend AS d ON d.objid = pg_namespace.oid
                        WHERE d.refobjid = e.oid AND d.deptype = 'e')
     ORDER BY nspname = $2 DESC, 1`,
    [project.config.newSchema ?? 'new_schema', oldSchema],
  )
  const all = rows.map((row) => row.name)
  try {
    return await dumpSchema(url, { schemas: all.includes(oldSchema) ? all : [oldSchema] })
  } catch (error) {
    if (all.length < 2 || !(error instanceof CrossfadeError)) throw error
    return await dumpSchema(url, { schemas: [oldSchema] })
  }
}

async function readRoles(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    /* sql */ `SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' AND rolname <> 'postgres' ORDER BY 1`,
  )
  return rows.map((row) => row.name)
}

/** They belong to no schema, so the dump of schemas has their tables alone. */
async function readForeignServers(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    /* sql */ `SELECT srvname::text AS name FROM pg_catalog.pg_foreign_server ORDER BY 1`,
  )
  return rows.map((row) => row.name)
}

async function startTrialServer(serverVersion: number): Promise<Server> {
  const settings = { ...fastSettings, shared_buffers: '32MB' }
  try {
    const version = Math.floor(serverVersion / 10_000) as PostgresMajor
    findBinaries(version)
    return await startServer({ version, settings })
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return await startServer({ settings })
  }
}

/** Runs the dump statement by statement: what this server doesn't have (an extension, for example) is told, and the rest is built. */
async function rebuild(
  url: string,
  dump: string,
  { roles, servers }: { readonly roles: readonly string[]; readonly servers: readonly string[] },
): Promise<string[]> {
  const statements: DumpStatement[] = []
  await editStatements(dump, (statement) => {
    statements.push(statement)
    return statement.text
  })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const leftOut: string[] = []
  try {
    for (const role of roles) await client.query(`CREATE ROLE ${ident(role).text}`)
    // A wrapper without a handler: the foreign tables are there, and lead nowhere.
    if (servers.length > 0) await client.query(`CREATE FOREIGN DATA WRAPPER crossfade_trial`)
    for (const server of servers)
      await client.query(`CREATE SERVER ${ident(server).text} FOREIGN DATA WRAPPER crossfade_trial`)
    for (const { kind, text } of statements) {
      try {
        await client.query(text)
      } catch (error) {
        if (!(error instanceof pg.DatabaseError)) throw error
        leftOut.push(`${kind.replace(/Stmt$/, '')}: ${error.message}`)
      }
    }
  } finally {
    await client.end()
  }
  return leftOut
}
