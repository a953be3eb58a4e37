import type pg from 'pg'

/** The text parts of a key, in the order of its columns. */
export type Key = readonly string[]

/** The keys above `after`, from the first one where it is null, up to and with `upTo`. */
export interface KeyRange {
  readonly after: Key | null
  readonly upTo: Key
}

/** Which ends a range has, as the generated SQL wants to know it. */
export interface RangeEnds {
  readonly after: boolean
  readonly upTo: boolean
}

/** The last of the next `limit` keys above `after`, but none beyond `upTo`; null when no key is left. */
export async function readBound(
  client: pg.ClientBase,
  nextBound: (ends: RangeEnds) => string,
  after: Key | null,
  upTo: Key | null,
  limit: number,
): Promise<Key | null> {
  const { rows } = await client.query<string[]>({
    text: nextBound({ after: after !== null, upTo: upTo !== null }),
    values: [...(after ?? []), ...(upTo ?? []), limit],
    rowMode: 'array',
  })
  return rows[0] ?? null
}

/** The size of the next chunk, so that it takes about `targetMs`; it changes by a factor of two at most. */
export function nextChunkSize(
  size: number,
  elapsedMs: number,
  limits: { readonly targetMs: number; readonly min: number; readonly max: number },
): number {
  const factor = Math.min(2, Math.max(0.5, limits.targetMs / Math.max(elapsedMs, 0.1)))
  return Math.round(Math.min(limits.max, Math.max(limits.min, size * factor)))
}
