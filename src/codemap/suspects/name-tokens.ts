/** What people add to a name when they make the same table once more. */
const QUALIFIER =
  /^(v?\d+|new|old|tmp|temp|temporary|backup|bak|copy|dup|duplicate|archive|archived|legacy|deprecated|obsolete|unused|original|orig|previous|prev|next|current|latest|final|comprehensive|unified|consolidated|merged|combined|enhanced|improved|optimized|extended|simple|simplified|full|complete|main|master|real|actual|true|all)$/

export interface NameParts {
  /** The words that say what the table holds, in the singular. */
  readonly core: readonly string[]
  /** `old`, `v2`, `comprehensive`. */
  readonly qualifiers: readonly string[]
}

/** The words of a table's name. A name of qualifiers alone (`archive`) has them as its core. */
export function namePartsOf(name: string): NameParts {
  const words = wordsOf(name)
  const core = words.filter((word) => !QUALIFIER.test(word)).map(singular)
  if (core.length === 0) return { core: words.map(singular), qualifiers: [] }
  return { core, qualifiers: words.filter((word) => QUALIFIER.test(word)) }
}

/** `contentMetadata`, `Content-Metadata` and `content_metadata` have the same words. */
export function wordsOf(name: string): string[] {
  const spaced = name.replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2').replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
  return spaced
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
}

/** Of English words, near enough to tell that `tweets` and `tweet` are one; both sides of a comparison go through it. */
function singular(word: string): string {
  if (word.length < 4 || /(ss|us|is)$/.test(word)) return word
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (/(ch|sh|x|z|ss)es$/.test(word)) return word.slice(0, -2)
  return word.endsWith('s') ? word.slice(0, -1) : word
}

/** The columns by which a row of another table would name a row of this one: `order_item_id`, `item_id`. */
export function referencesTo(name: string): string[] {
  const { core } = namePartsOf(name)
  const last = core.at(-1)
  return last === undefined ? [] : [...new Set([`${core.join('_')}_id`, `${last}_id`])]
}
