import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { connect } from '../../src/db/connect.ts'
import { CrossfadeError } from '../../src/lib/errors.ts'
import { ident } from '../../src/lib/sql.ts'
import { buildSnapshot } from '../../src/snapshot/build-snapshot.ts'
import {
  protectSession,
  readSnapshot,
  type SnapshotOptions,
  type SnapshotReading,
} from '../../src/snapshot/read-snapshot.ts'
import type { SchemaSnapshot } from '../../src/snapshot/schema-snapshot.ts'
import { writeSqlFile } from '../../src/snapshot/sql-file.ts'

export interface Taken {
  readonly reading: SnapshotReading
  readonly snapshot: SchemaSnapshot
  /** PRODUCTION_SCHEMA_SNAPSHOT.sql */
  readonly sql: string
}

/** A snapshot as the command takes it. Throws what kept the SQL from being written. */
export async function takeSnapshot(url: string, options: Partial<SnapshotOptions> = {}): Promise<Taken> {
  const db = await connect(url, { applicationName: 'snapshot', readOnly: true, poolSize: 1 })
  try {
    const session = await db.session()
    await protectSession(session, 60_000)
    const reading = await readSnapshot(session, url, { schemas: [], ...options })
    if (reading.dump instanceof CrossfadeError) throw reading.dump
    const snapshot = buildSnapshot(reading, options)
    return { reading, snapshot, sql: writeSqlFile(snapshot, reading.dump, reading.strayTriggers) }
  } finally {
    await db.close()
  }
}

/** Runs a text of many statements in a session of its own, as psql would. */
export async function runScript(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

export async function readSchema(name: string): Promise<string> {
  return await readFile(join(import.meta.dirname, 'schemas', `${name}.sql`), 'utf8')
}

/** What pg_dump wrote, without the header that tells what the other database has and this one can't. */
export function definitionsOf(sql: string): string {
  return sql.slice(sql.indexOf('\nSET '))
}

/** Two roles of the cluster that no other test has, to be put for `snap_owner` and `snap_reader`. */
export function nameRoles(): { owner: string; reader: string; put(text: string): string } {
  const mark = randomBytes(4).toString('hex')
  const [owner, reader] = [`snap "owner" ${mark}`, `snap_reader_${mark}`]
  return {
    owner,
    reader,
    put: (text) => text.replaceAll(/\bsnap_owner\b/g, ident(owner).text).replaceAll(/\bsnap_reader\b/g, reader),
  }
}
