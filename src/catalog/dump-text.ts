import { DatabaseError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import { editStatements } from './dump-statements.ts'

export interface TidyOptions {
  readonly serverMajor: number
  /** Schemas that an empty database has already. */
  readonly existingSchemas: readonly string[]
  /** Schemas that must be there for extensions, but are not part of the dump. */
  readonly extraSchemas: readonly string[]
}

/**
 * pg_dump's text as SQL that the server alone understands. Only what stands before the first object and
 * after the last is looked at line by line; everything else is found by parsing, so that the bodies of
 * functions and comments stay as they are.
 */
export async function tidyDump(text: string, options: TidyOptions): Promise<string> {
  const lines = text.split('\n')
  const firstObject = lines.findIndex((line) => !isPreamble(line))
  let start = firstObject === -1 ? lines.length : firstObject
  // The comment before the first object stays with it.
  while (start > 0 && isComment(lines[start - 1] ?? '')) start--
  let end = lines.length
  // Not comments: a line of the last object may begin like one, inside a name.
  while (end > start && lines[end - 1] === '') end--
  if (end > start && lines[end - 1]?.startsWith('\\unrestrict ')) end--
  const isKept = (line: string) => !isForeign(line, options.serverMajor)
  const extra = [...new Set(options.extraSchemas)].map((name) => `\nCREATE SCHEMA IF NOT EXISTS ${ident(name)};`)
  const body = await tolerateSchemas(lines.slice(start, end).join('\n'), options.existingSchemas)
  return [...lines.slice(0, start).filter(isKept), ...extra, body, ...lines.slice(end).filter(isKept)].join('\n')
}

function isComment(line: string): boolean {
  return line === '' || line.startsWith('--')
}

function isPreamble(line: string): boolean {
  return isComment(line) || /^(\\restrict |SET |SELECT pg_catalog\.set_config\('search_path', '', false\);)/.test(line)
}

/** psql's own commands, and a setting that servers before 17 don't have. */
function isForeign(line: string, serverMajor: number): boolean {
  return /^\\(un)?restrict /.test(line) || (serverMajor < 17 && line.startsWith('SET transaction_timeout = '))
}

function tolerateSchemas(body: string, existing: readonly string[]): Promise<string> {
  return editStatements(body, ({ kind, tree, text }) => {
    if (kind !== 'CreateSchemaStmt' || !existing.includes(String(tree.schemaname))) return text
    return text.replace('CREATE SCHEMA ', 'CREATE SCHEMA IF NOT EXISTS ')
  })
}

/** The error in what pg_dump said, without its program name, the query that failed, and other noise. */
export function buildDumpError(said: string): DatabaseError {
  const error = /pg_dump: error: ([\s\S]*?)\s*(?:pg_dump: |$)/.exec(said)?.[1] ?? said.trim()
  return new DatabaseError('dump_failed', `pg_dump failed: ${error}.`, {
    hint: 'It needs USAGE on the schemas and SELECT on their tables, and nobody else may hold a table exclusively.',
  })
}
