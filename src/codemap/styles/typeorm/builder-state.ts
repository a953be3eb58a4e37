import type { Access } from '../../access.ts'
import type { Literal } from '../../interaction.ts'
import { literalsOf, membersOf } from '../../read-value.ts'
import { atomsOf, type Value } from '../../value.ts'
import { columnAt, type EntityAccess, foreignKeys } from './entity-access.ts'
import type { ManagerOf } from './values.ts'

export type BuilderRole = 'read' | 'filtered' | 'ordered'

/**
 * A query builder. TypeORM's builders change themselves, and code goes on with them without looking at what a call
 * gives (`if (search) qb.andWhere(…)`), so this is shared by all values of one builder; it only ever grows.
 */
export interface BuilderState {
  readonly manager: ManagerOf
  /** What it was made on: a repository's entity; null where `from`, `into` or `update` name it. */
  target: { readonly value: Value; readonly alias: string } | null
  kind: 'select' | 'insert' | 'update' | 'delete' | 'soft delete' | null
  /** The table that is written, or that the select starts from. */
  main: EntityAccess[]
  readonly aliases: Map<string, EntityAccess[]>
  /** Tables without an entity, and queries: their aliases are known, not their columns. */
  readonly others: Set<string>
  readonly texts: { readonly role: BuilderRole; readonly text: string }[]
  readonly parameters: Map<string, readonly Literal[]>
  /** `select(…)` was called: the columns that are asked for are named. */
  narrowed: boolean
}

export function createState(manager: ManagerOf, target: BuilderState['target']): BuilderState {
  return {
    manager,
    target,
    kind: null,
    main: [],
    aliases: new Map(),
    others: new Set(),
    texts: [],
    parameters: new Map(),
    narrowed: false,
  }
}

/** Adds an alias; what was said of it before counts from now on. */
export function addAlias(state: BuilderState, alias: string, accesses: readonly EntityAccess[]): void {
  const known = state.aliases.get(alias) ?? []
  state.aliases.set(alias, [...known, ...accesses.filter((one) => !known.some(({ access }) => access === one.access))])
  for (const { role, text } of state.texts) readText(state, role, text)
}

/** Notes SQL text with paths such as `post.author`, in a role. */
export function addText(state: BuilderState, role: BuilderRole, value: Value | undefined): void {
  for (const text of value === undefined ? [] : textsOf(value)) {
    state.texts.push({ role, text })
    readText(state, role, text)
  }
}

/** Known text, and the known parts of text that is put together. */
function textsOf(value: Value): string[] {
  return atomsOf(value).flatMap((atom) => {
    if (atom.kind === 'text') return [atom.text]
    return atom.kind === 'template' ? [atom.parts.join(' ? ')] : []
  })
}

/** Notes `{ state: 'open' }` beside a condition that says `= :state`. */
export function addParameters(state: BuilderState, parameters: Value | undefined): void {
  for (const [name, value] of membersOf(parameters).members) {
    const literals = literalsOf(value)
    if (literals.length > 0) state.parameters.set(name, literals)
  }
  for (const { role, text } of state.texts) readText(state, role, text)
}

/** A text in quotes, or a path of names with or without quotes around each. */
const PATH = /'(?:[^']|'')*'|:(?:\.\.\.)?\w+|(?:"[^"]+"|`[^`]+`|[A-Za-z_]\w*)(?:\.(?:"[^"]+"|`[^`]+`|[A-Za-z_]\w*))*/g

const COMPARED = /^\s*(?:=|<>|!=|\bin\b|\bnot in\b)\s*\(?\s*(?::(?:\.\.\.)?(\w+)|'((?:[^']|'')*)')/i

function readText(state: BuilderState, role: BuilderRole, text: string): void {
  for (const match of text.matchAll(PATH)) {
    const [path] = match
    if (path.startsWith("'") || path.startsWith(':')) continue
    const [first = '', ...rest] = path.split('.').map((part) => part.replaceAll(/["`]/g, ''))
    const isCall = text[match.index + path.length] === '('
    if (rest.length === 0 && isCall) continue
    const aliased = rest.length > 0 ? state.aliases.get(first) : undefined
    const known = aliased ?? (rest.length === 0 ? bare(state, first) : [])
    const name = aliased === undefined ? first : rest.join('.')
    const literals = literalsBehind(state, text.slice(match.index + path.length))
    for (const on of known) note(on, role, name, literals)
    if (rest.length === 0 && role === 'read' && text.trim() === path) readWhole(state, first)
  }
}

/** `select('post')`: all columns of what has this alias. */
function readWhole(state: BuilderState, alias: string): void {
  for (const { access } of state.aliases.get(alias) ?? []) access.unknownColumns()
}

/** A name without an alias is a column of the table that is written; in a select it may be an alias of anything. */
function bare(state: BuilderState, name: string): readonly EntityAccess[] {
  if (state.aliases.has(name)) return []
  return state.kind === 'select' && state.aliases.size + state.others.size > 1 ? [] : state.main
}

function literalsBehind({ parameters }: BuilderState, text: string): readonly Literal[] {
  const [, name, literal] = COMPARED.exec(text) ?? []
  if (literal !== undefined) return [literal.replaceAll("''", "'")]
  return name === undefined ? [] : (parameters.get(name) ?? [])
}

function note(on: EntityAccess, role: BuilderRole, path: string, literals: readonly Literal[]): void {
  const relation = on.entity.relations.get(path)
  const columns = relation === undefined ? (columnFor(on, path) ?? []) : foreignKeys(on, relation)
  for (const column of [columns].flat()) {
    on.access[role]([column])
    for (const literal of literals) on.access.value(column, literal)
  }
}

/** By its path in code, else by its name in the database. */
function columnFor(on: EntityAccess, path: string): string | undefined {
  const column = columnAt(on, path)
  if (column !== undefined) return column
  return [...on.entity.columns.keys()].map((one) => columnAt(on, one)).find((one) => one === path)
}

/** Marks a select that names no columns: all of the table that it starts from come back. */
export function finishMain(state: BuilderState, access: Access): void {
  if (state.kind === 'select' && !state.narrowed) access.unknownColumns()
}
