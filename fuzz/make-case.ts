import { createRandom, type Random } from '../test/scenarios/random.ts'
import type { Case, Command, Model, Step } from './case.ts'
import { makeBulkInsert } from './make-bulk.ts'
import { makeModel } from './make-model.ts'
import { makeNativeStatement, makeOldStatement, makeRow, type Range } from './make-statements.ts'

/** The case of a seed: always the same. */
export function makeCase(seed: string): Case {
  const random = createRandom(seed)
  const model = makeModel(random)
  const range = { keys: random.pick([2, 4, 8, 40]), rows: random.pick([3, 6, 12, 40]) }
  let written = 0
  const tokens = (): string => `w${++written}`
  const rows = model.old.flatMap((table) =>
    Array.from({ length: range.rows }, () => makeRow(random, table, range, tokens)),
  )
  const sessions = random.pick([1, 1, 2, 3, 4, 6])
  const native = random.chance(0.6)
  const lengths = random.pick([4, 8, 16, 30])
  const bulk = random.chance(0.08)
  const streams = Array.from({ length: sessions }, (_, session) =>
    makeStream(random, model, range, tokens, { session, native, bulk, length: lengths }),
  )
  return {
    seed,
    model,
    rows,
    settings: Array.from({ length: sessions }, () => random.pick(SETTINGS)),
    steps: weave(random, streams, makeCommands(random, native), model, native),
  }
}

const SETTINGS = [
  '',
  '',
  '',
  `set timezone = 'Asia/Kathmandu'; set datestyle = 'SQL, DMY'`,
  `set bytea_output = 'escape'; set extra_float_digits = 0; set intervalstyle = 'sql_standard'`,
  `set crossfade.guard = '1:*|forged'`,
  `set default_transaction_isolation = 'repeatable read'`,
  `set enable_seqscan = off`,
  `set plan_cache_mode = force_generic_plan`,
  `set lock_timeout = '40ms'`,
  `set statement_timeout = '2s'`,
  `set lock_timeout = '300ms'; set statement_timeout = '3s'; set default_transaction_isolation = 'serializable'`,
]

interface StreamOptions {
  readonly session: number
  readonly native: boolean
  /** It writes many rows at once, now and then. */
  readonly bulk: boolean
  readonly length: number
}

/** What one session does, one transaction after the other. */
function makeStream(random: Random, model: Model, range: Range, tokens: () => string, options: StreamOptions): Step[] {
  const { session, length } = options
  const share = options.native ? random.pick([0, 0.5, 1]) : 0
  const steps: Step[] = []
  const say = (sql: string): void => void steps.push({ session, sql, side: 'old', kind: 'transaction' })
  let bulks = options.bulk ? 3 : 0
  const write = (): void => {
    if (bulks > 0 && random.chance(0.15)) {
      bulks--
      steps.push({ session, ...makeBulkInsert(random, model, tokens()) })
      return
    }
    const make = random.chance(share) ? makeNativeStatement : makeOldStatement
    steps.push({ session, ...make(random, model, range, tokens) })
  }
  while (steps.length < length) {
    if (random.chance(0.3)) {
      write()
      continue
    }
    say(
      `begin isolation level ${random.pick(['read committed', 'read committed', 'read committed', 'repeatable read', 'serializable'])}`,
    )
    for (let left = 1 + random.int(4); left > 0; left--) {
      if (random.chance(0.2)) {
        say('savepoint s')
        write()
        say(random.pick(['rollback to s', 'release s']))
      } else write()
    }
    say(random.chance(0.85) ? 'commit' : 'rollback')
  }
  return steps
}

/** The way through the stages, forward and back. */
function makeCommands(random: Random, native: boolean): Command[] {
  const forward: Command[] = native
    ? ['build', 'sync', 'move']
    : ['build', 'sync', ...(random.chance(0.3) ? ['verify' as const] : [])]
  const way: Command[] = [...forward]
  while (random.chance(0.45)) {
    if (random.chance(0.3)) way.push('rollback to design', ...forward)
    else {
      const back = 1 + random.int(2)
      for (let i = 0; i < back; i++) way.push('rollback')
      // What has no effect where it stands is refused, and that is fine.
      way.push(...forward)
    }
  }
  return way
}

/** One order of everything: bursts of one session, and between them the tool, the applier, and what kills them. */
function weave(random: Random, streams: Step[][], commands: Command[], model: Model, native: boolean): Step[] {
  const steps: Step[] = []
  // Often the application begins when sync is there already, or open.
  const before = random.pick(native ? [0, 2, 3, 3, 3, 3] : [0, 1, 2, 2, 3, 3])
  const whole = commands.slice(0, before)
  const later = commands.slice(before)
  for (const command of whole) steps.push({ command, whole: true })
  const left = streams.filter((stream) => stream.length > 0).map((stream) => [...stream])
  const total = left.reduce((sum, stream) => sum + stream.length, 0)
  const everyCommand = Math.max(1, Math.floor(total / (later.length + 1)))
  const deadly = random.chance(0.25)
  const switching = random.chance(0.3)
  for (let done = 0; left.length > 0; ) {
    const stream = random.pick(left)
    for (let burst = random.pick([1, 1, 1, 2, 4]); burst > 0 && stream.length > 0; burst--, done++) {
      const step = stream.shift()
      if (step) steps.push(step)
      if (done % everyCommand === everyCommand - 1) {
        const command = later.shift()
        if (command) steps.push({ command })
      }
    }
    if (stream.length === 0) left.splice(left.indexOf(stream), 1)
    if (whole.length < commands.length && random.chance(0.5)) steps.push({ tool: random.pick([1, 3, 10, 40, 100]) })
    if (random.chance(0.25)) steps.push({ apply: true })
    if (deadly && random.chance(0.06))
      steps.push({ kill: random.pick(['tool', 'applier', random.int(streams.length)]) })
    if (switching && random.chance(0.1))
      steps.push({ command: `${random.pick(['inline', 'outbox'] as const)}: ${random.pick(model.new).name}` })
    if (random.chance(0.01)) steps.push({ console: 'rollback' })
  }
  for (const command of later) steps.push({ command })
  return steps
}
