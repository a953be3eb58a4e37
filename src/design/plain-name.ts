import { parseSync } from 'libpg-query'
import { ident } from '../lib/sql.ts'

const known = new Map<string, string>()

/**
 * A name as people write it: quoted only where PostgreSQL's parser would read it as something else bare.
 * `loadParser()` must have been called.
 */
export function plainName(name: string): string {
  const before = known.get(name)
  if (before !== undefined) return before
  const written = /^[a-z_][a-z0-9_]*$/.test(name) && parsesAsName(name) ? name : ident(name).text
  known.set(name, written)
  return written
}

function parsesAsName(name: string): boolean {
  try {
    parseSync(`create table ${name} (${name} int, check (${name} > ${name} / 2)); select ${name} from ${name}`)
    return true
  } catch {
    return false
  }
}

export function plainNames(names: readonly string[]): string {
  return names.map(plainName).join(', ')
}
