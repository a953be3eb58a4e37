import type { Verdict } from './compare-answers.ts'
import type { Form } from './fingerprint.ts'
import { Mismatches } from './mismatches.ts'

const LONGEST_LIST_OF_REASONS = 50

export interface ShadowStats {
  /** Reads of which both answers were compared, settled and different ones included. */
  readonly compared: number
  readonly same: number
  /** Reads that differed at the first look and not at the second. */
  readonly settled: number
  /** Reads that differed at both looks. */
  readonly different: number
  /** Not compared, since too many waited. */
  readonly shed: number
  /** Not compared, since a side took longer than the time-out. */
  readonly timedOut: number
  /** Not compared, since the server could not be asked. */
  readonly failed: number
  /** Answers with another number of rows than the caller got: he may see other rows, by a role or a setting of his session. */
  readonly unlike: number
  /** Reads that can't be compared, by reason. */
  readonly leftOut: Readonly<Record<string, number>>
}

/** What came of one look at both sides. */
export type Judgement = Verdict | { readonly kind: 'too slow' }

/** Which read it was. */
export interface Judged {
  readonly form: Form
  readonly tables: readonly string[]
  readonly look: 1 | 2
  /** Both answers were the old side's. */
  readonly noise: boolean
}

/** What became of the reads that were to be compared. */
export class ShadowTally {
  readonly mismatches = new Mismatches()
  readonly counts = { compared: 0, same: 0, settled: 0, different: 0, shed: 0, timedOut: 0, failed: 0, unlike: 0 }
  #leftOut = new Map<string, number>()

  /** True: it differs, and is to be looked at again. */
  count(judgement: Judgement, { form, tables, look, noise }: Judged): boolean {
    const { counts } = this
    if (judgement.kind === 'too slow') {
      counts.timedOut += 1
    } else if (judgement.kind === 'left out') {
      this.leaveOut(judgement.reason)
    } else if (judgement.kind === 'same') {
      counts.compared += 1
      counts[look === 1 ? 'same' : 'settled'] += 1
    } else if (look === 1) {
      return true
    } else {
      counts.compared += 1
      counts.different += 1
      this.mismatches.add(judgement.differences.map((one) => ({ ...one, ...form, tables, noise, seen: 1 })))
    }
    return false
  }

  leaveOut(reason: string): void {
    const known = this.#leftOut.get(reason) ?? 0
    if (known > 0 || this.#leftOut.size < LONGEST_LIST_OF_REASONS) this.#leftOut.set(reason, known + 1)
  }

  readStats(): ShadowStats {
    return { ...this.counts, leftOut: Object.fromEntries(this.#leftOut) }
  }

  /** How often each outcome was, as `crossfade.record_reads` takes it. */
  outcomes(): Record<string, number> {
    const { compared: _, ...outcomes } = this.counts
    const leftOut = [...this.#leftOut].map(([reason, count]) => [`left out: ${reason}`, count])
    return { ...outcomes, ...Object.fromEntries(leftOut) }
  }
}
