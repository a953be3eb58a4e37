/** How columns without a name of their own get one from the key in code: the option `casing` of `drizzle()`. */
export type Casing = 'snake_case' | 'camelCase' | null

/**
 * A column's name from its key. Words are cut as Drizzle cuts them, so that `apiURLKey` becomes `api_url_key` and
 * `line2Text` becomes `line2_text`.
 */
export function caseKey(key: string, casing: Casing): string {
  if (casing === null) return key
  const words = key.replaceAll(/['\u2019]/g, '').match(/[\da-z]+|[A-Z]+(?![a-z])|[A-Z][\da-z]+/g) ?? []
  if (casing === 'snake_case') return words.map((word) => word.toLowerCase()).join('_')
  return words.map((word, at) => (at === 0 ? word.toLowerCase() : capitalized(word))).join('')
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/**
 * Stands before the key of a column without a name of its own, until the end says how keys become names. A letter of
 * private use, so that SQL with such names in it can be parsed.
 */
const KEY_MARK = '\uE000'

export function keyAsName(key: string): string {
  return KEY_MARK + key
}

/** The name in the database of a column's name as accesses note it. */
export function columnName(noted: string, casing: Casing): string {
  return noted.startsWith(KEY_MARK) ? caseKey(noted.slice(KEY_MARK.length), casing) : noted
}
