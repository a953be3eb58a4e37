import type pg from 'pg'
import { ident } from '../lib/sql.ts'
import type { Mapping } from '../spec/mapping.ts'
import { tablesUnder } from '../sqlgen/links.ts'
import { display, ownTriggers } from '../sqlgen/names.ts'

interface OwnTrigger {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly enabled: string
}

/**
 * Sentences on triggers of ours that somebody dropped, or disabled and enabled again: writes in between did not reach
 * the new tables. DISABLE TRIGGER ALL and pg_restore leave that trace, since what they enable is no longer ALWAYS.
 */
export async function readTriggerFaults(client: pg.ClientBase, mapping: Mapping): Promise<string[]> {
  const triggers = await readOwnTriggers(client, mapping)
  const mend = 'writes meanwhile may be missing in the new tables (crossfade verify --repair brings them)'
  const switched = triggers
    .filter((trigger) => trigger.enabled !== usual(trigger.name))
    .map(
      (trigger) =>
        `${trigger.schema}.${trigger.table}: trigger ${trigger.name} was switched off, or off and on again; ${mend}`,
    )
  const there = new Set(triggers.map((trigger) => JSON.stringify([trigger.schema, trigger.table, trigger.name])))
  const gone = ownTriggers(mapping).filter(
    (own) => !there.has(JSON.stringify([own.table.schema, own.table.name, own.name])),
  )
  const missing = [...new Set(gone.map((own) => display(own.table)))].map(
    (table) =>
      `${table}: a trigger of Crossfade is gone; go back with crossfade rollback to stage "build" and run crossfade sync again`,
  )
  return [...switched, ...missing]
}

/** Sets what is still there to ALWAYS again, in the caller's transaction. */
export async function enableOwnTriggers(client: pg.ClientBase, mapping: Mapping): Promise<void> {
  for (const { schema, table, name, enabled } of await readOwnTriggers(client, mapping)) {
    if (enabled === usual(name)) continue
    const how = usual(name) === 'A' ? 'ENABLE ALWAYS' : 'ENABLE'
    await client.query(`ALTER TABLE ${ident(schema, table).text} ${how} TRIGGER ${ident(name).text}`)
  }
}

/** Those for statements must not fire beside the one for replicated rows. */
function usual(name: string): 'A' | 'O' {
  return /^crossfade_\d+_capture_/.test(name) ? 'O' : 'A'
}

async function readOwnTriggers(client: pg.ClientBase, mapping: Mapping): Promise<OwnTrigger[]> {
  const bases = mapping.targets.flatMap(tablesUnder)
  const { rows } = await client.query<OwnTrigger>(
    /* sql */ `
    SELECT n.nspname AS schema, c.relname AS "table", t.tgname AS name, t.tgenabled::text AS enabled
      FROM pg_trigger AS t
      JOIN pg_class AS c ON c.oid = t.tgrelid
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE NOT t.tgisinternal AND starts_with(t.tgname, 'crossfade_')
       AND (n.nspname, c.relname) IN (SELECT b.schema, b.name FROM unnest($1::text[], $2::text[]) AS b (schema, name))
     ORDER BY 1, 2, 3`,
    [bases.map((base) => base.schema), bases.map((base) => base.name)],
  )
  return rows
}
