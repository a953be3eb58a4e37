import { UsageError } from '../lib/errors.ts'

/** What the configuration's words may look like. All throw UsageError with the place and an example. */

export function entries(value: unknown, file: string, where: string): [string, unknown][] {
  return value === undefined ? [] : Object.entries(record(value, file, where))
}

export function record(
  value: unknown,
  file: string,
  where: string,
  example = 'see the configuration reference',
): Record<string, unknown> {
  if (isRecord(value)) return value
  throw wrong(file, where, 'an object', example)
}

export function known(value: Record<string, unknown>, file: string, where: string, words: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !words.includes(key))
  if (unknown === undefined) return
  throw new UsageError(
    'config.unknown',
    `${file}: ${where === '' ? unknown : `${where}.${unknown}`} is not a word of the mapping`,
    { hint: `Known here: ${words.filter((word) => word !== 'kind').join(', ')}.` },
  )
}

export function wrong(file: string, where: string, expected: string, example: string): UsageError {
  return new UsageError('config.wrong', `${file}: ${where} must be ${expected}`, { hint: `For example: ${example}` })
}

/** A word that may be missing, and is SQL or a name where it is there. */
export function optionalText(value: unknown, file: string, where: string, expected: string, example: string): void {
  if (value !== undefined && !isText(value)) throw wrong(file, where, expected, example)
}

/** A word that may be missing, and is one of these where it is there. */
export function optionalWord(value: unknown, file: string, where: string, words: readonly string[]): void {
  if (value === undefined || (typeof value === 'string' && words.includes(value))) return
  const name = where.slice(where.lastIndexOf('.') + 1)
  const listed = words.map((word) => `'${word}'`)
  throw wrong(file, where, `${listed.slice(0, -1).join(', ')} or ${listed.at(-1)}`, `${name}: ${listed[0]}`)
}

export function optionalTexts(value: unknown, file: string, where: string, expected: string, example: string): void {
  if (value !== undefined && !isTexts(value)) throw wrong(file, where, expected, example)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

/** Whether a text can be the name of a variable of the environment; no URL can. */
export function isVariable(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

export function isTextOrTexts(value: unknown): boolean {
  return isText(value) || (isTexts(value) && (value as string[]).length > 0)
}
