import type pg from 'pg'
import { sha256 } from './project.ts'

/** What Crossfade has made for the folder of a migration tool, as the database keeps it: runs that are killed go on with it. */
export interface KeptMigration {
  readonly tool: string
  /** As the configuration names it. */
  readonly folder: string
  readonly name: string
  readonly path: string
  readonly when: number
  readonly text: string
  readonly statements: readonly string[]
  /** Its row is in the tool's table. */
  readonly recorded: boolean
}

export type MigrationOf = 'build' | 'finish'

/** The place among the artifacts, beside those of the gates. */
const STAGE = 'migration'

export async function keepMigration(client: pg.ClientBase, of: MigrationOf, kept: KeptMigration): Promise<void> {
  const { text, ...evidence } = kept
  await keep(client, of, text, evidence)
}

export async function readKeptMigration(client: pg.ClientBase, of: MigrationOf): Promise<KeptMigration | null> {
  const found = await read(client, of)
  return found === null ? null : ({ ...(found.evidence as object), text: found.content } as KeptMigration)
}

/** The statements of a finish, which can't be made any more when it is over. */
export interface FinishScript {
  readonly tables: readonly string[]
  readonly finish: readonly string[]
}

export async function keepFinishScript(client: pg.ClientBase, script: FinishScript): Promise<void> {
  await keep(client, 'finish script', JSON.stringify(script), {})
}

export async function readFinishScript(client: pg.ClientBase): Promise<FinishScript | null> {
  const found = await read(client, 'finish script')
  return found === null ? null : (JSON.parse(found.content) as FinishScript)
}

/** What a rollback runs beside the removal of the row. */
export function forgetMigration(of: MigrationOf): string {
  return /* sql */ `DELETE FROM crossfade.artifact WHERE stage = '${STAGE}' AND name = '${of}'`
}

async function keep(client: pg.ClientBase, name: string, content: string, evidence: object): Promise<void> {
  await client.query(
    /* sql */ `
    INSERT INTO crossfade.artifact (stage, name, sha256, content, evidence) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (stage, name) DO UPDATE
      SET sha256 = excluded.sha256, content = excluded.content, evidence = excluded.evidence, made_at = clock_timestamp()`,
    [STAGE, name, sha256(content), content, JSON.stringify(evidence)],
  )
}

async function read(
  client: pg.ClientBase,
  name: string,
): Promise<{ readonly content: string; readonly evidence: unknown } | null> {
  const { rows } = await client.query<{ content: string; evidence: unknown }>(
    /* sql */ `SELECT content, evidence FROM crossfade.artifact WHERE stage = $1 AND name = $2`,
    [STAGE, name],
  )
  return rows[0] ?? null
}
