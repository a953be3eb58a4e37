import { parseSync } from 'libpg-query'
import type { Mapping, TargetMapping } from './mapping.ts'

/**
 * The mapping with its new tables, and the types and functions that came with them, in another schema: in every
 * place where one of them is named, also inside expressions. Call `loadParser()` before.
 */
export function relocate(m: Mapping, schema: string): Mapping {
  if (m.newSchema === schema) return m
  const expression = (text: string): string => relocateNames(text, m.newSchema, schema)
  const type = (text: string): string => expression(`NULL::${text}`).slice('NULL::'.length)
  const optional = (text: string | null): string | null => (text === null ? null : expression(text))
  const place = (name: string): string => (name === m.newSchema ? schema : name)
  const target = (t: TargetMapping): TargetMapping => ({
    ...t,
    relation: { ...t.relation, schema },
    key: t.key.map((key) => ({ ...key, type: type(key.type), operatorSchema: place(key.operatorSchema) })),
    columns: t.columns.map((column) => ({
      ...column,
      type: type(column.type),
      baseType: type(column.baseType),
      otherwise: optional(column.otherwise),
      absent: optional(column.absent),
    })),
    sources: t.sources.map((s) => ({
      ...s,
      key: s.key.map(expression),
      where: optional(s.where),
      feeds: s.feeds.map((feed) => ({ ...feed, from: expression(feed.from) })),
      back: s.back.map((column) => ({ ...column, back: expression(column.back) })),
    })),
    sequences: t.sequences.map((s) => ({ ...s, own: { ...s.own, schema: place(s.own.schema) } })),
  })
  return { ...m, targets: m.targets.map(target) }
}

/** An expression in which types and functions of one schema are named in another. The rest of the text stays as it is. */
export function relocateNames(text: string, from: string, to: string): string {
  // Most expressions name nothing of the new schema, and need no parser.
  if (!text.toLowerCase().includes(from.toLowerCase())) return text
  const prefix = 'SELECT '
  const bytes = Buffer.from(prefix + text)
  const places = [...new Set(findQualified(parseSync(`${prefix}${text}\n`), from))].sort((a, b) => b - a)
  let result = bytes
  for (const at of places) {
    const written = /^("(?:[^"]|"")*"|[^\s."]+)/.exec(result.subarray(at).toString())?.[0]
    if (written === undefined) throw new Error(`no name at ${at} of ${text}`)
    const tail = result.subarray(at + Buffer.byteLength(written))
    result = Buffer.concat([result.subarray(0, at), Buffer.from(`"${to.replaceAll('"', '""')}"`), tail])
  }
  return result.toString().slice(prefix.length)
}

/** Where, in bytes, a name begins that is qualified with this schema: the parser's own word for it. */
function findQualified(node: unknown, schema: string): number[] {
  if (Array.isArray(node)) return node.flatMap((item) => findQualified(item, schema))
  if (node === null || typeof node !== 'object') return []
  const { names, funcname, location, ...rest } = node as {
    names?: unknown
    funcname?: unknown
    location?: unknown
  }
  const [first, second] = (names ?? funcname ?? []) as { String?: { sval?: string } }[]
  const own = second !== undefined && first?.String?.sval === schema && typeof location === 'number' ? [location] : []
  return [...own, ...Object.values(rest).flatMap((value) => findQualified(value, schema))]
}
