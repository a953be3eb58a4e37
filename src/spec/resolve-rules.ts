import type { Catalog, CatalogColumn, CatalogTable } from '../catalog/types.ts'
import { UsageError } from '../lib/errors.ts'
import { ident } from '../lib/sql.ts'
import type { MergeColumn, MergeTable } from './config.ts'
import { parseExpression } from './expression.ts'
import type { ColumnRule, ExtraColumn, SourceMapping } from './mapping.ts'
import { parsePick } from './pick.ts'
import { replaceReferences } from './qualify.ts'

export interface RulesInput {
  readonly spec: MergeTable
  readonly target: CatalogTable
  readonly key: readonly CatalogColumn[]
  /** Without stubs. */
  readonly sources: readonly SourceMapping[]
  readonly where: string
  readonly catalog: Catalog
}

/** Whose value each fed column has, and the sources with what the rules need of them. Throws UsageError with the rule's place. */
export function resolveRules(input: RulesInput): { rules: Map<string, ColumnRule>; sources: SourceMapping[] } {
  const extras = input.sources.map((): ExtraColumn[] => [])
  const rules = new Map<string, ColumnRule>()
  for (const column of input.target.columns) {
    const given = input.spec.columns?.[column.name] ?? {}
    const where = `${input.where}.columns.${column.name}`
    if (input.key.includes(column)) {
      assertNoRule(given, where)
      continue
    }
    const rule =
      given.from === undefined
        ? ruleOf(input, given, column, extras, where)
        : expression(input, given, column, extras, where)
    if (rule) rules.set(column.name, rule)
  }
  return { rules, sources: input.sources.map((s, i) => ({ ...s, extras: extras[i] ?? [] })) }
}

function assertNoRule(given: MergeColumn, where: string): void {
  if (given.from === undefined && given.pick === undefined && given.sources === undefined) return
  throw new UsageError('mapping.rule', `${where}: the key is the same in all sources, so there is nothing to choose`, {
    hint: 'Leave the rule out.',
  })
}

function ruleOf(
  input: RulesInput,
  given: MergeColumn,
  column: CatalogColumn,
  extras: ExtraColumn[][],
  where: string,
): ColumnRule | null {
  const feeding = input.sources.filter((s) => s.feeds.some((feed) => feed.column === column.name))
  if (feeding.length === 0) {
    if (Object.keys(given).length === 0) return null
    throw new UsageError('mapping.rule', `${where}: no source feeds this column`, {
      hint: 'Say in a source where it comes from, or leave the rule out: it is then a column of the new side alone.',
    })
  }
  const sources = inOrder(given.sources, feeding, where).map((s) => s.ordinal)
  const pick = given.pick?.trim().toLowerCase() ?? 'first value'
  if (pick === 'first value' || pick === 'first row') return { kind: pick, sources }
  const latest = parsePick(given.pick ?? '')
  if (latest?.direction !== 'latest')
    throw new UsageError('mapping.pick', `${where}.pick: ${JSON.stringify(given.pick)} is not understood`, {
      hint: "Write 'first row', or 'latest by' and a column that each source has: 'latest by updated_at'.",
    })
  return { kind: 'latest', sources, by: latestBy(input, latest.column, sources, extras, where) }
}

/** Those named first, then the others as they stand. */
function inOrder(
  names: readonly string[] | undefined,
  feeding: readonly SourceMapping[],
  where: string,
): SourceMapping[] {
  const first = (names ?? []).map((name) => {
    const source = feeding.find((s) => s.relation.name === name)
    if (source) return source
    throw new UsageError('mapping.rule', `${where}.sources: ${JSON.stringify(name)} doesn't feed this column`, {
      hint: `Sources that do: ${feeding.map((s) => s.relation.name).join(', ')}.`,
    })
  })
  return [...new Set([...first, ...feeding])]
}

const TIMES = new Set(['date', 'timestamp without time zone', 'timestamp with time zone'])

/** The timestamp of each source as one of its extra columns, all of one type. */
function latestBy(
  input: RulesInput,
  name: string,
  ordinals: readonly number[],
  extras: ExtraColumn[][],
  where: string,
): string[] {
  const columns = ordinals.map((ordinal) => {
    const s = input.sources[ordinal] as SourceMapping
    const column = columnOf(input, s, name)
    if (column) return { s, column }
    throw new UsageError('mapping.pick', `${where}.pick: ${s.relation.name} has no column ${JSON.stringify(name)}`, {
      hint: `Each source that feeds the column needs one of this name: ${ordinals.map((o) => input.sources[o]?.relation.name).join(', ')}.`,
    })
  })
  const types = [...new Set(columns.map(({ column }) => column.baseType))]
  const [only = ''] = types
  const type = types.length === 1 ? only : types.every((t) => TIMES.has(t)) ? 'timestamp with time zone' : null
  if (type === null)
    throw new UsageError('mapping.pick', `${where}.pick: ${name} is ${types.join(' here, ')} there`, {
      hint: 'What is later can only be told of values of one type.',
    })
  return columns.map(({ s, column }) =>
    addExtra(extras[s.ordinal] ?? [], column.name, `${ident(s.relation.name, column.name).text}::${type}`),
  )
}

function expression(
  input: RulesInput,
  given: MergeColumn,
  column: CatalogColumn,
  extras: ExtraColumn[][],
  where: string,
): ColumnRule {
  if (given.pick !== undefined || given.sources !== undefined)
    throw new UsageError(
      'mapping.rule',
      `${where}: "from" decides the value; "pick" and "sources" have no meaning beside it`,
      {
        hint: 'Leave one of the two out.',
      },
    )
  for (const name of Object.keys(given.back ?? {})) sourceNamed(input, name, `${where}.back`)
  const text = given.from ?? ''
  parseExpression(text, `${where}.from`)
  const sql = replaceReferences(text, (table, name) => {
    if (table === null)
      throw new UsageError('mapping.rule', `${where}.from: of which source is ${JSON.stringify(name)}?`, {
        hint: `Write each column with its table: ${input.sources[0]?.relation.name}.${name}.`,
      })
    const s = sourceNamed(input, table, `${where}.from`)
    const old = columnOf(input, s, name)
    if (!old)
      throw new UsageError('mapping.column', `${where}.from: ${table} has no column ${JSON.stringify(name)}`, {
        hint: `Its columns are: ${s.shape.map((c) => c.name).join(', ')}.`,
      })
    const extra = addExtra(extras[s.ordinal] ?? [], name, `${ident(s.relation.name, name).text}::${old.type}`)
    return ident(`s${s.ordinal + 1}`, extra).text
  })
  return { kind: 'expression', sql: `(${sql})::${column.baseType}` }
}

function sourceNamed(input: RulesInput, name: string, where: string): SourceMapping {
  const source = input.sources.find((s) => s.relation.name === name)
  if (source) return source
  throw new UsageError('mapping.rule', `${where}: ${JSON.stringify(name)} is not a source`, {
    hint: `The sources are: ${input.sources.map((s) => s.relation.name).join(', ')}.`,
  })
}

function columnOf(input: RulesInput, s: SourceMapping, name: string): CatalogColumn | undefined {
  const table = input.catalog.tables.find((t) => t.schema === s.relation.schema && t.name === s.relation.name)
  return table?.columns.find((column) => column.name === name)
}

/** The name under which a source's row has this value for the rules. */
function addExtra(extras: ExtraColumn[], uses: string, sql: string): string {
  const there = extras.find((extra) => extra.sql === sql)
  if (there) return there.name
  const name = `crossfade_x_${extras.length + 1}`
  extras.push({ name, sql, uses })
  return name
}
