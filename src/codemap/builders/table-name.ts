import type { Access } from '../access.ts'
import { atomsOf, type TemplateValue, type TextValue, union, type Value } from '../value.ts'
import { type Source, splitAlias } from './query.ts'

/** One table as code names it, in parts. */
export interface TableName {
  /** The name alone: a text, a template, or whatever else the code gives. */
  readonly table: Value
  readonly schema: Value | null
  /** The names by which columns are qualified. */
  readonly names: readonly string[]
  /** Of the schema, where it is told. */
  readonly schemaName: string | null
}

/** The table as a source of a query. */
export function tableSource({ table, names, schemaName }: TableName, access: Access): Source {
  return { names, schema: schemaName, table: onlyText(table), access, query: null }
}

/**
 * The tables that a value names: `posts`, `posts as p`, `blog.posts as p`. Texts that differ in their schema or in their
 * alias are tables of their own; all others are one, of several possible names.
 */
export function tableNames(value: Value, within: Value | null = null): TableName[] {
  const groups = new Map<string, { table: Value[]; schema: Value | null; names: string[]; schemaName: string | null }>()
  for (const atom of atomsOf(value)) {
    const { table, schema, alias } = partsOf(atom)
    const schemaValue = schema ?? within
    const schemaName = schema?.text ?? onlyText(within)
    const key = JSON.stringify([schemaName, alias])
    const group = groups.get(key) ?? { table: [], schema: schemaValue, names: [], schemaName }
    group.table.push(table)
    if (alias !== null) group.names.push(alias)
    else if (table.kind === 'text') group.names.push(table.text)
    groups.set(key, group)
  }
  return [...groups.values()].map((group) => ({ ...group, table: union(group.table) }))
}

function partsOf(atom: Value): { table: Value; schema: TextValue | null; alias: string | null } {
  if (atom.kind === 'template') return templateParts(atom)
  if (atom.kind !== 'text') return { table: atom, schema: null, alias: null }
  const { name, alias } = splitAlias(atom.text)
  const path = name.split('.')
  const table = { ...atom, text: unquoted(path.at(-1) ?? '') }
  const schema = path.length > 1 ? { ...atom, text: unquoted(path.at(-2) ?? '') } : null
  return { table, schema, alias }
}

/** `${schema}.posts as p`: what is behind the last part may still be an alias. */
function templateParts(atom: TemplateValue): { table: Value; schema: TextValue | null; alias: string | null } {
  const last = atom.parts.at(-1) ?? ''
  const match = /^(.*?)\s+as\s+"?([^"]*?)"?\s*$/i.exec(last)
  const [tail, alias] = match ? [match[1] ?? '', match[2] ?? ''] : [last, null]
  const parts = [...atom.parts.slice(0, -1), tail]
  const behind = /^\.([\w$]+)$/.exec(tail)
  if (behind && parts.length === 2 && parts[0] === '') {
    const table: TextValue = { kind: 'text', text: behind[1] ?? '', via: atom.via }
    return { table, schema: null, alias }
  }
  return { table: { ...atom, parts }, schema: null, alias }
}

function unquoted(name: string): string {
  return name.trim().replace(/^"(.*)"$/, '$1')
}

function onlyText(value: Value | null): string | null {
  const atoms = value ? atomsOf(value) : []
  const [first] = atoms
  return atoms.length === 1 && first?.kind === 'text' ? first.text : null
}

/** The value with each known name as the database has it. */
export function renameTexts(value: Value, rename: (name: string) => string): Value {
  return union(
    atomsOf(value).map((atom) => {
      if (atom.kind === 'text') return { ...atom, text: rename(atom.text) }
      return atom.kind === 'template' ? { ...atom, parts: atom.parts.map(rename) } : atom
    }),
  )
}
