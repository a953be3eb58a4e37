import type { Random } from '../test/scenarios/random.ts'
import type { Fleet } from './fleet.ts'
import type { Victims } from './victims.ts'
import type { Instant, Struck, WireProxy } from './wire-proxy.ts'
import type { Worker } from './worker.ts'

export const KINDS = [
  'tool: kill -9',
  'tool: pg_terminate_backend',
  'tool: kill -9 of its backend',
  'server: stop -m immediate',
  'server: disk full',
  'application: kill -9',
  'application: pg_terminate_backend',
  'application: kill -9 of a backend',
  'worker: kill -9',
  'worker: pg_terminate_backend',
  'worker: kill -9 of its backend',
] as const
export type Kind = (typeof KINDS)[number]

const WEIGHTS: { readonly [kind in Kind]: number } = {
  'tool: kill -9': 40,
  'tool: pg_terminate_backend': 12,
  'tool: kill -9 of its backend': 8,
  'server: stop -m immediate': 12,
  // Only with a small file system of its own to fill.
  'server: disk full': 0,
  'application: kill -9': 10,
  'application: pg_terminate_backend': 5,
  'application: kill -9 of a backend': 4,
  'worker: kill -9': 5,
  'worker: pg_terminate_backend': 2,
  'worker: kill -9 of its backend': 2,
}

export interface Plan {
  readonly kind: Kind
  /** A number of milliseconds after the command's start, or an instant on the wire of the tool. */
  readonly when: number | Instant
  /** For the application: an instant around its own next commit. */
  readonly die: 'before' | 'during' | 'after' | 'now'
}

/** How a command went when nobody disturbed it. */
export interface Course {
  readonly ms: number
  readonly statements: number
  readonly commits: number
}

const PHASES = ['before', 'during', 'after'] as const
/** A command talks to nobody before it has started. */
const STARTS_MS = 250

export function drawPlan(random: Random, course: Course, weights: Partial<typeof WEIGHTS> = {}): Plan {
  const kind = random.pick(KINDS.flatMap((one) => Array.from({ length: weights[one] ?? WEIGHTS[one] }, () => one)))
  const phase = random.pick(PHASES)
  const draw = random.next()
  const when =
    draw < 0.35
      ? STARTS_MS + random.int(Math.max(1, Math.round(course.ms - STARTS_MS)))
      : draw < 0.65 || course.commits === 0
        ? ({ at: 'statement', n: 1 + random.int(Math.max(1, course.statements)), phase } as const)
        : ({ at: 'commit', n: 1 + random.int(course.commits), phase } as const)
  return { kind, when, die: random.pick(['before', 'during', 'after', 'now'] as const) }
}

export interface Strike {
  readonly at: number
  readonly kind: Kind
  /** For the report: `before a commit`, `after a commit`, `some time`, … */
  readonly moment: string
  readonly text: string
}

export interface Scene {
  readonly proxy: WireProxy
  readonly victims: Victims
  readonly fleet: Fleet
  readonly worker: Worker
  killTool(): void
}

/** Carries a plan out when its instant comes. The strike, or null where the command was faster. */
export function setTrap(scene: Scene, plan: Plan): { sprung: () => Strike | null; settle: () => Promise<void> } {
  let strike: Strike | null = null
  let carried: Promise<void> = Promise.resolve()
  const act = (moment: string, struck: Struck | null): Promise<void> => {
    carried = carryOut(scene, plan, struck).then((done) => {
      if (done) strike = { at, kind: plan.kind, moment, text: struck?.text.replaceAll(/\s+/g, ' ').slice(0, 100) ?? '' }
    })
    const at = performance.now()
    return carried
  }
  let timer: NodeJS.Timeout | undefined
  if (typeof plan.when === 'number') {
    timer = setTimeout(() => void act('some time', null), plan.when)
    scene.proxy.arm(null, async () => undefined)
  } else {
    const { at, phase } = plan.when
    scene.proxy.arm(plan.when, (struck) => act(describe(at, phase, struck), struck))
  }
  return {
    sprung: () => strike,
    settle: async () => {
      clearTimeout(timer)
      scene.proxy.disarm()
      await carried
    },
  }
}

function describe(at: Instant['at'], phase: Instant['phase'], { committed }: Struck): string {
  if (at === 'commit') return `${phase} a commit`
  if (phase === 'after') return committed ? 'after a statement that committed' : 'after a statement of a transaction'
  return `${phase} a statement`
}

/** False where there was nobody to kill. */
async function carryOut(scene: Scene, plan: Plan, struck: Struck | null): Promise<boolean> {
  const { victims, fleet, worker } = scene
  const [who, how] = plan.kind.split(': ')
  if (how === 'disk full') {
    await victims.fillDisk()
    return true
  }
  if (who === 'server') {
    await victims.stopImmediately()
    return true
  }
  if (how === 'kill -9') {
    if (who === 'tool') scene.killTool()
    else if (who === 'worker') worker.kill()
    else fleet.kill(struck?.pid ?? 0, plan.die)
    return true
  }
  const names = { tool: 'crossfade ', worker: 'crossfade worker', application: 'chaos application' }
  const own = who === 'tool' ? struck?.pid : undefined
  const pid = own ?? (await victims.findBackend(names[who as keyof typeof names]))
  if (pid === 0) return false
  if (how === 'pg_terminate_backend') await victims.terminate(pid)
  else if (!victims.killBackend(pid)) return false
  return true
}
