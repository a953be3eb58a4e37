import type { ApiSchema } from './api-schema.ts'

/** What JSON makes of a type; of all others nothing is known. As the Supabase CLI has it. */
const SCALARS: Readonly<Record<string, string>> = {
  bool: 'boolean',
  ...Object.fromEntries(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric'].map((name) => [name, 'number'])),
  ...Object.fromEntries(
    [
      'bytea',
      'bpchar',
      'varchar',
      'date',
      'text',
      'citext',
      'time',
      'timetz',
      'timestamp',
      'timestamptz',
      'uuid',
      'vector',
    ].map((name) => [name, 'string']),
  ),
  json: 'Json',
  jsonb: 'Json',
  void: 'undefined',
  record: 'Record<string, unknown>',
}

/** TypeScript of a type of the database, as it stands for a value that is there. */
export function typeText(schema: ApiSchema, oid: number): string {
  const type = schema.types.get(oid)
  if (type === undefined) return 'unknown'
  if (type.element !== null) {
    const element = typeText(schema, type.element)
    return element.includes(' | ') ? `(${element})[]` : `${element}[]`
  }
  if (type.base !== null) return typeText(schema, type.base)
  const isOwn = type.schema === schema.name
  if (type.kind === 'e') return isOwn ? within(schema, 'Enums', type.name) : type.labels.map(quoteText).join(' | ')
  if (type.kind === 'c' && isOwn) {
    if (type.relation === 'c') return within(schema, 'CompositeTypes', type.name)
    if (!schema.tables.some(({ name }) => name === type.name)) return 'unknown'
    const part = type.relation === 'v' || type.relation === 'm' ? 'Views' : 'Tables'
    return `${within(schema, part, type.name)}["Row"]`
  }
  return SCALARS[type.name] ?? 'unknown'
}

function within({ name }: ApiSchema, part: string, member: string): string {
  return `Database[${quoteText(name)}]["${part}"][${quoteText(member)}]`
}

export function quoteText(text: string): string {
  return JSON.stringify(text)
}

/** The name of a member, in quotes where it needs them. */
export function memberText(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoteText(name)
}
