/** What a process of the application tells about itself: the demo's only source on what the application saw. */
export type Version = 'old' | 'native'
export type ModuleKind = 'planner' | 'poster' | 'collector' | 'editor' | 'cleaner' | 'analyst'

export type OldTable = 'content_metadata' | 'content_generation_metadata_comprehensive'
export type QueueTable = OldTable | 'content_queue'
/** Their rows are told by the tweet's id. */
export type PostTable = 'posted_decisions' | 'tweets' | 'posts' | 'posted_content'
/** Their rows are told by the tweet's id and the instant, as `measurementKey` writes them. */
export type MetricTable = 'outcomes' | 'real_tweet_metrics' | 'tweet_analytics' | 'engagement_metrics'
export type WrittenTable = QueueTable | PostTable | MetricTable

/** Values whose whereabouts are followed. `topic` is content_metadata.topic and raw_topic elsewhere. */
export type Followed = 'content' | 'angle' | 'tone' | 'topic' | 'status'
/** `tweet_url` and `likes` are those of posts and of metrics, by whatever name. */
export type FollowedValues = { readonly [column in Followed | 'tweet_url' | 'likes']?: string }

export interface StatementEntry {
  /** Milliseconds since the epoch, when it ended. */
  readonly at: number
  readonly ms: number
  /** A conflict is a 40001 that moved code met and tries again. */
  readonly outcome: 'ok' | 'failed' | 'conflict'
  readonly sqlstate?: string
  readonly message?: string
  /** The search path on which its tables were found, where the statement asked for it. */
  readonly side?: string
  /** The beginning of the statement, where it was slow. */
  readonly text?: string
}

/** A committed write of one row. */
export interface WriteEntry {
  readonly at: number
  readonly version: Version
  readonly kind: 'insert' | 'update' | 'delete'
  readonly table: WrittenTable
  /** As `plainKey` writes it. */
  readonly key: string
  readonly set: FollowedValues
}

export type QueueWrite = WriteEntry & { readonly table: QueueTable }

const QUEUE_TABLES: readonly string[] = [
  'content_metadata',
  'content_generation_metadata_comprehensive',
  'content_queue',
] satisfies readonly QueueTable[]

export function isQueueWrite(write: WriteEntry): write is QueueWrite {
  return QUEUE_TABLES.includes(write.table)
}

/** Something went out to the world: it can't be taken back. */
export interface PostEntry {
  readonly at: number
  readonly key: string
}

export interface PoolFigures {
  /** Statements that the wrapped pool itself tried again. */
  readonly retries: number
}

export interface Activity {
  readonly statements: StatementEntry[]
  readonly writes: WriteEntry[]
  readonly posts: PostEntry[]
}

export type FromModule =
  | { readonly type: 'ready' }
  | ({ readonly type: 'activity'; readonly pool: PoolFigures } & Activity)
  | { readonly type: 'held' }

export type ToModule = { readonly type: 'stop' } | { readonly type: 'hold' } | { readonly type: 'continue' }

export interface ModuleSettings {
  readonly name: string
  readonly kind: ModuleKind
  readonly version: Version
  /** Which quarter of the keys an editor may touch, 0 to 3, or which half of the tweets a collector: so two never write the same row. */
  readonly lane: number
  /** Pauses are divided by it: 1 is about 400 statements per second for the whole application. */
  readonly pace: number
}

/** One spelling for every key: 32 hexadecimal digits in lower case (or whatever else a made-up key says). */
export function plainKey(key: string): string {
  return key.toLowerCase().replaceAll('-', '')
}

/** `micros`: when it was measured, in microseconds since the epoch. No two measurements of a tweet have the same. */
export function measurementKey(tweetId: string, micros: string): string {
  return `${tweetId}@${micros}`
}
