import { parseSync } from 'libpg-query'
import type { ColumnRule, Link, Mapping, SourceMapping, TargetMapping } from './mapping.ts'

/**
 * The mapping with its new tables, and the types and functions that came with them, in another schema: in every
 * place where one of them is named, also inside expressions. Call `loadParser()` before.
 */
export function relocate(m: Mapping, schema: string): Mapping {
  if (m.newSchema === schema) return m
  const place: Place = {
    expression: (text) => relocateNames(text, m.newSchema, schema),
    optional: (text) => (text === null ? null : relocateNames(text, m.newSchema, schema)),
    type: (text) => relocateNames(`NULL::${text}`, m.newSchema, schema).slice('NULL::'.length),
    schema: (name) => (name === m.newSchema ? schema : name),
  }
  return {
    ...m,
    targets: m.targets.map((t) => relocateTarget(t, place)),
    indexes: m.indexes.map((index) => ({ ...index, parts: index.parts.map(place.expression) })),
  }
}

interface Place {
  expression(text: string): string
  optional(text: string | null): string | null
  type(text: string): string
  schema(name: string): string
}

function relocateTarget(t: TargetMapping, place: Place): TargetMapping {
  const moved = <R extends { readonly relation: TargetMapping['relation'] }>(rule: R): R => ({
    ...rule,
    relation: { ...rule.relation, schema: place.schema(rule.relation.schema) },
  })
  return {
    ...moved(t),
    key: t.key.map((key) => ({
      ...key,
      type: place.type(key.type),
      ...(key.nullable === undefined ? {} : { nullable: place.type(key.nullable) }),
      operatorSchema: place.schema(key.operatorSchema),
    })),
    handle: t.handle.map((h) => ({ ...h, type: place.type(h.type), next: place.expression(h.next) })),
    columns: t.columns.map((column) => ({
      ...column,
      type: place.type(column.type),
      baseType: place.type(column.baseType),
      operatorSchema: place.schema(column.operatorSchema),
      otherwise: place.optional(column.otherwise),
      absent: place.optional(column.absent),
      rule: relocateRule(column.rule, place),
    })),
    sources: t.sources.map((s) => relocateSource(s, place)),
    sequences: t.sequences.map((s) => ({
      ...s,
      default: place.optional(s.default),
      own: { ...s.own, schema: place.schema(s.own.schema) },
    })),
    checks: t.checks.map((check) => ({ ...check, sql: place.expression(check.sql) })),
    uniques: t.uniques.map((rule) => ({
      ...rule,
      lookups: rule.lookups.map((lookup) => ({
        ...lookup,
        sql: place.optional(lookup.sql),
        otherwise: place.optional(lookup.otherwise),
      })),
    })),
    parents: t.parents.map(moved),
    children: t.children.map(moved),
  }
}

function relocateRule(rule: ColumnRule, place: Place): ColumnRule {
  return rule.kind === 'expression' ? { ...rule, sql: place.expression(rule.sql) } : rule
}

function relocateSource(s: SourceMapping, place: Place): SourceMapping {
  return {
    ...s,
    key: s.key.map(place.expression),
    lookup: s.lookup.map(place.expression),
    where: place.optional(s.where),
    links: s.links.map((link) => relocateLink(link, place)),
    extras: s.extras.map((extra) => ({ ...extra, sql: place.expression(extra.sql) })),
    feeds: s.feeds.map((feed) => ({ ...feed, from: place.expression(feed.from) })),
    back: s.back.map((column) => ({
      ...column,
      back: place.expression(column.back),
      absent: place.optional(column.absent),
    })),
  }
}

function relocateLink(link: Link, place: Place): Link {
  return {
    ...link,
    steps: link.steps.map((step) => ({
      ...step,
      link: place.expression(step.link),
      to: place.expression(step.to),
      type: place.type(step.type),
    })),
    take: link.take.map(place.expression),
    generated: link.generated?.map(place.expression) ?? null,
  }
}

/** An expression in which types, functions and sequences of one schema are named in another. The rest of the text stays as it is. */
export function relocateNames(text: string, from: string, to: string): string {
  // Most expressions name nothing of the new schema, and need no parser.
  if (!text.toLowerCase().includes(from.toLowerCase())) return text
  const prefix = 'SELECT '
  const bytes = Buffer.from(prefix + text)
  const places = [...new Set(findQualified(parseSync(`${prefix}${text}\n`), from))].sort((a, b) => b - a)
  let result = bytes
  for (const at of places) {
    // The name of a relation stands in a literal, behind its quote; with a backslash in it in one that begins with E.
    const start = at + (/^[eE]?'/.exec(result.subarray(at, at + 2).toString())?.[0].length ?? 0)
    const written = /^("(?:[^"]|"")*"|[^\s."]+)/.exec(result.subarray(start).toString())?.[0]
    if (written === undefined) throw new Error(`no name at ${at} of ${text}`)
    const tail = result.subarray(start + Buffer.byteLength(written))
    result = Buffer.concat([result.subarray(0, start), Buffer.from(`"${to.replaceAll('"', '""')}"`), tail])
  }
  return result.toString().slice(prefix.length)
}

interface QualifiedNode {
  readonly names?: unknown
  readonly funcname?: unknown
  readonly location?: unknown
  readonly TypeCast?: {
    readonly arg?: { readonly A_Const?: { readonly sval?: { readonly sval?: string }; readonly location?: number } }
    readonly typeName?: { readonly names?: readonly { readonly String?: { readonly sval?: string } }[] }
  }
}

/** Where, in bytes, a name begins that is qualified with this schema: the parser's own word for it. */
function findQualified(node: unknown, schema: string): number[] {
  if (Array.isArray(node)) return node.flatMap((item) => findQualified(item, schema))
  if (node === null || typeof node !== 'object') return []
  const { names, funcname, location, ...rest } = node as QualifiedNode
  const [first, second] = (names ?? funcname ?? []) as { String?: { sval?: string } }[]
  const own = second !== undefined && first?.String?.sval === schema && typeof location === 'number' ? [location] : []
  return [
    ...own,
    ...findRegclass((node as QualifiedNode).TypeCast, schema),
    ...Object.values(rest).flatMap((value) => findQualified(value, schema)),
  ]
}

/** `'new_schema.posts_id_seq'::regclass` */
function findRegclass(cast: QualifiedNode['TypeCast'], schema: string): number[] {
  const constant = cast?.arg?.A_Const
  if (cast?.typeName?.names?.at(-1)?.String?.sval !== 'regclass' || constant?.location === undefined) return []
  const written = /^(?:"((?:[^"]|"")*)"|([^\s."]+))\./.exec(constant.sval?.sval ?? '')
  const name = written?.[1]?.replaceAll('""', '"') ?? written?.[2]?.toLowerCase()
  return name === schema ? [constant.location] : []
}
