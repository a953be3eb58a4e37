import { chance, type Session, type Transaction } from './session.ts'

interface Deleted {
  readonly key: string
}

/** Deletes what is done with from the queue: from both tables, or the copy in one of them. What it posted remains. */
export async function cleanByOldNames(session: Session): Promise<void> {
  const turn = Math.random()
  await session.transaction(async (transaction) => {
    if (turn < 0.4) await deleteBoth(transaction)
    else if (turn < 0.7) await deleteCopies(transaction)
    else await deleteOriginals(transaction)
  })
}

// In the new schema a post goes with its row of the queue, so rows of posts stay.
export async function cleanNatively(session: Session): Promise<void> {
  await session.transaction(async (transaction) => {
    const { rows } = await transaction.query<Deleted>(
      /* sql */ `
      delete from content_queue where id in (
        select id from content_queue q
        where status in ('posted', 'cancelled') and created_at < now() - interval '7 days'
          and not exists (select from posted_content p where p.decision_id = q.decision_id)
        order by created_at limit $1
        for update skip locked)
      returning decision_id::text as key`,
      [chance(0.5) ? 1 : 2],
    )
    for (const row of rows) transaction.wrote('delete', 'content_queue', row.key)
  })
}

async function deleteBoth(transaction: Transaction): Promise<void> {
  const { rows } = await transaction.query<Deleted>(/* sql */ `
    delete from content_metadata where id in (
      select id from content_metadata
      where status in ('posted', 'cancelled') and created_at < now() - interval '7 days'
      order by id limit 2
      for update skip locked)
    returning decision_id::text as key`)
  for (const row of rows) transaction.wrote('delete', 'content_metadata', row.key)
  const copies = await transaction.query<Deleted>(
    /* sql */ `
    delete from content_generation_metadata_comprehensive
    where lower(replace(decision_id, '-', '')) = any($1)
    returning decision_id as key`,
    [rows.map((row) => row.key.replaceAll('-', ''))],
  )
  for (const row of copies.rows) transaction.wrote('delete', 'content_generation_metadata_comprehensive', row.key)
}

async function deleteCopies(transaction: Transaction): Promise<void> {
  const { rows } = await transaction.query<Deleted>(/* sql */ `
    delete from content_generation_metadata_comprehensive where id in (
      select id from content_generation_metadata_comprehensive
      where status in ('posted', 'cancelled') and created_at < now() - interval '7 days'
      order by id limit 1
      for update skip locked)
    returning decision_id as key`)
  for (const row of rows) transaction.wrote('delete', 'content_generation_metadata_comprehensive', row.key)
}

// Only where the copy is done with too: a copy that still says queued would be posted again.
async function deleteOriginals(transaction: Transaction): Promise<void> {
  const { rows } = await transaction.query<Deleted>(/* sql */ `
    delete from content_metadata where id in (
      select m.id from content_metadata m
      where m.status in ('posted', 'cancelled') and m.created_at < now() - interval '7 days'
        and not exists (
          select from content_generation_metadata_comprehensive c
          where lower(replace(c.decision_id, '-', '')) = replace(m.decision_id::text, '-', '')
            and c.status not in ('posted', 'cancelled'))
      order by m.id desc limit 1
      for update skip locked)
    returning decision_id::text as key`)
  for (const row of rows) transaction.wrote('delete', 'content_metadata', row.key)
}
