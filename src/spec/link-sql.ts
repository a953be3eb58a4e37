import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident, literal } from '../lib/sql.ts'
import type { Link, ViaStep } from './mapping.ts'
import { fixedText } from './types-fit.ts'

/** SQL over the source row for each value of a link: a scalar subquery, null where nothing is found. */
export function buildLookups(link: Link): string[] {
  return link.steps.reduceRight<readonly string[]>((values, step) => lookups(step, values), link.take) as string[]
}

function lookups(step: ViaStep, values: readonly string[]): string[] {
  const there = values.map((value) => `${value} IS NOT NULL`).join(' AND ')
  const from = `${ident(step.relation.schema, step.relation.name).text} AS ${ident(step.alias).text}`
  const rest = `FROM ${from} WHERE ${step.to} = ${step.link} AND ${there} ORDER BY ${step.order.join(', ')} LIMIT 1`
  return values.map((value) => `(SELECT ${value} ${rest})`)
}

export interface GeneratedInput {
  readonly source: CatalogTable
  readonly step: ViaStep
  /** The other table's side, as the mapping writes it. */
  readonly to: string
  readonly identity: readonly CatalogColumn[]
  readonly type: string
  readonly where: string
}

/**
 * The key that a row gets where nothing is found: the same for all rows, of whatever table, with one link value; where
 * the link is null it is made of the row's own identity. Throws UsageError for types whose text depends on settings.
 */
export function buildGenerated(input: GeneratedInput): string {
  const { source, step, to, where } = input
  const prefix = (of: string): string => literal(`crossfade:${of}:`).text
  const link = textOf(step.link, step.type, where)
  const identity = input.identity.map((column) => textOf(ident(source.name, column.name).text, column.baseType, where))
  // With its length before each part, so that no two lists are written alike.
  const row =
    identity.length === 1
      ? identity[0]
      : identity.map((text) => `octet_length(${text})::text || ':' || ${text}`).join(` || ':' || `)
  const byLink = `md5(${prefix(`${step.relation.schema}.${step.relation.name}.${to}`)} || ${link})`
  const byRow = `md5(${prefix(source.name)} || ${row})`
  return `coalesce(${byLink}, ${byRow})::${input.type}`
}

function textOf(sql: string, type: string, where: string): string {
  const text = fixedText(sql, type)
  if (text !== null) return text
  throw new UsageError('mapping.generate', `${where}: a key can't be made of a value of type ${type}`, {
    hint: "Its text depends on the session's settings. Link by a text, an integer or a uuid, or say otherwise: 'journal'.",
  })
}
