import type { CatalogColumn, CatalogTable } from '../catalog/types.ts'
import type { ApiFunction, ApiSchema } from './api-schema.ts'
import { memberText, quoteText, typeText } from './type-text.ts'

/** Lines of a member, or one line. */
type Member = readonly [name: string, value: string | readonly string[]]

const HEAD = `// Made by crossfade types: the old names and the new ones, each as it is behind the API.
export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]
`

/**
 * A `Database` for `createClient<Database>` in the form that `supabase gen types` gives, with the new tables beside the old ones:
 * code that names either is checked against what is there, at every stage.
 */
export function writeTypes(schema: ApiSchema): string {
  const isView = ({ kind }: CatalogTable): boolean => kind === 'view' || kind === 'materialized view'
  const views = schema.tables.filter(isView)
  const own = [...schema.types.values()].filter((type) => type.schema === schema.name)
  const enums = own.filter(({ kind }) => kind === 'e')
  const composites = own.filter(({ relation }) => relation === 'c')
  const parts: Member[] = [
    ['Tables', object(schema.tables.filter((table) => !isView(table)).map((table) => tableMember(schema, table)))],
    ['Views', object(views.map((view) => viewMember(schema, view)))],
    ['Functions', object(functionMembers(schema))],
    ['Enums', object(sorted(enums).map(({ name, labels }) => [name, labels.map(quoteText).join(' | ') || 'never']))],
    [
      'CompositeTypes',
      object(
        sorted(composites).map(({ name, attributes }) => [
          name,
          object(attributes.map((one) => [one.name, `${typeText(schema, one.type)} | null`])),
        ]),
      ),
    ],
  ]
  const lines = ['export type Database = {', ...indent(memberLines([schema.name, object(parts)])), '}', '']
  return `${HEAD}\n${lines.join('\n')}\n${shortcuts(quoteText(schema.name))}`
}

function sorted<Named extends { readonly name: string }>(list: readonly Named[]): Named[] {
  return [...list].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function object(members: readonly Member[]): readonly string[] | string {
  if (members.length === 0) return '{ [_ in never]: never }'
  return ['{', ...indent(members.flatMap(memberLines)), '}']
}

function memberLines([name, value]: Member): string[] {
  // A name that ends in a question mark may be missing.
  const optional = name.endsWith('?') ? '?' : ''
  const head = `${memberText(optional ? name.slice(0, -1) : name)}${optional}: `
  if (typeof value === 'string') return [head + value]
  const [first = '', ...others] = value
  return [head + first, ...others]
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`)
}

function tableMember(schema: ApiSchema, table: CatalogTable): Member {
  const columns = byName(table)
  return [
    table.name,
    object([
      ['Row', object(columns.map((column) => [column.name, valueText(schema, column)]))],
      ['Insert', object(columns.map((column) => writtenMember(schema, column, mayMiss(column))))],
      ['Update', object(columns.map((column) => writtenMember(schema, column, true)))],
      ['Relationships', relationships(schema, table)],
    ]),
  ]
}

/** What a view gives may be null whatever its table says. */
function viewMember(schema: ApiSchema, view: CatalogTable): Member {
  const columns = byName(view).map((column): CatalogColumn => ({ ...column, notNull: false }))
  const written = object(columns.map((column) => writtenMember(schema, column, true)))
  return [
    view.name,
    object([
      ['Row', object(columns.map((column) => [column.name, valueText(schema, column)]))],
      ...(view.updatable
        ? ([
            ['Insert', written],
            ['Update', written],
          ] as const)
        : []),
      ['Relationships', '[]'],
    ]),
  ]
}

function byName({ columns }: CatalogTable): CatalogColumn[] {
  return sorted(columns)
}

function valueText(schema: ApiSchema, { typeOid, notNull }: CatalogColumn): string {
  return `${typeText(schema, typeOid)}${notNull ? '' : ' | null'}`
}

function mayMiss(column: CatalogColumn): boolean {
  return !column.notNull || column.default !== null || column.identity !== null
}

function writtenMember(schema: ApiSchema, column: CatalogColumn, optional: boolean): Member {
  if (column.generated !== null || column.identity === 'always') return [`${column.name}?`, 'never']
  return [`${column.name}${optional ? '?' : ''}`, valueText(schema, column)]
}

/** Of the foreign keys that are there: those between new tables sleep until finish, and nothing embeds by them before. */
function relationships({ tables }: ApiSchema, table: CatalogTable): readonly string[] | string {
  const keys = table.constraints.filter(
    ({ kind, references }) =>
      kind === 'foreign key' &&
      tables.some((other) => other.schema === references?.schema && other.name === references.table),
  )
  if (keys.length === 0) return '[]'
  const list = (names: readonly string[]): string => `[${names.map(quoteText).join(', ')}]`
  const isUnique = (columns: readonly string[]): boolean =>
    table.constraints.some(
      ({ kind, columns: others }) =>
        (kind === 'primary key' || kind === 'unique') &&
        others.length === columns.length &&
        others.every((one) => columns.includes(one)),
    )
  const items = sorted(keys).flatMap((key) => {
    const lines = object([
      ['foreignKeyName', quoteText(key.name)],
      ['columns', list(key.columns)],
      ['isOneToOne', String(isUnique(key.columns))],
      ['referencedRelation', quoteText(key.references?.table ?? '')],
      ['referencedColumns', list(key.references?.columns ?? [])],
    ])
    return typeof lines === 'string' ? [lines] : [...lines.slice(0, -1), `${lines.at(-1)},`]
  })
  return ['[', ...indent(items), ']']
}

/** By name; functions of one name are one member with several forms. */
function functionMembers(schema: ApiSchema): Member[] {
  const names = [...new Set(schema.functions.map(({ name }) => name))]
  return names.flatMap((name): Member[] => {
    const forms = schema.functions.filter((one) => one.name === name && isCallable(one))
    const texts = forms.map((one) => `{ Args: ${argsText(schema, one)}; Returns: ${returnsText(schema, one)} }`)
    return texts.length === 0
      ? []
      : [[name, texts.length === 1 ? (texts[0] ?? '') : ['', ...indent(texts.map((one) => `| ${one}`))]]]
  })
}

/** PostgREST hands arguments over by their names. */
function isCallable({ arguments: all }: ApiFunction): boolean {
  return all.every(({ name, mode }) => name !== '' || 'ot'.includes(mode))
}

function argsText(schema: ApiSchema, { arguments: all }: ApiFunction): string {
  const given = all.filter(({ mode }) => 'ibv'.includes(mode))
  if (given.length === 0) return 'never'
  const texts = given.map(
    ({ name, type, hasDefault }) => `${memberText(name)}${hasDefault ? '?' : ''}: ${typeText(schema, type)}`,
  )
  return `{ ${texts.join('; ')} }`
}

function returnsText(schema: ApiSchema, { arguments: all, returns, returnsSet }: ApiFunction): string {
  const columns = all.filter(({ mode }) => 'obt'.includes(mode))
  const isRecord = schema.types.get(returns)?.name === 'record'
  const one =
    isRecord && columns.length > 0
      ? `{ ${columns.map(({ name, type }) => `${memberText(name)}: ${typeText(schema, type)}`).join('; ')} }`
      : typeText(schema, returns)
  return returnsSet ? (one.includes(' | ') ? `(${one})[]` : `${one}[]`) : one
}

function shortcuts(schema: string): string {
  return `type Schema = Database[${schema}]

export type Tables<Name extends keyof (Schema["Tables"] & Schema["Views"])> = (Schema["Tables"] &
  Schema["Views"])[Name] extends { Row: infer Row }
  ? Row
  : never
export type TablesInsert<Name extends keyof Schema["Tables"]> = Schema["Tables"][Name]["Insert"]
export type TablesUpdate<Name extends keyof Schema["Tables"]> = Schema["Tables"][Name]["Update"]
export type Enums<Name extends keyof Schema["Enums"]> = Schema["Enums"][Name]
`
}
