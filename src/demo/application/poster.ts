import type { Session } from './session.ts'

/** Claims one due row by the old names, posts it, and says so in both tables. */
export async function postByOldNames(session: Session): Promise<void> {
  const key = await session.transaction(async (transaction) => {
    const due = await transaction.query<{ id: string; decision_id: string }>(/* sql */ `
      select id, decision_id from content_metadata
      where status = 'queued' and scheduled_at <= now()
      order by scheduled_at limit 1
      for update skip locked`)
    const row = due.rows[0]
    if (row === undefined) return null
    await transaction.query(/* sql */ `update content_metadata set status = 'posting' where id = $1`, [row.id])
    // The second table spells the key in its own ways.
    await transaction.query(
      /* sql */ `
      update content_generation_metadata_comprehensive set status = 'posting', updated_at = now()
      where lower(replace(decision_id, '-', '')) = replace($1::text, '-', '')`,
      [row.decision_id],
    )
    return row.decision_id
  })
  if (key === null) return
  session.posted(key)
  await session.transaction(async (transaction) => {
    const metadata = await transaction.query(
      /* sql */ `update content_metadata set status = 'posted', posted_at = now() where decision_id = $1`,
      [key],
    )
    const comprehensive = await transaction.query(
      /* sql */ `
      update content_generation_metadata_comprehensive set status = 'posted', posted_at = now(), updated_at = now()
      where lower(replace(decision_id, '-', '')) = replace($1::text, '-', '')`,
      [key],
    )
    if (metadata.rowCount === 1) transaction.wrote('update', 'content_metadata', key, { status: 'posted' })
    if (comprehensive.rowCount === 1) {
      transaction.wrote('update', 'content_generation_metadata_comprehensive', key, { status: 'posted' })
    }
  })
}

export async function postNatively(session: Session): Promise<void> {
  const key = await session.transaction(async (transaction) => {
    const due = await transaction.query<{ id: string; decision_id: string }>(/* sql */ `
      select id, decision_id from content_queue
      where status = 'queued' and scheduled_at <= now()
      order by scheduled_at limit 1
      for update skip locked`)
    const row = due.rows[0]
    if (row === undefined) return null
    await transaction.query(/* sql */ `update content_queue set status = 'posting', updated_at = now() where id = $1`, [
      row.id,
    ])
    return row.decision_id
  })
  if (key === null) return
  session.posted(key)
  await session.transaction(async (transaction) => {
    const updated = await transaction.query(
      /* sql */ `
      update content_queue set status = 'posted', posted_at = now(), updated_at = now() where decision_id = $1`,
      [key],
    )
    if (updated.rowCount === 1) transaction.wrote('update', 'content_queue', key, { status: 'posted' })
  })
}
