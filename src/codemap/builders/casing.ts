/** How names of the code become names of the database. */
export type Casing = (name: string) => string

export interface SnakeCaseOptions {
  readonly upperCase?: boolean
  readonly underscoreBeforeDigits?: boolean
  readonly underscoreBetweenUppercaseLetters?: boolean
}

/** `postedAt` becomes `posted_at`. The options are those of Kysely's CamelCasePlugin and of Objection's mappers. */
export function snakeCase(name: string, options: SnakeCaseOptions = {}): string {
  let made = ''
  for (const [at, letter] of [...name].entries()) {
    const before = name[at - 1] ?? ''
    const isUpper = letter !== letter.toLowerCase()
    const isDigit = /\d/.test(letter)
    const afterUpper = before !== before.toLowerCase()
    const starts =
      (isUpper && (!afterUpper || options.underscoreBetweenUppercaseLetters === true)) ||
      (isDigit && options.underscoreBeforeDigits === true && !/\d/.test(before))
    made += starts && at > 0 ? `_${letter.toLowerCase()}` : letter.toLowerCase()
  }
  return options.upperCase ? made.toUpperCase() : made
}
