import type pg from 'pg'
import { runTogether } from '../control/execute.ts'
import { ident, raw, sql } from '../lib/sql.ts'
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
  const usual = usualStates(mapping)
  const mend = 'writes meanwhile may be missing in the new tables (crossfade verify --repair brings them)'
  // One that is on without need does no harm.
  const off = triggers.filter((trigger) => {
    const state = usual.get(placeOf(trigger)) ?? 'A'
    return state !== 'D' && trigger.enabled !== state
  })
  const switched = off.map(
    (trigger) =>
      `${trigger.schema}.${trigger.table}: trigger ${trigger.name} was switched off, or off and on again; ${mend}`,
  )
  const there = new Set(triggers.map(placeOf))
  const gone = ownTriggers(mapping).filter(
    ({ table, name }) => !there.has(placeOf({ schema: table.schema, table: table.name, name })),
  )
  const missing = [...new Set(gone.map((own) => display(own.table)))].map(
    (table) =>
      `${table}: a trigger of Crossfade is gone; go back with crossfade rollback to stage "build" and run crossfade sync again`,
  )
  return [...switched, ...missing]
}

/** Switches what is still there on and off as it was made, in the caller's transaction. */
export async function enableOwnTriggers(client: pg.ClientBase, mapping: Mapping): Promise<void> {
  const usual = usualStates(mapping)
  const statements = (await readOwnTriggers(client, mapping)).flatMap((trigger) => {
    const state = usual.get(placeOf(trigger)) ?? 'A'
    if (trigger.enabled === state) return []
    const table = ident(trigger.schema, trigger.table)
    return [{ sql: sql`ALTER TABLE ${table} ${raw(WORDS[state])} TRIGGER ${ident(trigger.name)}` }]
  })
  await runTogether(client, statements)
}

const WORDS = { A: 'ENABLE ALWAYS', O: 'ENABLE', D: 'DISABLE' } as const

/** pg_trigger.tgenabled of each trigger, as the modes of the new tables want it. */
function usualStates(mapping: Mapping): Map<string, keyof typeof WORDS> {
  return new Map(
    ownTriggers(mapping).map(({ table, name, enabled }) => [
      placeOf({ schema: table.schema, table: table.name, name }),
      enabled,
    ]),
  )
}

function placeOf(trigger: { readonly schema: string; readonly table: string; readonly name: string }): string {
  return JSON.stringify([trigger.schema, trigger.table, trigger.name])
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
