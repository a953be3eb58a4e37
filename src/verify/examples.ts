import type pg from 'pg'
import type { Difference } from '../control/compare-sides.ts'
import { errorCode, isDataError } from '../db/sqlstates.ts'
import type { TargetMapping } from '../spec/mapping.ts'
import { bothSides } from '../sqlgen/compare.ts'
import type { Example } from './result.ts'

type Row = Readonly<Record<string, unknown>>

/** Both sides of a difference, in the columns that differ; all mapped columns where only one side has a row. */
export async function readExample(
  client: pg.ClientBase,
  t: TargetMapping,
  difference: Difference,
  showValues: boolean,
): Promise<Example> {
  const { projected, stored, reason } = await readSides(client, t, difference)
  const columns = difference.columns ?? []
  const shown = columns.length > 0 ? columns : t.columns.map((column) => column.name)
  const choose = (row: Row | null): Row | null =>
    row === null
      ? null
      : Object.fromEntries(
          shown.filter((name) => name in row).map((name) => [name, showValues ? row[name] : describeValue(row[name])]),
        )
  return {
    key: difference.key,
    verdict: difference.verdict,
    columns,
    old: choose(projected),
    new: choose(stored),
    reason,
  }
}

interface Sides {
  readonly projected: Row | null
  readonly stored: Row | null
  readonly reason: string | null
}

async function readSides(client: pg.ClientBase, t: TargetMapping, difference: Difference): Promise<Sides> {
  try {
    const { rows } = await client.query<{ projected: Row | null; stored: Row | null }>(bothSides(t).text, [
      ...difference.key,
    ])
    return { projected: rows[0]?.projected ?? null, stored: rows[0]?.stored ?? null, reason: difference.reason ?? null }
  } catch (error) {
    if (!isDataError(error)) throw error
    const message = error instanceof Error ? error.message : String(error)
    return { projected: null, stored: null, reason: `${errorCode(error)}: ${message}` }
  }
}

/** A value by its kind and size: reports are committed by their readers, and example values are other people's data. */
function describeValue(value: unknown): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'string') return `text, ${Array.from(value).length} characters`
  if (typeof value === 'object') return `json, ${JSON.stringify(value).length} characters`
  return typeof value
}
