import type { LoopKind } from '../code-graph.ts'
import type { Expr } from '../ir.ts'

/** What is known of a call or `new` that is handed functions. */
export interface HandingCall {
  /** The last name of the callee: `setInterval`, `schedule`, `Worker`. */
  readonly name: string
  /** Of `cron.schedule` the expression `cron`. */
  readonly object: Expr | null
  readonly isNew: boolean
  /** Texts among the arguments. */
  readonly texts: readonly string[]
  /** Modules that the file imports. */
  readonly requests: readonly string[]
}

/** Five or six fields of a schedule, or one of its short forms. */
const SCHEDULE =
  /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|([\d*?/,L#-]+|[A-Z]{3}([-,][A-Z]{3})*)(\s+([\d*?/,LW#-]+|[A-Za-z]{3}([-,][A-Za-z]{3})*)){4,5})$/
const QUEUES =
  /^(bull|bullmq|bee-queue|pg-boss|graphile-worker|agenda|amqplib|kafkajs|rhea|sqs-consumer|@aws-sdk\/client-sqs|@google-cloud\/pubsub|inngest|@trigger\.dev\/sdk.*|@temporalio\/.*|faktory-worker|nats|mqtt)(\/|$)/
const SERVERS =
  /^(express|fastify|koa|@koa\/router|koa-router|hono|polka|restify|@hapi\/hapi|elysia|h3|find-my-way|itty-router|@trpc\/server|@oak\/oak|router)(\/|$)/
const VERBS = /^(get|post|put|patch|delete|all|head|options|use|route|query|mutation|subscription)$/
const WORKS = /^(process|work|consume|eachMessage|run|subscribe|define|addHandler|createFunction|task)$/
const ENDS = /^(SIG\w+|exit|beforeExit|uncaughtException|unhandledRejection|error|end|close|finish|drain|warning)$/

/** What makes the functions that the call is handed run again and again; null where nothing does. */
export function loopKind(call: HandingCall): LoopKind | null {
  const { name, texts, requests, isNew } = call
  if (name === 'setInterval') return 'timer'
  if (texts.some((text) => SCHEDULE.test(text.trim()))) return 'schedule'
  if (/^(scheduleJob|CronJob|Cron)$/.test(name)) return 'schedule'
  if (requests.some((request) => QUEUES.test(request)) && (WORKS.test(name) || (isNew && name === 'Worker')))
    return 'queue'
  if (isRequest(call)) return 'request'
  if (/^(on|addListener|addEventListener)$/.test(name) && texts.length > 0 && !texts.some((text) => ENDS.test(text)))
    return 'event'
  return null
}

function isRequest({ name, texts, requests, object }: HandingCall): boolean {
  if (object === null) return /^(createServer|serve|defineEventHandler|eventHandler)$/.test(name)
  if (/^(serve|createServer)$/.test(name)) return true
  if (!VERBS.test(name)) return false
  return texts.some((text) => text.startsWith('/')) || requests.some((request) => SERVERS.test(request))
}

/** Exports by which a framework answers requests, in a file that it loads by its place. */
export const HANDLERS =
  /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|default|handler|loader|action|load|actions|onRequest\w*|getServerSideProps|getStaticProps)$/
/** Decorators of methods that a framework runs again and again. */
export const DECORATORS: readonly (readonly [RegExp, LoopKind])[] = [
  [/^(Get|Post|Put|Patch|Delete|All|Query|Mutation|ResolveField|MessagePattern|SubscribeMessage)$/, 'request'],
  [/^Cron$/, 'schedule'],
  [/^Interval$/, 'timer'],
  [/^(Process|Processor)$/, 'queue'],
  [/^(OnEvent|EventPattern)$/, 'event'],
]
