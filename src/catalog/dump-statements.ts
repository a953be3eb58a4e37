import { parse } from 'libpg-query'

/** A statement of a dump: its tree as libpg-query gives it, and its text to the semicolon, without the comments before it. */
export interface DumpStatement {
  /** The kind of the statement, e.g. `CreateSchemaStmt`, and its fields. */
  readonly kind: string
  readonly tree: Tree
  readonly text: string
}

/** A node of libpg-query's tree, of which every field may be missing. */
export interface Tree {
  readonly [field: string]: Tree | readonly Tree[] | string | number | boolean | undefined
}

/**
 * The text with each statement as `edit` gives it back; null takes it out, with the comments before it. Found by
 * parsing, so that bodies of functions and comments that look like SQL stay as they are. `edit` must keep what it
 * doesn't mean: nothing is printed anew.
 */
export async function editStatements(text: string, edit: (statement: DumpStatement) => string | null): Promise<string> {
  if (text.trim() === '') return text
  const { stmts } = (await parse(text)) as unknown as { stmts?: Parsed[] }
  const bytes = Buffer.from(text)
  const parts: string[] = []
  let copied = 0
  let gap: string | null = null
  for (const { stmt, stmt_location: start = 0, stmt_len: length } of stmts ?? []) {
    // The last one of a text has no length; a semicolon belongs to no statement.
    const end = Math.min(length === undefined ? bytes.length : start + length + 1, bytes.length)
    const [kind = '', tree = {}] = Object.entries(stmt)[0] ?? []
    const edited = edit({ kind, tree, text: bytes.toString('utf8', start, end) })
    // Between two statements there are only blank lines, and comments about the second.
    const between = bytes.toString('utf8', copied, start)
    copied = end
    if (edited === null) gap ??= /^\s*/.exec(between)?.[0] ?? ''
    else {
      parts.push(gap === null ? between : gap + between.trimStart(), edited)
      gap = null
    }
  }
  return [...parts, bytes.toString('utf8', copied)].join('')
}

interface Parsed {
  readonly stmt: { readonly [kind: string]: Tree }
  readonly stmt_location?: number
  readonly stmt_len?: number
}

/** The fields of each node of this kind, wherever in the tree it stands. */
export function findNodes(tree: unknown, kind: string): Tree[] {
  if (Array.isArray(tree)) return tree.flatMap((one) => findNodes(one, kind))
  if (typeof tree !== 'object' || tree === null) return []
  return Object.entries(tree).flatMap(([field, value]) => [
    ...(field === kind ? [value as Tree] : []),
    ...findNodes(value, kind),
  ])
}

/** The words of a list of String nodes: a qualified name. */
export function namesOf(list: unknown): string[] {
  if (!Array.isArray(list)) return []
  return (list as { String?: { sval?: string } }[]).flatMap((one) => one.String?.sval ?? [])
}
