import { chance, type Session, type Transaction } from './session.ts'

interface Due {
  readonly id: string
  readonly decision_id: string
  readonly content: string
  readonly decision_type: string
  readonly generator_name: string | null
  readonly topic: string | null
  readonly visual_format: string | null
}

/** Claims one due row by the old names, posts it, says so in both tables of the queue, and tells of it in three others. */
export async function postByOldNames(session: Session): Promise<void> {
  const due = await session.transaction(claimByOldNames)
  if (due === null) return
  session.posted(due.decision_id)
  const tweetId = drawTweetId()
  await session.transaction(async (transaction) => {
    await markPosted(transaction, due.decision_id)
    // Whoever wrote it had no order in mind.
    for (const tell of shuffle([tellDecision, tellTweet, tellPost])) await tell(transaction, due, tweetId)
  })
  if (chance(0.3)) await session.transaction((transaction) => correctLinks(transaction, tweetId))
}

export async function postNatively(session: Session): Promise<void> {
  const due = await session.transaction(claimNatively)
  if (due === null) return
  session.posted(due.decision_id)
  const tweetId = drawTweetId()
  await session.transaction(async (transaction) => {
    const updated = await transaction.query(
      /* sql */ `
      update content_queue set status = 'posted', posted_at = now(), updated_at = now() where decision_id = $1`,
      [due.decision_id],
    )
    if (updated.rowCount === 1) transaction.wrote('update', 'content_queue', due.decision_id, { status: 'posted' })
    await transaction.query(
      /* sql */ `
      insert into posted_content (decision_id, tweet_id, tweet_url, content, decision_type, generator_name, raw_topic,
                                  visual_format)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        ...[due.decision_id, tweetId, linkTo(tweetId), due.content, due.decision_type],
        ...[due.generator_name, due.topic, due.visual_format],
      ],
    )
    transaction.wrote('insert', 'posted_content', tweetId, { tweet_url: linkTo(tweetId) })
  })
  if (chance(0.3)) {
    await session.transaction(async (transaction) => {
      const url = `${linkTo(tweetId)}?by=name`
      await transaction.query(/* sql */ `update posted_content set tweet_url = $2 where tweet_id = $1`, [tweetId, url])
      transaction.wrote('update', 'posted_content', tweetId, { tweet_url: url })
    })
  }
}

async function claimByOldNames(transaction: Transaction): Promise<Due | null> {
  const { rows } = await transaction.query<Due>(/* sql */ `
    select id, decision_id, content, decision_type, generator_name, topic, 'image' as visual_format
    from content_metadata
    where status = 'queued' and scheduled_at <= now()
    order by scheduled_at limit 1
    for update skip locked`)
  const row = rows[0]
  if (row === undefined) return null
  await transaction.query(/* sql */ `update content_metadata set status = 'posting' where id = $1`, [row.id])
  // The second table spells the key in its own ways.
  await transaction.query(
    /* sql */ `
    update content_generation_metadata_comprehensive set status = 'posting', updated_at = now()
    where lower(replace(decision_id, '-', '')) = replace($1::text, '-', '')`,
    [row.decision_id],
  )
  return row
}

async function claimNatively(transaction: Transaction): Promise<Due | null> {
  const { rows } = await transaction.query<Due>(/* sql */ `
    select id, decision_id, content, decision_type, generator_name, raw_topic as topic, visual_format
    from content_queue
    where status = 'queued' and scheduled_at <= now()
    order by scheduled_at limit 1
    for update skip locked`)
  const row = rows[0]
  if (row === undefined) return null
  await transaction.query(/* sql */ `update content_queue set status = 'posting', updated_at = now() where id = $1`, [
    row.id,
  ])
  return row
}

async function markPosted(transaction: Transaction, key: string): Promise<void> {
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
}

async function tellDecision(transaction: Transaction, due: Due, tweetId: string): Promise<void> {
  const written = chance(0.1) ? due.decision_id.toUpperCase() : due.decision_id
  await transaction.query(
    /* sql */ `
    insert into posted_decisions (decision_id, tweet_id, content, decision_type, generator_name, topic, visual_format)
    values ($1, $2, $3, $4, $5, $6, $7)`,
    [written, tweetId, due.content, oldWord(due), due.generator_name, due.topic, due.visual_format],
  )
  transaction.wrote('insert', 'posted_decisions', tweetId)
}

async function tellTweet(transaction: Transaction, due: Due, tweetId: string): Promise<void> {
  await transaction.query(
    /* sql */ `
    insert into tweets (tweet_id, text, url, kind, thread) values ($1, $2, $3, $4, jsonb_build_array($2::text, 2.0))`,
    [tweetId, due.content, linkTo(tweetId), oldWord(due)],
  )
  transaction.wrote('insert', 'tweets', tweetId, { tweet_url: linkTo(tweetId) })
}

async function tellPost(transaction: Transaction, due: Due, tweetId: string): Promise<void> {
  await transaction.query(
    /* sql */ `insert into posts (external_id, body, permalink, format) values ($1, $2, $3, $4)`,
    [tweetId, due.content, linkTo(tweetId), oldWord(due)],
  )
  transaction.wrote('insert', 'posts', tweetId, { tweet_url: linkTo(tweetId) })
}

async function correctLinks(transaction: Transaction, tweetId: string): Promise<void> {
  const url = `${linkTo(tweetId)}?by=name`
  await transaction.query(/* sql */ `update tweets set url = $2 where tweet_id = $1`, [tweetId, url])
  transaction.wrote('update', 'tweets', tweetId, { tweet_url: url })
  await transaction.query(/* sql */ `update posts set permalink = $2 where external_id = $1`, [tweetId, url])
  transaction.wrote('update', 'posts', tweetId, { tweet_url: url })
}

function oldWord(due: Due): string {
  if (due.decision_type !== 'single') return due.decision_type
  return chance(0.5) ? 'content' : 'short'
}

/** What the network answers: 19 digits, never the same twice. */
function drawTweetId(): string {
  const digits = Array.from({ length: 5 }, () => Math.floor(10 * Math.random())).join('')
  return `1${Date.now()}${digits}`
}

function linkTo(tweetId: string): string {
  return `https://x.example/i/${tweetId}`
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item)
}
