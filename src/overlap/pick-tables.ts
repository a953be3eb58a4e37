import { UsageError } from '../lib/errors.ts'
import type { Candidate } from './candidate.ts'

/** `audit.posts`, `posts`, `"Odd.Name"`: a dot within double quotes is a part of the name. */
export function readTableName(text: string): { readonly schema: string | null; readonly name: string } {
  const parts = [...text.matchAll(/"((?:[^"]|"")*)"|[^."]+/g)].map(
    ([all, quoted]) => quoted?.replaceAll('""', '"') ?? all,
  )
  const [first = text, second] = parts
  if (parts.length > 2) return { schema: first, name: parts.slice(1).join('.') }
  return second === undefined ? { schema: null, name: first } : { schema: first, name: second }
}

/** The schemas to look at: those that are named, those of tables that are named, else `public`. Throws UsageError. */
export function pickSchemas(
  existing: readonly string[],
  named: readonly string[],
  tables: readonly string[],
): string[] {
  const ofTables = tables.flatMap((table) => readTableName(table).schema ?? [])
  const schemas = [...new Set([...named, ...ofTables])]
  const isDefault = tables.every((table) => readTableName(table).schema === null) || tables.length === 0
  if (named.length === 0 && (isDefault || ofTables.length < tables.length)) schemas.unshift('public')
  const unknown = schemas.find((schema) => !existing.includes(schema))
  if (unknown !== undefined)
    throw new UsageError('overlap.schema', `There is no schema ${JSON.stringify(unknown)}.`, {
      hint: `Schemas of this database: ${existing.join(', ') || 'none'}. Name one with --schema.`,
    })
  return [...new Set(schemas)]
}

/** The candidates that a person named, each once, in their order. Throws UsageError for a name that is none. */
export function pickTables(candidates: readonly Candidate[], names: readonly string[]): Candidate[] {
  const picked = names.map((text) => {
    const { schema, name } = readTableName(text)
    const found =
      candidates.filter((one) => one.table.name === name && (schema === null || one.table.schema === schema))[0] ??
      // As SQL would fold it, if nothing is written exactly so.
      candidates.find(
        (one) =>
          one.table.name === name.toLowerCase() && (schema === null || one.table.schema === schema.toLowerCase()),
      )
    if (found) return found
    throw new UsageError('overlap.table', `There is no table ${text}.`, { hint: tellNearest(candidates, name) })
  })
  return [...new Set(picked)]
}

function tellNearest(candidates: readonly Candidate[], name: string): string {
  const words = name.toLowerCase().split(/[^\p{L}\p{N}]+/u)
  const near = candidates.filter((one) =>
    words.some((word) => word.length > 2 && one.name.toLowerCase().includes(word)),
  )
  const list = (near.length > 0 ? near : candidates).slice(0, 8).map((one) => one.name)
  if (list.length === 0) return 'The schema holds no table. Name another one with --schema.'
  return `${near.length > 0 ? 'Near it' : 'There are'}: ${list.join(', ')}. For another schema write schema.table.`
}
