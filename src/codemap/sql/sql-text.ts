import { hash } from 'node:crypto'
import type { Literal } from '../interaction.ts'

/**
 * SQL as code puts it together: text that is known, and holes that are filled when the program runs. A style says what
 * stands in each; `parseStatements` finds out what the whole does.
 */
export type SqlText = readonly SqlPart[]
export type SqlPart = SqlWords | SqlParameter | SqlChoice | SqlUnknown

/** Text that is known. `origin` comes back with each table that is named in it. */
export interface SqlWords {
  readonly kind: 'words'
  readonly text: string
  readonly origin?: unknown
}

/** A value that the driver sends beside the statement. `literals`: what it may be, where the code tells. */
export interface SqlParameter {
  readonly kind: 'parameter'
  readonly literals: readonly Literal[]
}

/** One of several texts: a condition that is there or not, a table's name out of a few. */
export interface SqlChoice {
  readonly kind: 'choice'
  readonly of: readonly SqlText[]
}

/**
 * Text that only the running program knows: a value, a name or a whole fragment. `reason` completes "… is not known: ".
 * `origin` comes back where it stands for the name of a table.
 */
export interface SqlUnknown {
  readonly kind: 'unknown'
  readonly reason: string
  readonly origin?: unknown
  /** It is a name in quotes or without, and no more than that (`sql(name)`, `pg-format`'s `%I`). */
  readonly name?: boolean
  /** More of what stands beside it: by itself it is nothing. */
  readonly more?: true
}

export function words(text: string, origin?: unknown): SqlWords {
  return { kind: 'words', text, origin }
}

export function parameter(literals: readonly Literal[] = []): SqlParameter {
  return { kind: 'parameter', literals }
}

export function unknownText(reason: string, origin?: unknown): SqlUnknown {
  return { kind: 'unknown', reason, origin }
}

/** A name as it has to be written, so that any character may be in it: `public.posts` is one name of twelve letters. */
export function nameText(name: string, origin?: unknown): SqlWords {
  return words(`"${name.replaceAll('"', '""')}"`, origin)
}

/** The parts with commas between them. */
export function listText(items: readonly SqlText[]): SqlText {
  return items.flatMap((item, at) => (at === 0 ? item : [words(', '), ...item]))
}

const MOST_TEXTS = 16

/**
 * The texts without choices. Each text of each choice is in one of them, and where that makes no more than 16, in each
 * combination with the others.
 */
export function expandChoices(text: SqlText): SqlText[] {
  const all = stretchesOf(text, expandChoices)
  const product = all.reduce((number, one) => number * one.length, 1)
  if (product > MOST_TEXTS) return sideBySide(all)
  return Array.from({ length: product }, (_, number) => {
    let rest = number
    let block = product
    return joined(
      all.map((one) => {
        block /= one.length
        const at = Math.floor(rest / block)
        rest %= block
        return one[at]
      }),
    )
  })
}

/** As few texts without choices as it takes to have each text of each choice in one of them. */
export function coverChoices(text: SqlText): SqlText[] {
  return sideBySide(stretchesOf(text, coverChoices))
}

/** What stands between two choices is one stretch, of which there is one text. */
function stretchesOf(text: SqlText, expand: (text: SqlText) => SqlText[]): SqlText[][] {
  const all: SqlText[][] = []
  let open: SqlPart[] | undefined
  for (const part of text) {
    if (part.kind === 'choice') {
      const texts = part.of.flatMap(expand)
      all.push(texts.length === 0 ? [[]] : texts)
      open = undefined
    } else if (open) open.push(part)
    else {
      open = [part]
      all.push([open])
    }
  }
  return all
}

/** The first texts of all choices, then the second ones, and so on: what hangs on one condition is there together. */
function sideBySide(all: readonly SqlText[][]): SqlText[] {
  const longest = Math.min(MOST_TEXTS, Math.max(1, ...all.map((one) => one.length)))
  return Array.from({ length: longest }, (_, at) => joined(all.map((one) => one[at % one.length])))
}

function joined(stretches: readonly (SqlText | undefined)[]): SqlText {
  const parts: SqlPart[] = []
  for (const stretch of stretches) for (const part of stretch ?? []) parts.push(part)
  return parts
}

/** Texts with many parts are long, and there are thousands of them. */
const LONGEST_KEY = 200

const parametersKeys = new WeakMap<object, string>()

/** Equal for parameters that may be the same. */
export function keyOfParameters(parameters: readonly (readonly Literal[])[] | undefined): string {
  if (!parameters) return ''
  const known = parametersKeys.get(parameters) ?? shortened(JSON.stringify(parameters))
  parametersKeys.set(parameters, known)
  return known
}

/** Equal for texts that say the same, wherever their parts come from and for whatever reason some aren't known. */
export function keyOfText(text: SqlText, more = ''): string {
  const known = keys.get(text) ?? shortened(partsKey(text))
  keys.set(text, known)
  return known + more
}

const keys = new WeakMap<SqlText, string>()

function shortened(key: string): string {
  return key.length > LONGEST_KEY ? hash('sha1', key, 'base64') : key
}

function partsKey(text: SqlText): string {
  let key = ''
  for (const part of text) {
    if (part.kind === 'words') key += `\u0001${part.text}`
    else if (part.kind === 'unknown') key += `\u0002${part.name ? 'n' : ''}${part.more ? 'm' : ''}`
    else if (part.kind === 'parameter') key += `\u0003${JSON.stringify(part.literals)}`
    else key += `\u0004${part.of.map(partsKey).join('\u0005')}\u0006`
  }
  return key
}
