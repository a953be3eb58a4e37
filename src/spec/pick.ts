import { UsageError } from '../lib/errors.ts'

export interface Pick {
  readonly column: string
  readonly direction: 'latest' | 'earliest'
}

/** `latest by posted_at`, `earliest by "Created at"`; null for anything else. */
export function parsePick(text: string): Pick | null {
  const found = /^\s*(latest|earliest)\s+by\s+(?:"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*))\s*$/iu.exec(text)
  if (!found) return null
  const [, direction = '', quoted, bare] = found
  return {
    column: quoted?.replaceAll('""', '"') ?? (bare ?? '').toLowerCase(),
    direction: direction.toLowerCase() as Pick['direction'],
  }
}

/** The same for a place that takes nothing else. Throws UsageError where the table has no such column. */
export function resolvePick(text: string, columns: readonly string[], where: string): Pick {
  const pick = parsePick(text)
  if (!pick)
    throw new UsageError('mapping.pick', `${where}: ${JSON.stringify(text)} is not understood`, {
      hint: 'Write «latest by» or «earliest by» and a column: latest by posted_at.',
    })
  if (columns.includes(pick.column)) return pick
  throw new UsageError('mapping.pick', `${where}: there is no column ${JSON.stringify(pick.column)}`, {
    hint: `Columns that it can be: ${columns.join(', ')}.`,
  })
}
