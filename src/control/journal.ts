import type pg from 'pg'
import { UsageError } from '../lib/errors.ts'

/** Entries of one reason, together. */
export interface JournalReason {
  readonly target: string
  readonly source: string | null
  readonly sqlstate: string
  readonly reason: string
  readonly rows: number
  readonly accepted: number
  /** Keys (or old keys) of the first few, as text. */
  readonly examples: readonly string[]
}

/** Values differ from row to row in one and the same reason; this is what stays of it. */
const GENERAL = [
  ['^(column "[^"]*"): .* (does not fit|is not a word)', '\\1: a value \\2'],
  ['^(invalid input syntax for type [^:]*): .*', '\\1'],
  ['^(there is no row of .*) for .*', '\\1'],
  ['^(.*) belongs to another row$', 'a value belongs to another row'],
].reduce((text, [pattern, general]) => `regexp_replace(${text}, '${pattern}', '${general}')`, 'j.reason')

export async function readJournal(client: Pick<pg.ClientBase, 'query'>): Promise<JournalReason[]> {
  const { rows } = await client.query<JournalReason>(/* sql */ `
    SELECT j.target, j.source, j.sqlstate, ${GENERAL} AS reason, count(*)::int AS rows, count(j.accepted_at)::int AS accepted,
           (array_agg(array_to_string(coalesce(j.key, j.old_key), ', ') ORDER BY j.id))[1:3] AS examples
      FROM crossfade.journal AS j
     GROUP BY j.target, j.source, j.sqlstate, ${GENERAL}
     ORDER BY count(*) DESC, reason`)
  return rows
}

export async function countOpenJournal(client: Pick<pg.ClientBase, 'query'>): Promise<number> {
  const { rows } = await client.query<{ open: number }>(
    /* sql */ `SELECT count(*)::int AS open FROM crossfade.journal WHERE accepted_at IS NULL`,
  )
  return rows[0]?.open ?? 0
}

/** Which entries: of one sqlstate, of one new table, or all. */
export interface JournalFilter {
  readonly sqlstate?: string
  readonly target?: string
}

const CHOSEN = /* sql */ `($1::text IS NULL OR sqlstate = $1) AND ($2::text IS NULL OR crossfade.is_of_target(target, $2))`

/** Gives entries another chance: back into the outbox, from where the applier takes them. Returns how many. */
export async function retryJournal(client: Pick<pg.ClientBase, 'query'>, filter: JournalFilter): Promise<number> {
  const { rowCount } = await client.query(
    /* sql */ `
    INSERT INTO crossfade.outbox (target, source, key)
    SELECT target, source, coalesce(key, old_key) FROM crossfade.journal WHERE ${CHOSEN}`,
    [filter.sqlstate ?? null, filter.target ?? null],
  )
  return rowCount ?? 0
}

/**
 * Gives another chance to entries of which nothing tells when their reason has gone: a unique index that the mapping
 * has no rule for. At most 100, the older the more seldom: after 10 seconds, in the end every hour. Returns how many.
 */
export async function retryDoubtful(client: Pick<pg.ClientBase, 'query'>): Promise<number> {
  const { rowCount } = await client.query(/* sql */ `
    INSERT INTO crossfade.outbox (target, key)
    SELECT j.target, j.key FROM crossfade.journal AS j
     WHERE j.key IS NOT NULL AND j.sqlstate = '23505' AND j.waits_for IS NULL
       AND j.last_at < clock_timestamp() - least(j.attempts * interval '5 seconds', interval '1 hour')
       AND NOT EXISTS (SELECT FROM crossfade.outbox AS o WHERE o.target = j.target AND o.key = j.key AND o.source IS NULL)
     ORDER BY j.last_at LIMIT 100`)
  return rowCount ?? 0
}

/** Somebody takes it on himself, by name, that these old rows stay out of the new schema. Returns how many. */
export async function acceptJournal(
  client: Pick<pg.ClientBase, 'query'>,
  filter: JournalFilter,
  person: string | null,
): Promise<number> {
  if (!person)
    throw new UsageError('journal.person', 'Entries of the journal are accepted by name, and git knows none here.', {
      hint: 'git config user.name "…" and user.email "…", or GIT_AUTHOR_NAME and GIT_AUTHOR_EMAIL.',
    })
  const { rowCount } = await client.query(
    /* sql */ `
    UPDATE crossfade.journal SET accepted_by = $3, accepted_at = clock_timestamp()
     WHERE accepted_at IS NULL AND ${CHOSEN}`,
    [filter.sqlstate ?? null, filter.target ?? null, person],
  )
  return rowCount ?? 0
}

/** A kind of entries that somebody accepts beforehand; null: of any. */
export interface Acceptance extends JournalFilter {
  readonly person: string
}

export async function readAcceptances(client: Pick<pg.ClientBase, 'query'>): Promise<Acceptance[]> {
  const { rows } = await client.query<{ target: string | null; sqlstate: string | null; person: string }>(
    /* sql */ `SELECT target, sqlstate, person FROM crossfade.acceptance ORDER BY id`,
  )
  return rows.map(({ person, target, sqlstate }) => ({
    person,
    ...(target === null ? {} : { target }),
    ...(sqlstate === null ? {} : { sqlstate }),
  }))
}

/** Accepts entries of a kind, also those that are to come, until it is withdrawn. Returns how many there are now. */
export async function acceptAlways(
  client: Pick<pg.ClientBase, 'query'>,
  filter: JournalFilter,
  person: string | null,
): Promise<number> {
  const accepted = await acceptJournal(client, filter, person)
  await client.query(/* sql */ `INSERT INTO crossfade.acceptance (target, sqlstate, person) VALUES ($2, $1, $3)`, [
    filter.sqlstate ?? null,
    filter.target ?? null,
    person,
  ])
  return accepted
}

/** Ends acceptances; entries that are accepted stay so. Returns how many. */
export async function withdrawAcceptance(client: Pick<pg.ClientBase, 'query'>, filter: JournalFilter): Promise<number> {
  const { rowCount } = await client.query(
    /* sql */ `DELETE FROM crossfade.acceptance WHERE ($1::text IS NULL OR sqlstate = $1) AND ($2::text IS NULL OR target = $2)`,
    [filter.sqlstate ?? null, filter.target ?? null],
  )
  return rowCount ?? 0
}
