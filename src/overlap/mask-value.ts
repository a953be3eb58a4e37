/** Longer ones are cut. */
const LONGEST = 40

/**
 * The shape of a value, which tells how it is written and not what it says: `a` for a small letter, `A` for a capital one,
 * `9` for a digit, signs as they are. A word of up to three letters, a number of up to two digits would be guessed.
 */
export function maskValue(value: string): string {
  const cut = [...value].slice(0, LONGEST)
  const shape = cut
    .map((sign) => {
      if (/\p{Nd}/u.test(sign)) return '9'
      if (/\p{Lu}/u.test(sign)) return 'A'
      if (/\p{L}/u.test(sign)) return 'a'
      if (/[\p{M}\p{Cf}]/u.test(sign)) return ''
      return /[\p{P}\p{Zs}]|[+=<>|~^$]/u.test(sign) ? sign : '·'
    })
    .join('')
  return [...value].length > LONGEST ? `${shape}…` : shape
}

/** What a report shows of a value. */
export function showValue(value: string, showsValues: boolean): string {
  if (!showsValues) return maskValue(value)
  const signs = [...value]
  return signs.length > 120 ? `${signs.slice(0, 120).join('')}…` : value
}
