import type pg from 'pg'
import { COMPAT } from '../lib/schema-names.ts'
import { ident } from '../lib/sql.ts'
import type { Mapping } from '../spec/mapping.ts'
import type { Found } from './finding.ts'
import {
  type Act,
  type Api,
  type Door,
  type FrontDoorOptions,
  type TriedDoors,
  type Try,
  tryFrontDoor,
} from './front-door.ts'

const STATE = 'crossfade_state'
const WRITES: readonly Act[] = ['insert', 'update', 'delete']
/** Where an API is told which schemas it shows. */
export function adviseExposing(schema: string, shown: string): string {
  return `Supabase: Project Settings, Data API, Exposed schemas: add ${schema}; local: [api] schemas in supabase/config.toml. PostgREST elsewhere: db-schemas = "${shown || '…'}, ${schema}", then NOTIFY pgrst, 'reload config'.`
}

/** Tries the compat views and the new tables through the API. Throws the reason of an abort. */
export async function checkFrontDoor(
  session: pg.ClientBase,
  mapping: Mapping,
  api: Api,
  options: FrontDoorOptions,
): Promise<Found[]> {
  const tried = await tryFrontDoor(api, await doorsOf(session, mapping), options)
  const refused = tried.tries.filter(({ schema, outcome }) => schema === COMPAT && outcome.is === 'no grant')
  const names = refused.flatMap(({ name }) => (name === null || name === STATE ? [] : [name]))
  // Who may not read a table by its old name need not by the view either.
  const old = names.map((name) => ({ name, column: null, acts: ['select' as const] }))
  const same =
    names.length === 0
      ? null
      : await tryFrontDoor(api, [{ schema: mapping.oldSchema, relations: old, call: null }], options)
  const readable = new Set(same?.tries.flatMap(({ name, outcome }) => (outcome.is === 'ok' && name ? [name] : [])))
  const isMeant = ({ schema, name, outcome }: Try): boolean => {
    if (schema !== COMPAT || outcome.is !== 'no grant' || name === null) return false
    return name === STATE ? names.length > 0 && readable.size === 0 : !readable.has(name)
  }
  return tellFrontDoor({ ...tried, tries: tried.tries.filter((one) => !isMeant(one)) }, mapping)
}

/** What of both schemas is there: nothing before build, all between build and move, the views alone until finish. */
async function doorsOf(session: pg.ClientBase, mapping: Mapping): Promise<Door[]> {
  const { rows } = await session.query<{ schema: string; name: string; columns: string[]; call: boolean }>(
    /* sql */ `
SELECT n.nspname::text AS schema, c.relname::text AS name,
       ARRAY(SELECT a.attname::text FROM pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                AND a.attnotnull AND a.attgenerated = '' AND a.attidentity <> 'a' ORDER BY a.attnum) AS columns,
       EXISTS (SELECT FROM pg_proc AS p WHERE p.pronamespace = n.oid AND p.proname = $3) AS call
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
 WHERE n.nspname IN ($1, $2) AND c.relkind IN ('r', 'p', 'v') ORDER BY 1, 2`,
    [COMPAT, mapping.newSchema, STATE],
  )
  const names = new Set(mapping.targets.map(({ relation }) => relation.name))
  const views = rows.filter(({ schema }) => schema === COMPAT)
  const tables = rows.filter(({ schema, name }) => schema === mapping.newSchema && names.has(name))
  return [
    {
      schema: COMPAT,
      relations: views.map(({ name }) => ({ name, column: null, acts: ['select'] })),
      call: views.some(({ call }) => call) ? STATE : null,
    },
    {
      schema: mapping.newSchema,
      relations: tables.map(({ name, columns: [column = null] }) => ({ name, column, acts: ['select', ...WRITES] })),
      call: null,
    },
  ]
}

/** Findings about what was tried: what is as it should be in one, each other cause in one of its own, with the cure. */
function tellFrontDoor(tried: TriedDoors, mapping: Mapping): Found[] {
  const { url, role, failure, tries } = tried
  const as = role === '' ? 'with the key' : `as ${role}`
  const found: Found[] = []
  const note = (id: readonly string[], where: string, what: string, advice: string): void => {
    // What keeps reads over the API on the old side is shown at once.
    const stops = id[0] === COMPAT ? id[1] !== 'tried' : where === url
    found.push({ id: ['front-door', ...id], severity: stops ? 'decide' : 'note', where, what, advice })
  }
  if (failure !== null)
    note(
      [failure.is],
      url,
      failure.is === 'key'
        ? `the API takes the key for none: ${failure.message}`
        : `the API can't be tried: ${failure.message}`,
      failure.is === 'key'
        ? 'Look at the variable that supabase.keyEnv names: a service role key of this project (Project Settings, API Keys).'
        : 'Look at supabase.url, whether the API runs, and at proxies before it. Nothing else of the check depends on it.',
    )
  for (const schema of new Set(tries.map((one) => one.schema))) {
    const of = tries.filter((one) => one.schema === schema)
    const by = (is: Try['outcome']['is']): Try[] => of.filter(({ outcome }) => outcome.is === is)
    const where = `schema ${schema}`
    const isCompat = schema === COMPAT
    const [hidden] = by('not exposed')
    if (hidden?.outcome.is === 'not exposed')
      note(
        [schema, 'not-exposed'],
        where,
        `the API doesn't show the schema ${schema}${isCompat ? ', so no read over it can come from the new tables' : ''}`,
        isCompat
          ? `Before crossfade reads: ${adviseExposing(schema, hidden.outcome.shown)}`
          : `Nothing, since move brings the new tables to ${mapping.oldSchema}. To look at them before, with db: { schema: '${schema}' }: ${adviseExposing(schema, hidden.outcome.shown)}`,
      )
    const stale = by('stale')
    if (stale.length > 0)
      note(
        [schema, 'stale'],
        where,
        `the API doesn't know ${list(stale)} yet, which ${stale.length === 1 ? 'is' : 'are'} in the database`,
        "NOTIFY pgrst, 'reload schema'; from any SQL console. If that doesn't help, the API is one of another database.",
      )
    const denied = by('no grant')
    if (denied.length > 0)
      note([schema, 'no-grant'], where, tellDenied(denied, as), adviseGrant(denied, schema, role, mapping))
    for (const one of by('refused'))
      if (one.outcome.is === 'refused')
        note(
          [schema, 'refused', one.name ?? ''],
          where,
          `${one.name} ${as}: ${one.outcome.message}`,
          'Look at the log of the API.',
        )
    const [right, closed] = [by('ok'), by('closed')]
    if (right.length + closed.length > 0)
      note(
        [schema, 'tried'],
        where,
        `over the API, ${as}: ${right.length === 0 ? 'nothing could be read' : tellRight(right)}${closed.length === 0 ? '' : `; writes to ${list(closed)} are refused, as they should be until move`}`,
        'Nothing.',
      )
  }
  return found
}

function tellRight(tries: readonly Try[]): string {
  const named = tries.filter(({ name }) => name !== null)
  if (named.length === 0) return 'the schema is shown'
  const acts = [...new Set(named.map(({ act }) => act))]
  return acts.map((act) => `${act} of ${list(named.filter((one) => one.act === act))}`).join(', ')
}

function tellDenied(tries: readonly Try[], as: string): string {
  const acts = [...new Set(tries.map(({ act }) => act))].join(', ')
  const messages = new Set(tries.flatMap(({ outcome }) => (outcome.is === 'no grant' ? [outcome.message] : [])))
  return `${acts} of ${list(tries)} ${as}: ${[...messages].slice(0, 2).join('; ')}`
}

function adviseGrant(tries: readonly Try[], schema: string, role: string, mapping: Mapping): string {
  const to = role === '' ? 'the role of the key' : ident(role).text
  const ofSchema = tries.some(({ outcome }) => outcome.is === 'no grant' && /\bschema\b/.test(outcome.message))
  const names = [...new Set(tries.flatMap(({ name, act }) => (name === null || act === 'call' ? [] : [name])))]
  const usage = ofSchema ? [`GRANT USAGE ON SCHEMA ${ident(schema).text} TO ${to};`] : []
  if (schema !== COMPAT) {
    const cure = [
      ...usage,
      ...(ofSchema ? [] : names.map((name) => `GRANT SELECT ON ${ident(schema, name).text} TO ${to};`)),
    ]
    return `Nothing, since move gives the rights that the old tables have. To look at them before: ${cure.join(' ')}`
  }
  const views = mapping.targets.flatMap((t) =>
    t.sources.some((s) => !s.stub && names.includes(s.relation.name))
      ? [ident(t.relation.schema, t.relation.name).text]
      : [],
  )
  const relations = [...names.map((name) => ident(COMPAT, name).text), ...new Set(views)]
  const select = relations.length === 0 ? [] : [`GRANT SELECT ON ${relations.join(', ')} TO ${to};`]
  return `Its right to the old table was given after crossfade build. ${[...usage, ...select].join(' ')} Or crossfade rollback and build again, which carries it over.`
}

function list(tries: readonly Try[]): string {
  const names = [...new Set(tries.flatMap(({ name }) => name ?? []))]
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
}
