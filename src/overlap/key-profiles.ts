import type { Candidate, CandidateColumn } from './candidate.ts'
import { readDuplicates, readKeyProfile } from './key-profile.ts'
import type { KeyForm, KeyProfile } from './overlap-document.ts'
import type { Reader } from './read-only-session.ts'

/** Each profile is read once, however many pairs ask for it. */
export class KeyProfiles {
  readonly #reader: Reader
  readonly #known = new Map<string, KeyProfile | null>()
  readonly #duplicates = new Map<string, readonly string[] | null>()

  constructor(reader: Reader) {
    this.#reader = reader
  }

  async read(candidate: Candidate, columns: readonly CandidateColumn[], form: KeyForm): Promise<KeyProfile | null> {
    const id = JSON.stringify([candidate.table.oid, columns.map((one) => one.name), form])
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const read = await readKeyProfile(this.#reader, candidate, columns, form)
    this.#known.set(id, read)
    return read
  }

  /** Hashes of the keys that several rows have; null where there are too many to name. */
  async duplicates(
    candidate: Candidate,
    columns: readonly CandidateColumn[],
    profile: KeyProfile,
  ): Promise<readonly string[] | null> {
    if (profile.duplicatedKeys === 0) return []
    const id = JSON.stringify([candidate.table.oid, profile.columns, profile.form])
    const known = this.#duplicates.get(id)
    if (known !== undefined) return known
    const read = await readDuplicates(this.#reader, candidate, columns, profile)
    this.#duplicates.set(id, read)
    return read
  }

  /** Those that were read, in the order in which they were asked for; of one column that in which most spellings are one. */
  list(): KeyProfile[] {
    const best = new Map<string, KeyProfile>()
    for (const profile of this.#known.values()) {
      if (profile === null) continue
      const id = JSON.stringify([profile.table, profile.columns])
      const known = best.get(id)
      if (known === undefined || FORMS.indexOf(profile.form) > FORMS.indexOf(known.form)) best.set(id, profile)
    }
    return [...best.values()]
  }
}

const FORMS: readonly KeyForm[] = ['uuid', 'integer', 'text', 'folded', 'undashed']
