import { readFile } from 'node:fs/promises'
import type pg from 'pg'
import { CONTROL } from '../lib/schema-names.ts'
import { withoutDefaultPrivileges } from './default-privileges.ts'

const SCHEMA_VERSION = 1

/** True when the control schema is there. */
export async function isInstalled(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>(
    /* sql */ `SELECT to_regclass($1 || '.migration') IS NOT NULL AS there`,
    [CONTROL],
  )
  return rows[0]?.there ?? false
}

/** Creates the control schema inside the caller's transaction, once. */
export async function installControl(client: pg.ClientBase): Promise<void> {
  if (await isInstalled(client)) return
  const files = ['001_control.sql', '002_reads.sql'].map((name) => new URL(`../../sql/${name}`, import.meta.url))
  const control = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  await withoutDefaultPrivileges(client, 'all', () => client.query(control.join('\n')))
  await client.query(/* sql */ `INSERT INTO crossfade.migration (schema_version, stage) VALUES ($1, 'design')`, [
    SCHEMA_VERSION,
  ])
}
