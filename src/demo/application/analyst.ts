import { randomUUID } from 'node:crypto'
import { chance, type Session } from './session.ts'

// `side` is what the database itself says about where it looked the table up: a view of settings, asked in the
// same statement. Functions that tell would not be plain reads any more.
const LOOK_UP = /* sql */ `
  select decision_id, content, status, (select setting from pg_settings where name = 'search_path') as side
  from content_metadata where decision_id >= $1 order by decision_id limit 1`
const LOOK_UP_COPY = /* sql */ `
  select c.decision_id, c.raw_topic, c.visual_format,
         (select setting from pg_settings where name = 'search_path') as side
  from content_generation_metadata_comprehensive c where c.decision_id = $1`
const LIST = /* sql */ `
  select decision_id, content, posted_at
  from content_metadata order by created_at desc limit 20`
const COUNT = /* sql */ `
  select count(*)::int as due
  from content_metadata where status = 'queued' and scheduled_at <= now()`
const JOIN = /* sql */ `
  select a.username, m.decision_id, m.content
  from content_metadata m join discovered_accounts a on a.username = m.target_username
  where m.decision_id >= $1 order by m.decision_id limit 5`

const LOOK_UP_NATIVELY = /* sql */ `
  select decision_id, content, status, raw_topic, visual_format
  from content_queue where decision_id >= $1 order by decision_id limit 1`
const LIST_NATIVELY = /* sql */ `
  select decision_id, content, posted_at from content_queue order by created_at desc limit 20`
const COUNT_NATIVELY = /* sql */ `
  select count(*)::int as due from content_queue where status = 'queued' and scheduled_at <= now()`
const JOIN_NATIVELY = /* sql */ `
  select a.username, q.decision_id, q.content
  from content_queue q join discovered_accounts a on a.username = q.target_username
  where q.decision_id >= $1 order by q.decision_id limit 5`

interface Found {
  readonly decision_id: string
}

/** Reads on its own, never in a transaction: these are the reads that the ramp moves. */
export async function readByOldNames(session: Session): Promise<void> {
  const { rows } = await session.query<Found>(LOOK_UP, [randomUUID()])
  const found = rows[0]
  if (found !== undefined && chance(0.3)) await session.query(LOOK_UP_COPY, [found.decision_id])
  if (chance(0.1)) await session.query(LIST)
  if (chance(0.05)) await session.query(COUNT)
  if (chance(0.1)) await session.query(JOIN, [randomUUID()])
}

export async function readNatively(session: Session): Promise<void> {
  await session.query(LOOK_UP_NATIVELY, [randomUUID()])
  if (chance(0.1)) await session.query(LIST_NATIVELY)
  if (chance(0.05)) await session.query(COUNT_NATIVELY)
  if (chance(0.1)) await session.query(JOIN_NATIVELY, [randomUUID()])
}
