import type { Edit } from './edits.ts'

/** A place where a client is made, and what is called there. */
export interface Place {
  readonly line: number
  readonly what: string
}

/** What is left to a person. */
export interface Told {
  readonly line: number
  readonly why: string
  readonly write: string
}

/** What a codemod makes of one text. */
export interface Changed {
  readonly text: string
  readonly edits: readonly Edit[]
  /** The clients that it has changed. */
  readonly clients: readonly Place[]
  /** The clients that are as it would make them already. */
  readonly done: readonly Place[]
  readonly unsure: readonly Told[]
}

export const NOTHING = { edits: [], clients: [], done: [], unsure: [] }

/** What can't be parsed stays as it is. */
export function unparsed(text: string, error: string): Changed {
  return {
    ...NOTHING,
    text,
    unsure: [{ line: 1, why: `it can't be parsed: ${error}`, write: 'what the parser takes' }],
  }
}
