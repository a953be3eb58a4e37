import { parseSync } from 'libpg-query'
import { ident } from '../lib/sql.ts'

interface Reference {
  /** Where it begins, in bytes. */
  readonly at: number
  /** Its parts: a column, or a table and a column. */
  readonly parts: readonly string[]
}

/**
 * An expression in which every column is named with this alias: inside a subquery a bare name would mean the inner
 * table's. The rest of the text stays as it is. Call `loadParser()` before.
 */
export function qualifyColumns(text: string, alias: string): string {
  return replaceColumns(text, ({ parts }) => ident(alias, parts.at(-1) ?? '').text)
}

/** An expression in which each column reference is replaced; `replace` gets its table (null where it is bare) and its name. */
export function replaceReferences(text: string, replace: (table: string | null, column: string) => string): string {
  return replaceColumns(text, ({ parts }) => replace(parts.at(-2) ?? null, parts.at(-1) ?? ''))
}

function replaceColumns(text: string, replace: (reference: Reference) => string): string {
  const prefix = 'SELECT '
  let result = Buffer.from(prefix + text)
  const found = findReferences(parseSync(`${prefix}${text}\n`))
    .sort((a, b) => a.at - b.at)
    .map((reference) => ({ ...reference, by: replace(reference) }))
  // From the end, so that the places before stay where they are.
  for (const reference of found.reverse()) {
    const tail = result.subarray(reference.at).toString()
    const written = namePattern(reference.parts.length).exec(tail)?.[0]
    if (written === undefined) throw new Error(`no column at ${reference.at} of ${text}`)
    result = Buffer.concat([
      result.subarray(0, reference.at),
      Buffer.from(reference.by),
      result.subarray(reference.at + Buffer.byteLength(written)),
    ])
  }
  return result.toString().slice(prefix.length)
}

/** A name of so many parts as a person may write it, with blanks around its dots. */
function namePattern(parts: number): RegExp {
  const part = '(?:"(?:[^"]|"")*"|[A-Za-z_\\u0080-\\uffff][\\w$\\u0080-\\uffff]*)'
  return new RegExp(`^${Array.from({ length: parts }, () => part).join('\\s*\\.\\s*')}`)
}

function findReferences(node: unknown): Reference[] {
  if (Array.isArray(node)) return node.flatMap(findReferences)
  if (node === null || typeof node !== 'object') return []
  const { ColumnRef: own, ...rest } = node as {
    ColumnRef?: { fields: { String?: { sval: string } }[]; location?: number }
  }
  const parts = own?.fields.map((field) => field.String?.sval)
  const whole = parts?.every((part): part is string => part !== undefined) ? parts : null
  return [
    ...(own && whole ? [{ at: own.location ?? 0, parts: whole }] : []),
    ...Object.values(rest).flatMap(findReferences),
  ]
}

/** The columns that an expression reads of the row with this alias. */
export function findColumnsOf(text: string, alias: string): string[] {
  const parts = findReferences(parseSync(`SELECT ${text}\n`)).map((reference) => reference.parts)
  return [...new Set(parts.filter((part) => part.at(-2) === alias).map((part) => part.at(-1) ?? ''))]
}
