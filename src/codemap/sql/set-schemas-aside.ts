import { EMPTY_CATALOG, type SqlCatalog } from './catalog.ts'
import type { SqlAccess } from './parse-statements.ts'
import type { SqlPart, SqlText } from './sql-text.ts'

/** What a schema may be: its name, or null where it isn't known. */
type Schema = readonly (string | null)[]

/** A text in which the same names stand for all schemas, and what they stand for. */
export interface AsideText {
  readonly text: SqlText
  readonly schemas: readonly Schema[]
}

/**
 * A program says the same statements for each schema that it is set up with. Without the schemas they are one text, which
 * is read once. A name is left where something hangs on it: the catalog has tables there, or it stands elsewhere, too.
 */
export function setSchemasAside(text: SqlText, catalog: SqlCatalog = EMPTY_CATALOG): AsideText {
  const names = namesIn(text, catalog)
  const schemas: Schema[] = []
  const numbers = new Map<string, number>()
  const standIn = (of: Schema): string => {
    const key = JSON.stringify(of)
    const number = numbers.get(key) ?? schemas.push(of) - 1
    numbers.set(key, number)
    return `crossfade_schema_${number}`
  }
  const made = rewrite(text, names, standIn)
  return { text: schemas.length === 0 ? text : made, schemas }
}

/** The access in each of the schemas that the name in it stands for. */
export function inSchemas(access: SqlAccess, schemas: readonly Schema[]): SqlAccess[] {
  const number = STANDS_FOR.exec(access.schema ?? '')?.[1]
  const of = number === undefined ? undefined : schemas[Number(number)]
  if (of === undefined) return [access]
  return of.map((schema) => (schema === null ? { ...access, schema, isSchemaOpen: true } : { ...access, schema }))
}

/** As a person reads it: `schema.posts`. */
export function withSchemas(reason: string, schemas: readonly Schema[]): string {
  return reason.replace(/crossfade_schema_(\d+)/g, (_, number) => schemas[Number(number)]?.[0] ?? '…')
}

const STANDS_FOR = /^crossfade_schema_(\d+)$/
const OWN = /^(?:pg_.*|information_schema|public)$/i

/** The names of a piece of text, as far as they may be schemas. It is the same piece in many statements. */
interface Names {
  /** With a point behind them; empty where a schema's name comes later. */
  readonly qualifiers: readonly { readonly name: string; readonly at: number; readonly isSchema: boolean }[]
  /** Those that stand without a point, but for strings. */
  readonly alone: ReadonlySet<string>
}

const pieces = new Map<string, Names>()
const MOST_PIECES = 5_000

function namesOf(text: string): Names {
  const before = pieces.get(text)
  if (before) return before
  const qualifiers: Names['qualifiers'][number][] = []
  const alone = new Set<string>()
  for (const { index, 0: found } of text.matchAll(/[A-Za-z_][\w$]*\.?|\s\.(?=[A-Za-z_"])/g)) {
    const name = found.replace(/\s|\.$/g, '')
    const [front, behind] = [text[index - 1] ?? ' ', text[index + found.length] ?? ' ']
    if (!found.endsWith('.')) {
      if (front !== "'" && behind !== "'") alone.add(name)
    } else if (/[A-Za-z_"]/.test(behind) && (name === '' || !/[\w$."']/.test(front))) {
      const at = name === '' ? index + 1 : index
      const isSchema = BEFORE_SCHEMA.test(text.slice(Math.max(0, at - 16), at))
      if (name !== '' || isSchema) qualifiers.push({ name, at, isSchema })
    }
  }
  const made = { qualifiers, alone }
  if (pieces.size >= MOST_PIECES) pieces.clear()
  pieces.set(text, made)
  return made
}

const BEFORE_SCHEMA = /\b(?:from|join|into|table|only|update|truncate)\s+$/i

/** The names that stand in the text as schemas, and as nothing else but strings. */
function namesIn(text: SqlText, catalog: SqlCatalog): ReadonlySet<string> {
  const found = new Set<string>()
  const texts: string[] = []
  const elsewhere = new Set<string>()
  const collect = (parts: SqlText): void => {
    parts.forEach((part, at) => {
      const of = isBeforePoint(parts, at) ? schemaOf(part) : null
      for (const name of of ?? []) if (name !== null) found.add(name)
      if (of) return
      if (part.kind === 'choice') part.of.forEach(collect)
      if (part.kind !== 'words') return
      const before = parts[at - 1]
      if (!IS_NAME.test(part.text)) texts.push(part.text)
      else if (before?.kind !== 'words' || !before.text.endsWith("'")) elsewhere.add(part.text)
      for (const { name, isSchema } of namesOf(part.text).qualifiers) if (isSchema && name !== '') found.add(name)
    })
  }
  collect(text)
  if (found.size === 0) return found
  const taken = schemasOf(catalog)
  const isFree = (name: string): boolean => {
    if (OWN.test(name) || taken.has(name.toLowerCase()) || elsewhere.has(name)) return false
    return !texts.some((one) => namesOf(one).alone.has(name))
  }
  return new Set([...found].filter(isFree))
}

const catalogSchemas = new WeakMap<SqlCatalog, ReadonlySet<string | null>>()

function schemasOf(catalog: SqlCatalog): ReadonlySet<string | null> {
  const before = catalogSchemas.get(catalog)
  if (before) return before
  const all = [...catalog.tables.values(), ...catalog.routines.values()].flat()
  const made = new Set(all.map(({ schema }) => schema))
  catalogSchemas.set(catalog, made)
  return made
}

const IS_NAME = /^[A-Za-z_][\w$]*$/

function isBeforePoint(parts: SqlText, at: number): boolean {
  const [before, next] = [parts[at - 1], parts[at + 1]]
  const isBehindBlank = before === undefined || (before.kind === 'words' && /[\s(,:]$/.test(before.text))
  return isBehindBlank && next?.kind === 'words' && /^\.(?:[A-Za-z_"]|$)/.test(next.text)
}

/** What a part may be as the name of a schema; null where it may be something else. */
function schemaOf(part: SqlPart | undefined): Schema | null {
  if (part?.kind === 'unknown') return [null]
  if (part?.kind === 'words') return IS_NAME.test(part.text) ? [part.text] : null
  if (part?.kind !== 'choice') return null
  const all = part.of.map((text) => {
    const [only] = text
    if (text.length === 1) return schemaOf(only)
    const isName = text.every((one) => one.kind === 'unknown' || (one.kind === 'words' && /^[\w$]*$/.test(one.text)))
    return isName ? [null] : null
  })
  return all.includes(null) ? null : [...new Set(all.flatMap((one) => one ?? []))]
}

function rewrite(text: SqlText, names: ReadonlySet<string>, standIn: (of: Schema) => string): SqlText {
  const isFree = (of: Schema): boolean => of.every((name) => name === null || names.has(name))
  const made: SqlPart[] = []
  const add = (value: string, origin: unknown): void => {
    if (value !== '') made.push({ kind: 'words', text: value, origin })
  }
  for (let at = 0; at < text.length; at += 1) {
    const part = text[at] as SqlPart
    const of = isBeforePoint(text, at) ? schemaOf(part) : null
    if (of && isFree(of)) add(standIn(of.map(folded)), 'origin' in part ? part.origin : undefined)
    else if (part.kind === 'choice') made.push({ ...part, of: part.of.map((one) => rewrite(one, names, standIn)) })
    else if (part.kind === 'words') {
      let from = 0
      const before = text[at - 1]
      const isAlone = before?.kind === 'words' && BEFORE_SCHEMA.test(before.text) && /^\.[A-Za-z_"]/.test(part.text)
      if (isAlone) add(standIn([null]), part.origin)
      for (const { name, at: index } of namesOf(part.text).qualifiers) {
        if (name !== '' && !names.has(name)) continue
        add(part.text.slice(from, index), part.origin)
        add(standIn([name === '' ? null : folded(name)]), part.origin)
        from = index + name.length
      }
      if (from === 0 && !isAlone) made.push(part)
      else add(part.text.slice(from), part.origin)
    } else made.push(part)
  }
  return made
}

function folded(name: string | null): string | null {
  return name === null ? null : name.toLowerCase()
}
