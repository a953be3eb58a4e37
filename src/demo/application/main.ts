/** One process of the demo's application. Started by the fleet: `main.js <settings as JSON>`, DATABASE_URL in the environment. */
import type { FromModule, ModuleKind, ModuleSettings, ToModule, Version } from './activity.ts'
import { readByOldNames, readNatively } from './analyst.ts'
import { cleanByOldNames, cleanNatively } from './cleaner.ts'
import { collectByOldNames, collectNatively } from './collector.ts'
import { makeEditor } from './editor.ts'
import { planByOldNames, planNatively } from './planner.ts'
import { openPool } from './pool.ts'
import { postByOldNames, postNatively } from './poster.ts'
import { Session, sleep } from './session.ts'

type Step = (session: Session) => Promise<void>

const STEPS: { readonly [kind in ModuleKind]: { readonly [version in Version]: Step } } = {
  planner: { old: planByOldNames, native: planNatively },
  poster: { old: postByOldNames, native: postNatively },
  collector: { old: collectByOldNames, native: collectNatively },
  editor: {
    old: makeEditor(['content_metadata', 'content_metadata', 'content_generation_metadata_comprehensive']),
    native: makeEditor(['content_queue']),
  },
  cleaner: { old: cleanByOldNames, native: cleanNatively },
  analyst: { old: readByOldNames, native: readNatively },
}

/** Milliseconds between two steps at pace 1. */
const PAUSE: { readonly [kind in ModuleKind]: number } = {
  planner: 140,
  poster: 260,
  collector: 180,
  editor: 110,
  cleaner: 260,
  analyst: 15,
}
const REPORT_EVERY_MS = 150

let stopping = false
let held: Promise<void> | null = null
let letGo: () => void = () => undefined

process.on('message', (message: ToModule) => {
  if (message.type === 'stop') stopping = true
  if (message.type === 'hold') {
    held = new Promise((resolve) => {
      letGo = resolve
    })
  }
  if (message.type === 'continue') {
    held = null
    letGo()
  }
})
// Without its fleet nobody reads the log. Ctrl-C reaches the whole terminal; the fleet decides what it means.
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)

await run(JSON.parse(process.argv[2] ?? '{}') as ModuleSettings)

async function run(settings: ModuleSettings): Promise<void> {
  const { pool, figures } = openPool(settings.name, process.env.DATABASE_URL ?? '')
  pool.on('error', () => undefined) // a lost idle connection shows at the next statement
  await pool.query('select 1')
  const session = new Session(pool, settings)
  const report = () => send({ type: 'activity', pool: figures(), ...session.takeActivity() })
  const reporting = setInterval(() => void report(), REPORT_EVERY_MS)
  await send({ type: 'ready' })
  const step = STEPS[settings.kind][settings.version]
  while (!stopping) {
    // What failed is in the log; the next step starts afresh, as a supervised process would.
    await step(session).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error)) throw error
    })
    if (held !== null) {
      await report()
      await send({ type: 'held' })
      await held
    }
    await sleep((PAUSE[settings.kind] * (0.5 + Math.random())) / settings.pace)
  }
  clearInterval(reporting)
  await report()
  await pool.end()
  process.disconnect?.()
}

function send(message: FromModule): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined) return resolve()
    process.send(message, () => resolve())
  })
}
