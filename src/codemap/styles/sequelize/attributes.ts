import { literalsOf, membersOf, memberValue, textOf } from '../../read-value.ts'
import { atomsOf, type ClassField, type ClassValue, type Value } from '../../value.ts'
import { asDecorator } from './facts.ts'
import type { Model } from './models.ts'

/** One attribute; null where the column follows from its name. */
export interface Attribute {
  readonly attribute: string
  readonly column: string | null
}

export interface Attributes {
  readonly all: readonly Attribute[]
  readonly key: string | null
  /** Fields with `@CreatedAt` and its like. */
  readonly stamps: Readonly<Record<'createdAt' | 'updatedAt' | 'deletedAt', string | null>>
  /** Fields with `@ForeignKey(() => Other)`, and the class that they name. */
  readonly foreignKeys: readonly { readonly attribute: string; readonly target: Value }[]
}

/** The attributes that a definition lists, or the decorated fields of a class and of those that it extends. */
export function attributesOf(model: Model): Attributes {
  const listed = model.definitions.flatMap(({ attributes }) => membersOf(attributes).members)
  const all: Attribute[] = listed.map(([attribute, value]) => ({ attribute, column: columnIn(value) }))
  let key = listed.find(([, value]) => literalsOf(memberValue(value, 'primaryKey')).includes(true))?.[0] ?? null
  const stamps: Record<'createdAt' | 'updatedAt' | 'deletedAt', string | null> = {
    createdAt: null,
    updatedAt: null,
    deletedAt: null,
  }
  const foreignKeys: { attribute: string; target: Value }[] = []
  for (const field of fieldsOf(model.of)) {
    const decorators = field.decorators().flatMap(asDecorator)
    const given = (name: string) => decorators.find((one) => one.name === name)
    if (given('PrimaryKey')) key ??= field.name
    if (given('CreatedAt')) stamps.createdAt = field.name
    if (given('UpdatedAt')) stamps.updatedAt = field.name
    if (given('DeletedAt')) stamps.deletedAt = field.name
    const foreign = given('ForeignKey')
    const thunk = foreign?.args[0]
    if (thunk && foreign.site)
      foreignKeys.push({
        attribute: field.name,
        target: thunk.kind === 'function' ? foreign.site.call(thunk, []) : thunk,
      })
    const options = (given('Column') ?? given('Attribute'))?.args[0]
    if (!options && !decorators.some(({ name }) => COLUMNS.has(name))) continue
    if (literalsOf(memberValue(options, 'primaryKey')).includes(true)) key ??= field.name
    all.push({ attribute: field.name, column: textOf(given('ColumnName')?.args[0]) ?? columnIn(options) })
  }
  return { all, key, stamps, foreignKeys }
}

const COLUMNS = new Set(['Column', 'Attribute', 'PrimaryKey', 'ForeignKey', 'CreatedAt', 'UpdatedAt', 'DeletedAt'])

/** `{ type, field: 'page_count' }`; version 7 says `columnName`. */
function columnIn(value: Value | undefined): string | null {
  return textOf(memberValue(value, 'field')) ?? textOf(memberValue(value, 'columnName'))
}

function fieldsOf(of: ClassValue | null): ClassField[] {
  if (!of) return []
  const base = of.base()
  const inherited = (base ? atomsOf(base) : []).flatMap((atom) => (atom.kind === 'class' ? fieldsOf(atom) : []))
  return [...inherited, ...of.fields().filter((field) => !field.static)]
}

/** The fields of a class itself, for what their decorators say of relations. */
export function relationFields(of: ClassValue | null): ClassField[] {
  return fieldsOf(of)
}
