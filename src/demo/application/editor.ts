import { randomUUID } from 'node:crypto'
import type { Followed, QueueTable } from './activity.ts'
import { chance, pick, type Session } from './session.ts'

type Edited = Exclude<Followed, 'status'>

/** First digits of the keys in each lane. */
const LANES = ['[0-3]', '[4-7]', '[89abAB]', '[c-fC-F]']
const WORKLIST = 150

const READ_WORKLIST: { readonly [table in QueueTable]: string } = {
  content_metadata: /* sql */ `
    select decision_id::text as key from content_metadata
    where decision_id >= $1::uuid and decision_id::text ~ $2 and status <> 'failed'
    order by decision_id limit $3`,
  content_generation_metadata_comprehensive: /* sql */ `
    select decision_id as key from content_generation_metadata_comprehensive
    where decision_id >= $1::text and decision_id ~ $2 and status <> 'failed'
    order by decision_id limit $3`,
  content_queue: /* sql */ `
    select decision_id::text as key from content_queue
    where decision_id >= $1::uuid and decision_id::text ~ $2 and status in ('queued', 'ready', 'cancelled')
    order by decision_id limit $3`,
}

// By the new name nothing is edited that went out: the queue may know of it only because it is remembered elsewhere.
const EDIT_QUEUE = /* sql */ `update content_queue set updated_at = now(),`
const WAITING = /* sql */ `where decision_id = $1 and status in ('queued', 'ready', 'cancelled')`

const EDIT: { readonly [table in QueueTable]: { readonly [column in Edited]: string } } = {
  content_metadata: {
    content: /* sql */ `update content_metadata set content = $2 where decision_id = $1`,
    angle: /* sql */ `update content_metadata set angle = $2 where decision_id = $1`,
    tone: /* sql */ `update content_metadata set tone = $2 where decision_id = $1`,
    topic: /* sql */ `update content_metadata set topic = $2 where decision_id = $1`,
  },
  content_generation_metadata_comprehensive: {
    content: /* sql */ `
      update content_generation_metadata_comprehensive set content = $2, updated_at = now() where decision_id = $1`,
    angle: /* sql */ `
      update content_generation_metadata_comprehensive set angle = $2, updated_at = now() where decision_id = $1`,
    tone: /* sql */ `
      update content_generation_metadata_comprehensive set tone = $2, updated_at = now() where decision_id = $1`,
    topic: /* sql */ `
      update content_generation_metadata_comprehensive set raw_topic = $2, updated_at = now() where decision_id = $1`,
  },
  content_queue: {
    content: `${EDIT_QUEUE} content = $2 ${WAITING}`,
    angle: `${EDIT_QUEUE} angle = $2 ${WAITING}`,
    tone: `${EDIT_QUEUE} tone = $2 ${WAITING}`,
    topic: `${EDIT_QUEUE} raw_topic = $2 ${WAITING}`,
  },
}

/** An editor over the given tables: each edit has a text of its own, so that it can be found again. */
export function makeEditor(tables: readonly QueueTable[]): (session: Session) => Promise<void> {
  let table = pick(tables)
  let worklist: string[] = []
  let edits = 0
  return async (session) => {
    if (worklist.length === 0) {
      table = pick(tables)
      worklist = await readWorklist(session, table)
    }
    // Some keys are edited twice in a row, so that the order of writes to one row is tested too.
    const key = chance(0.2) ? worklist.at(-1) : worklist.pop()
    if (key === undefined) return
    edits += 1
    const column = pick<Edited>(['content', 'angle', 'tone', 'topic'])
    const text = `${column} ${session.settings.name}#${edits} – "it's better" ✏️`
    await session.transaction(async (transaction) => {
      const { rowCount } = await transaction.query(EDIT[table][column], [key, text])
      if (rowCount === 1) transaction.wrote('update', table, key, { [column]: text })
    })
  }
}

async function readWorklist(session: Session, table: QueueTable): Promise<string[]> {
  const lane = session.settings.lane % LANES.length
  const firstDigit = (4 * lane + Math.floor(4 * Math.random())).toString(16)
  const from = `${firstDigit}${randomUUID().slice(1)}`
  const pattern = `^${LANES[lane]}`
  const { rows } = await session.query<{ key: string }>(READ_WORKLIST[table], [from, pattern, WORKLIST])
  return rows.map((row) => row.key)
}
