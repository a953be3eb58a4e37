import type { Literal } from './interaction.ts'

/** Each once: booleans, numbers, null, strings; each kind by its text. */
export function sortLiterals(values: Iterable<Literal>): Literal[] {
  return [...new Set(values)].sort((a, b) => (`${typeof a}${a}` < `${typeof b}${b}` ? -1 : 1))
}
