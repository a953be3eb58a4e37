import { randomUUID } from 'node:crypto'
import { chance, pick, type Session, type Transaction } from './session.ts'

interface Plan {
  readonly key: string
  readonly content: string
  readonly decisionType: string
  readonly topic: string
  readonly angle: string
  readonly tone: string
  readonly threadParts: string | null
  /** Seconds from now. */
  readonly due: number
}

const TOPICS = ['growth', 'café culture', "O'Brien's law", '睡眠', 'habits']

export async function planByOldNames(session: Session): Promise<void> {
  const plan = makePlan()
  const metadata = (transaction: Transaction) => insertContentMetadata(transaction, plan)
  const comprehensive = (transaction: Transaction) => insertComprehensive(transaction, plan)
  const steps = chance(0.2) ? [metadata] : chance(0.3) ? [comprehensive, metadata] : [metadata, comprehensive]
  // One transaction: a post must never be due in one table and unknown in the other.
  await session.transaction(async (transaction) => {
    for (const step of steps) await step(transaction)
  })
}

export async function planNatively(session: Session): Promise<void> {
  const plan = makePlan()
  await session.transaction(async (transaction) => {
    const { rows } = await transaction.query<{ decision_id: string }>(
      /* sql */ `
      insert into content_queue (decision_id, content, decision_type, thread_parts, raw_topic, angle, tone,
                                 generator_name, format_strategy, visual_format, scheduled_at, quality_score, predicted_er)
      values (coalesce($1::uuid, gen_random_uuid()), $2, $3, $4, $5, $6, $7, 'planner', 'list', 'image',
              now() + make_interval(secs => $8), 0.8125, 0.0450)
      returning decision_id`,
      [
        chance(0.5) ? plan.key : null,
        plan.content,
        plan.decisionType,
        plan.threadParts,
        plan.topic,
        plan.angle,
        plan.tone,
        plan.due,
      ],
    )
    for (const row of rows) transaction.wrote('insert', 'content_queue', row.decision_id, followed(plan))
  })
}

async function insertContentMetadata(transaction: Transaction, plan: Plan): Promise<void> {
  await transaction.query(
    /* sql */ `
    insert into content_metadata (decision_id, content, generation_source, decision_type, scheduled_at, quality,
                                  predicted_er, thread_parts, topic, tone, angle, generator_name)
    values ($1, $2, 'llm', $3, now() + make_interval(secs => $4), 81.25, 0.045, $5, $6, $7, $8, 'planner')`,
    [plan.key, plan.content, plan.decisionType, plan.due, plan.threadParts, plan.topic, plan.tone, plan.angle],
  )
  transaction.wrote('insert', 'content_metadata', plan.key, followed(plan))
}

async function insertComprehensive(transaction: Transaction, plan: Plan): Promise<void> {
  const written = chance(0.1) ? plan.key.toUpperCase() : chance(0.06) ? plan.key.replaceAll('-', '') : plan.key
  await transaction.query(
    /* sql */ `
    insert into content_generation_metadata_comprehensive
      (decision_id, content, decision_type, status, scheduled_at, raw_topic, angle, tone, format_strategy,
       visual_format, generator_name, quality_score, experiment_arm, raw_response)
    values ($1, $2, $3, 'queued', now() + make_interval(secs => $4), $5, $6, $7, 'list', 'image', 'planner', 0.8125,
            'B', jsonb_build_object('prompt', $2::text))`,
    [written, plan.content, plan.decisionType, plan.due, plan.topic, plan.angle, plan.tone],
  )
  transaction.wrote('insert', 'content_generation_metadata_comprehensive', plan.key, followed(plan))
}

function makePlan(): Plan {
  const key = randomUUID()
  const decisionType = pick(['single', 'single', 'thread', 'reply'])
  return {
    key,
    content: `Fresh ${key.slice(0, 8)}: "it's live" 🛰️`,
    decisionType,
    topic: pick(TOPICS),
    angle: pick(['contrarian', 'story']),
    tone: pick(['calm', 'bold']),
    threadParts: decisionType === 'thread' ? JSON.stringify(['one', { text: 'two 🧵', n: 1.0 }]) : null,
    due: chance(0.7) ? 3 * Math.random() : 86_400,
  }
}

function followed(plan: Plan) {
  return { content: plan.content, topic: plan.topic, angle: plan.angle, tone: plan.tone }
}
