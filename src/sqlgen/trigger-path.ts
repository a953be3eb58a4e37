import { ident, join, raw } from '../lib/sql.ts'
import type { Mapping } from '../spec/mapping.ts'

/**
 * Where the old tables' triggers look for names. They run with the rights of Crossfade here, so the path is ours:
 * with the session's, whoever can put a function into it would have it run with those rights.
 */
export function oldPath(m: Mapping): string {
  return join([...triggerSchemas(m).map((schema) => ident(schema)), raw('pg_temp')]).text
}

/** Who may make objects in these schemas decides what the old tables' triggers find. */
export function triggerSchemas(m: Mapping): string[] {
  return [...new Set([m.oldSchema, 'public', 'extensions'])]
}
