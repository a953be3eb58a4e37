import type { Candidate, CandidateColumn } from './candidate.ts'
import { familyOf } from './column-family.ts'
import { type ReadProfile, readKeyProfile } from './key-profile.ts'
import type { KeyForm, KeyProfile, Spelling } from './overlap-document.ts'
import type { Reader } from './read-only-session.ts'
import { readSpelling } from './read-spelling.ts'

/** Each profile is read once, however many pairs ask for it. */
export class KeyProfiles {
  readonly #reader: Reader
  readonly #known = new Map<string, ReadProfile | null>()
  readonly #spellings = new Map<string, Spelling | null>()

  constructor(reader: Reader) {
    this.#reader = reader
  }

  async read(candidate: Candidate, columns: readonly CandidateColumn[], form: KeyForm): Promise<KeyProfile | null> {
    return (await this.readWithDuplicates(candidate, columns, form))?.profile ?? null
  }

  async readWithDuplicates(
    candidate: Candidate,
    columns: readonly CandidateColumn[],
    form: KeyForm,
  ): Promise<ReadProfile | null> {
    const id = JSON.stringify([candidate.table.oid, columns.map((one) => one.name), form])
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const [only] = columns
    const isText = columns.length === 1 && only !== undefined && familyOf(only) === 'text'
    const spelling = isText ? await this.spelling(candidate, only) : null
    const read = await readKeyProfile(this.#reader, candidate, columns, form, spelling)
    this.#known.set(id, read)
    return read
  }

  /** Of a column of texts; it is the same in every form. */
  async spelling(candidate: Candidate, column: CandidateColumn): Promise<Spelling | null> {
    const id = JSON.stringify([candidate.table.oid, column.name])
    const known = this.#spellings.get(id)
    if (known !== undefined) return known
    const read = await readSpelling(this.#reader, candidate, column)
    this.#spellings.set(id, read)
    return read
  }

  /** Those that were read, in the order in which they were asked for; of one column that in which most spellings are one. */
  list(): KeyProfile[] {
    const best = new Map<string, KeyProfile>()
    for (const read of this.#known.values()) {
      if (read === null) continue
      const { profile } = read
      const id = JSON.stringify([profile.table, profile.columns])
      const known = best.get(id)
      if (known === undefined || FORMS.indexOf(profile.form) > FORMS.indexOf(known.form)) best.set(id, profile)
    }
    return [...best.values()]
  }
}

const FORMS: readonly KeyForm[] = ['uuid', 'integer', 'text', 'folded', 'undashed']
