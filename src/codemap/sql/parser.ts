import type { RawStmt } from 'libpg-query'
import { UsageError } from '../../lib/errors.ts'

type Library = typeof import('libpg-query')

export interface ParsedStatement {
  readonly node: NonNullable<RawStmt['stmt']>
  /** Where its text begins, in UTF-16 units; leading blanks and comments are a part of it. */
  readonly start: number
}

/** What PostgreSQL's parser says: the statements, or what is wrong and where (in UTF-16 units). */
export type ParsedText =
  | { readonly statements: readonly ParsedStatement[]; readonly indexOf: (byte: number) => number }
  | { readonly message: string; readonly offset: number }

let library: Library | undefined

/** Loads PostgreSQL's parser (WebAssembly, about 35 ms), once. A run that meets no SQL never pays for it. */
export async function loadSqlParser(): Promise<void> {
  if (library) return
  const loaded = await import('libpg-query')
  await loaded.loadModule()
  library = loaded
}

/** Never throws for what the text holds. Call `loadSqlParser()` before. */
export function parseText(text: string): ParsedText {
  if (/^\s*$/.test(text)) return { statements: [], indexOf: (byte) => byte }
  const { parseSync, hasSqlDetails } = loaded()
  // A text with holes is tried in several ways; the stack of each error would cost more than the parsing.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    const statements = parseSync(text).stmts ?? []
    const indexOf = indexOfByte(text)
    return {
      statements: statements.flatMap(({ stmt, stmt_location }) =>
        stmt ? [{ node: stmt, start: indexOf(stmt_location ?? 0) }] : [],
      ),
      indexOf,
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { message, offset: hasSqlDetails(error) ? indexOfPoint(text, error.sqlDetails?.cursorPosition ?? 0) : 0 }
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** The tree of `create function … language plpgsql` or `do`, as libpg_query prints it; or what is wrong with it. */
export function parseRoutine(statement: string): { readonly tree: unknown } | { readonly message: string } {
  try {
    return { tree: loaded().parsePlPgSQLSync(statement) }
  } catch (error) {
    return { message: error instanceof Error ? error.message : String(error) }
  }
}

function loaded(): Library {
  if (library) return library
  throw new UsageError('codemap.parser', 'the SQL parser is not loaded')
}

/** The parser counts bytes in the tree … */
function indexOfByte(text: string): (byte: number) => number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return (byte) => byte
  const bytes = Buffer.from(text)
  return (byte) => bytes.toString('utf8', 0, byte).length
}

/** … and code points in errors. */
function indexOfPoint(text: string, point: number): number {
  let index = 0
  for (let left = point; left > 0 && index < text.length; left--)
    index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1
  return index
}
