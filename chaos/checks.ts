import { setTimeout as sleep } from 'node:timers/promises'
import type { Director } from './director.ts'
import { readExpected } from './expected.ts'
import { findDifferences, findLost, readNewSide, readOldSide, type Side } from './sides.ts'

const SHOWN = 8
const OUTBOX_EMPTY_WITHIN_MS = 40_000
const LOST_CONNECTION = /^(57P0[123]|08...|25P03|ECONNRESET|ECONNREFUSED|EPIPE|)$/
const LOST_WORDS =
  /^Connection terminated|^timeout exceeded when trying to connect|^Client (has encountered|was closed)/

/** What must hold after every kill. */
export class Checks {
  readonly #director: Director
  #mayBeRefused = false

  constructor(director: Director) {
    this.#director = director
  }

  /** Natively written code has met a rollback: refused at once, and nothing is lost. */
  allowRefused(): void {
    this.#mayBeRefused = true
  }

  /** With the application paused and the outbox empty: nothing is lost on either side, and the sides are equal. */
  async compare(stage: 'design' | 'sync' | 'reads' | 'move' | 'finish'): Promise<void> {
    const { scene, findings } = this.#director
    const mode = scene.fleet.mode
    await scene.fleet.setMode('paused')
    if (stage !== 'design' && stage !== 'finish') await this.#drained()
    const expected = readExpected(scene.fleet.journals)
    const sides = await scene.victims.ask(async (client) => {
      const schema = stage === 'sync' || stage === 'reads' ? await schemaOfNew(client) : 'public'
      const old: Side | null = stage === 'finish' ? null : await readOldSide(client)
      return { old, fresh: stage === 'design' ? null : await readNewSide(client, schema) }
    })
    const lost = [sides.old, sides.fresh].flatMap((side) => (side === null ? [] : findLost(expected, side)))
    const differ = sides.old && sides.fresh ? findDifferences(sides.old, sides.fresh) : []
    findings.compared++
    findings.acked = expected.acked
    findings.unknown = expected.unknown
    findings.lost += lost.length
    findings.differences += differ.length
    this.#note(`lost at ${stage}`, lost)
    this.#note(`differences at ${stage}`, differ)
    this.noteMet()
    await scene.fleet.setMode(mode)
  }

  /** The errors of the application since the last time. */
  noteMet(): void {
    const { scene, findings } = this.#director
    for (const { side, code, message } of scene.fleet.takeMet()) {
      if (/^(53100|58030)$/.test(code)) findings.met.diskFull++
      else if (LOST_CONNECTION.test(code) && (code !== '' || LOST_WORDS.test(message))) findings.met.lostConnection++
      else if (side === 'new' && code === '40001') findings.met.conflicts++
      else if (side === 'new' && this.#mayBeRefused && /^(42501|42P01|CF...)$/.test(code)) findings.met.refused++
      else this.#note('the application met', [`${side}: ${code} ${message}`])
    }
    for (const fault of scene.worker.faults.splice(0)) this.#note('no words for', [fault])
    this.#mayBeRefused = false
  }

  assertSame(when: string, found: readonly string[], expected: readonly string[]): void {
    const [more, less] = [
      found.filter((one) => !expected.includes(one)),
      expected.filter((one) => !found.includes(one)),
    ]
    this.#note(`${when}: too much`, more)
    this.#note(`${when}: missing`, less)
  }

  #note(what: string, found: readonly string[]): void {
    if (found.length === 0) return
    this.#director.fail(`${what}: ${found.length}\n    ${found.slice(0, SHOWN).join('\n    ')}`)
  }

  async #drained(): Promise<void> {
    for (const until = Date.now() + OUTBOX_EMPTY_WITHIN_MS; ; await sleep(20)) {
      const rows = await this.#director.scene.victims.ask(
        async (client) => (await client.query('select * from crossfade.outbox order by id limit 3')).rows,
      )
      if (rows.length === 0) return
      if (Date.now() < until) continue
      this.#note(
        'keys stay in the outbox',
        rows.map((row) => JSON.stringify(row)),
      )
      return
    }
  }
}

async function schemaOfNew(client: { query(text: string): Promise<{ rows: { schema: string }[] }> }): Promise<string> {
  const { rows } = await client.query(
    /* sql */ `select case when to_regclass('new_schema.orders') is null then 'public' else 'new_schema' end as schema`,
  )
  return rows[0]?.schema ?? 'public'
}
