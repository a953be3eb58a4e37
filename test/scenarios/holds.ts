import type pg from 'pg'

/** One query of `holds.sql`. It must give no row. */
export interface Hold {
  readonly name: string
  readonly when: readonly string[]
  /** The role that asks; null for the owner. */
  readonly as: string | null
  /** A setting of the transaction that asks: `app.user=alice`. */
  readonly set: readonly string[]
  /** SQLSTATEs that are as good as no row. */
  readonly or: readonly string[]
  readonly text: string
}

const DEFAULT_WHEN = ['sync', 'reads', 'move']
const TAG = /^--\s*(name|when|as|set|or):\s*(.*?)\s*$/

/**
 * Reads `holds.sql`: queries that begin with `-- name: …`, each with the tags that it needs:
 * `-- when: sync reads` (default: sync reads move), `-- as: role`, `-- set: app.user=alice`, `-- or: 42501` (refused is as good as no row).
 */
export function parseHolds(text: string): Hold[] {
  return text
    .split(/^(?=--\s*name:)/m)
    .filter((part) => /^--\s*name:/.test(part))
    .map((part) => {
      const lines = part.split('\n')
      const tags = new Map(tagsOf(lines))
      return {
        name: tags.get('name') ?? '',
        when: tags.get('when')?.split(/[\s,]+/) ?? DEFAULT_WHEN,
        as: tags.get('as') ?? null,
        set: tags.get('set')?.split('=') ?? [],
        or: tags.get('or')?.split(/[\s,]+/) ?? [],
        text: lines
          .filter((line) => !TAG.test(line))
          .join('\n')
          .trim()
          .replace(/;$/, ''),
      }
    })
}

function tagsOf(lines: readonly string[]): [string, string][] {
  return lines.flatMap((line) => {
    const [, tag, value] = TAG.exec(line) ?? []
    return tag === undefined || value === undefined ? [] : [[tag, value] as [string, string]]
  })
}

/** What doesn't hold, in words, with the first rows. Unqualified names are looked up in `schemas`. */
export async function checkHolds(
  client: pg.ClientBase,
  holds: readonly Hold[],
  when: string,
  schemas: readonly string[],
): Promise<string[]> {
  const found: string[] = []
  for (const hold of holds.filter((one) => one.when.includes(when))) {
    await client.query('begin')
    try {
      await client.query(/* sql */ `select set_config('search_path', $1, true)`, [schemas.join(', ')])
      if (hold.set.length === 2) await client.query(/* sql */ `select set_config($1, $2, true)`, [...hold.set])
      if (hold.as !== null) await client.query(`set local role ${client.escapeIdentifier(hold.as)}`)
      const { rows } = await client.query(hold.text)
      if (rows.length > 0) found.push(`${hold.name}: ${rows.length} rows, first ${JSON.stringify(rows.slice(0, 3))}`)
    } catch (error) {
      const { code, message } = error as { code?: string; message: string }
      if (!hold.or.includes(code ?? '')) found.push(`${hold.name}: ${code} ${message}`)
    } finally {
      await client.query('rollback')
    }
  }
  return found
}
