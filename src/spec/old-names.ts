import { parseSync } from 'libpg-query'
import { UsageError } from '../lib/errors.ts'
import type { Relation } from './mapping.ts'

/** SQL that names old tables, looked at through PostgreSQL's own parser. Call `loadParser()` before. */

/** A place in a query where rows of a table are read. */
interface Place {
  readonly relation: Relation
  readonly alias: string | null
  /** Names that the query gives to the table's columns by their position. */
  readonly renames: boolean
  /** `ONLY` or TABLESAMPLE, which only a table can have. */
  readonly tableOnly: boolean
  /** In bytes. */
  readonly location: number
}

/** SQL with its own parentheses; or why there is none. */
export type Replacement = { readonly sql: string } | { readonly problem: string }

export type Replaced = { readonly query: string } | { readonly problem: string }

interface RangeVar {
  readonly schemaname?: string
  readonly relname: string
  readonly inh?: boolean
  readonly alias?: { readonly aliasname: string; readonly colnames?: readonly unknown[] }
  readonly location?: number
}

/**
 * A query, as the server prints it with every table qualified, in which something else stands in the place of some
 * tables: by their places in the text, so that everything else stays as the server wrote it. `whole`: the query uses
 * whole rows of the table, or its columns by their position.
 */
export function replaceTables(
  query: string,
  replacement: (relation: Relation, whole: boolean) => Replacement | null,
): Replaced {
  const tree = parseSync(query)
  let bytes = Buffer.from(query)
  const places = findPlaces(tree, false).sort((a, b) => b.location - a.location)
  for (const { relation, alias, renames, tableOnly, location } of places) {
    const found = replacement(relation, renames || readsWholeRow(tree, alias ?? relation.name))
    if (found === null) continue
    if (tableOnly) {
      const name = `${relation.schema}.${relation.name}`
      return { problem: `it reads ${name} with ONLY or TABLESAMPLE, which only a table can have` }
    }
    if ('problem' in found) return found
    const end = location + writtenLength(bytes.subarray(location), relation)
    const named = alias === null ? ` AS "${relation.name.replaceAll('"', '""')}"` : ''
    bytes = Buffer.concat([bytes.subarray(0, location), Buffer.from(found.sql + named), bytes.subarray(end)])
  }
  return { query: bytes.toString() }
}

function findPlaces(node: unknown, tableOnly: boolean): Place[] {
  if (Array.isArray(node)) return node.flatMap((item) => findPlaces(item, tableOnly))
  if (node === null || typeof node !== 'object') return []
  return Object.entries(node).flatMap(([kind, value]): Place[] => {
    // FOR UPDATE OF names what stands in FROM.
    if (kind === 'lockedRels') return []
    if (kind !== 'RangeVar') return findPlaces(value, kind === 'RangeTableSample' || (kind === 'relation' && tableOnly))
    const { schemaname, relname, inh, alias, location } = value as RangeVar
    if (schemaname === undefined || location === undefined) return []
    return [
      {
        relation: { schema: schemaname, name: relname },
        alias: alias?.aliasname ?? null,
        renames: (alias?.colnames ?? []).length > 0,
        tableOnly: tableOnly || inh !== true,
        location,
      },
    ]
  })
}

/** The server prints `a.*` for nothing but a whole row. */
function readsWholeRow(node: unknown, alias: string): boolean {
  if (Array.isArray(node)) return node.some((item) => readsWholeRow(item, alias))
  if (node === null || typeof node !== 'object') return false
  return Object.entries(node).some(([kind, value]) => {
    if (kind !== 'ColumnRef') return readsWholeRow(value, alias)
    const fields = (value as { fields: { A_Star?: object; String?: { sval: string } }[] }).fields
    return fields.at(-1)?.A_Star !== undefined && fields.at(-2)?.String?.sval === alias
  })
}

function writtenLength(bytes: Buffer, { schema, name }: Relation): number {
  const forms = (word: string): string[] => [`"${word.replaceAll('"', '""')}"`, word]
  const written = forms(schema)
    .flatMap((s) => forms(name).map((n) => `${s}.${n}`))
    .find((form) => bytes.subarray(0, Buffer.byteLength(form)).toString() === form)
  if (written === undefined) throw new Error(`${schema}.${name} isn't where the parser saw it`)
  return Buffer.byteLength(written)
}

export interface ScriptStatement {
  readonly text: string
  /** Of the text's first character, from 1. */
  readonly line: number
}

/** The statements of a script. Throws UsageError with the line of what can't run inside another transaction. */
export function splitScript(script: string, path: string): ScriptStatement[] {
  let tree: { stmts?: { stmt: Record<string, unknown>; stmt_location?: number; stmt_len?: number }[] }
  try {
    tree = parseSync(script) as typeof tree
  } catch (error) {
    const { message, sqlDetails } = error as Error & { sqlDetails?: { cursorPosition?: number } }
    const at = sqlDetails?.cursorPosition
    const line = at === undefined ? '' : `:${Array.from(script).slice(0, at).join('').split('\n').length}`
    throw new UsageError('also.syntax', `${path}${line}: ${message}`, {
      hint: "It must be plain SQL, without psql's \\commands.",
    })
  }
  const bytes = Buffer.from(script)
  return (tree.stmts ?? []).map(({ stmt, stmt_location = 0, stmt_len }) => {
    const whole = bytes
      .subarray(stmt_location, stmt_len === undefined ? undefined : stmt_location + stmt_len)
      .toString()
    const text = whole.trimStart()
    const line = lineAt(bytes.subarray(0, stmt_location).toString() + whole.slice(0, whole.length - text.length))
    const [kind = ''] = Object.keys(stmt)
    const set = stmt.VariableSetStmt as { name?: string } | undefined
    if (kind === 'TransactionStmt' || ['role', 'session_authorization'].includes(set?.name ?? ''))
      throw new UsageError('also.statement', `${path}:${line}: this can't stand in a script that finish runs`, {
        hint: 'It runs inside the transaction of finish, as the role of finish: leave out BEGIN, COMMIT, SAVEPOINT and SET ROLE.',
      })
    return { text, line }
  })
}

function lineAt(before: string): number {
  return before.split('\n').length
}
