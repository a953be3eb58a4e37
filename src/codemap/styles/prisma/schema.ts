import { buildSqlCatalog, type Definition, type SqlCatalog } from '../../sql/catalog.ts'
import type { SchemaAttribute, SchemaBlock, SchemaLine } from './parse-schema.ts'

/** All of one Prisma schema, which may be spread over several files. */
export interface PrismaSchema {
  /** The folder of the file with the datasource, from the root; '' for the root itself. */
  readonly folder: string
  readonly provider: string | null
  /** Folders that clients are generated into, from the root. */
  readonly outputs: readonly string[]
  /** By the name of the delegate: the model's with a lower first letter. */
  readonly models: ReadonlyMap<string, PrismaModel>
  /** The same for SQL: which columns a table has. */
  readonly catalog: SqlCatalog
  /** By its name: the values as code writes them → as the database has them. */
  readonly enums: ReadonlyMap<string, ReadonlyMap<string, string>>
}

export interface PrismaModel {
  readonly name: string
  readonly table: string
  readonly schema: string | null
  /** Columns of the primary key. */
  readonly key: readonly string[]
  /** By the name in code. */
  readonly columns: ReadonlyMap<string, PrismaColumn>
  readonly relations: ReadonlyMap<string, PrismaRelation>
  /** Keys of several fields, by the name that `where` knows them by. */
  readonly compound: ReadonlyMap<string, readonly string[]>
}

export interface PrismaColumn {
  readonly column: string
  /** The enum of its type, if it is one. */
  readonly enumeration: string | null
}

export interface PrismaRelation {
  /** The delegate's name of the other model. */
  readonly target: string
  readonly list: boolean
  /** Which table holds the foreign key, or the table between the two. */
  readonly kind: 'here' | 'there' | PrismaJoinTable
  /** The columns of the two tables that must be equal. Empty where a table is between them. */
  readonly own: readonly string[]
  readonly other: readonly string[]
}

export interface PrismaJoinTable {
  readonly table: string
  readonly schema: string | null
  /** Its column for this side. */
  readonly own: 'A' | 'B'
}

/** The name of a model's property on the client. */
function delegateName(model: string): string {
  return model.charAt(0).toLowerCase() + model.slice(1)
}

/** The schema of some blocks, of one or of several files. `folder` and `outputs` are taken as they are. */
export function buildSchema(folder: string, outputs: readonly string[], blocks: readonly SchemaBlock[]): PrismaSchema {
  const models = blocks.filter(({ keyword }) => keyword === 'model' || keyword === 'view')
  const byName = new Map(models.map((block) => [block.name, block]))
  const enums = new Map<string, ReadonlyMap<string, string>>()
  for (const block of blocks) if (block.keyword === 'enum') enums.set(block.name, enumOf(block))
  const provider = blocks.find(({ keyword }) => keyword === 'datasource')?.lines.find(({ name }) => name === 'provider')
  const all = models.map((block) => modelOf(block, byName, enums))
  return {
    folder,
    provider: provider?.value[0] ?? null,
    outputs,
    models: new Map(all.map((model) => [delegateName(model.name), model])),
    catalog: buildSqlCatalog(all.map(definitionOf)),
    enums,
  }
}

function definitionOf({ table, schema, columns }: PrismaModel): Definition {
  const names = [...columns.values()].map(({ column }) => column)
  return { kind: 'table', schema, name: table, table: { isView: false, columns: names, complete: true } }
}

function enumOf(block: SchemaBlock): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const { name, attributes } of block.lines) {
    if (name !== null) values.set(name, mapped(attributes) ?? name)
  }
  return values
}

function mapped(attributes: readonly SchemaAttribute[]): string | undefined {
  const args = attributes.find(({ name }) => name === 'map')?.args
  return (args?.get('name') ?? args?.get('0'))?.[0]
}

const columnOf = (line: SchemaLine): string => mapped(line.attributes) ?? line.name ?? ''

function columnsOf(block: SchemaBlock, fields: readonly string[]): string[] {
  return fields.map((field) => {
    const line = block.lines.find(({ name }) => name === field)
    return line === undefined ? field : columnOf(line)
  })
}

function schemaOf(block: SchemaBlock): string | null {
  return (
    blockAttributes(block)
      .find(({ name }) => name === 'schema')
      ?.args.get('0')?.[0] ?? null
  )
}

function tableOf(block: SchemaBlock): string {
  return mapped(blockAttributes(block)) ?? block.name
}

function blockAttributes(block: SchemaBlock): readonly SchemaAttribute[] {
  return block.lines.filter(({ name }) => name === null).flatMap(({ attributes }) => attributes)
}

function modelOf(
  block: SchemaBlock,
  models: ReadonlyMap<string, SchemaBlock>,
  enums: ReadonlyMap<string, unknown>,
): PrismaModel {
  const columns = new Map<string, PrismaColumn>()
  const relations = new Map<string, PrismaRelation>()
  const key: string[] = []
  for (const line of block.lines) {
    if (line.name === null || line.type === null) continue
    if (line.attributes.some(({ name }) => name === 'ignore')) continue
    const target = models.get(line.type)
    if (target !== undefined) relations.set(line.name, relationOf(block, line, target))
    else columns.set(line.name, { column: columnOf(line), enumeration: enums.has(line.type) ? line.type : null })
    if (line.attributes.some(({ name }) => name === 'id')) key.push(columnOf(line))
  }
  const compound = new Map<string, readonly string[]>()
  for (const { name, args } of blockAttributes(block)) {
    const fields = args.get('fields') ?? args.get('0')
    if (fields === undefined || (name !== 'id' && name !== 'unique')) continue
    compound.set(args.get('name')?.[0] ?? fields.join('_'), columnsOf(block, fields))
    if (name === 'id') key.push(...columnsOf(block, fields))
  }
  return { name: block.name, table: tableOf(block), schema: schemaOf(block), key, columns, relations, compound }
}

interface RelationAttribute {
  readonly name: string | undefined
  readonly fields: readonly string[]
  readonly references: readonly string[]
}

function relationAttribute(line: SchemaLine): RelationAttribute {
  const args = line.attributes.find(({ name }) => name === 'relation')?.args
  return {
    name: (args?.get('name') ?? args?.get('0'))?.[0],
    fields: args?.get('fields') ?? [],
    references: args?.get('references') ?? [],
  }
}

function relationOf(block: SchemaBlock, line: SchemaLine, target: SchemaBlock): PrismaRelation {
  const here = relationAttribute(line)
  const base = { target: delegateName(target.name), list: line.list }
  if (here.fields.length > 0)
    return { ...base, kind: 'here', own: columnsOf(block, here.fields), other: columnsOf(target, here.references) }
  const opposite = target.lines.find(
    (other) => other.type === block.name && other !== line && relationAttribute(other).name === here.name,
  )
  const there = opposite === undefined ? undefined : relationAttribute(opposite)
  if (there !== undefined && there.fields.length > 0)
    return { ...base, kind: 'there', own: columnsOf(block, there.references), other: columnsOf(target, there.fields) }
  if (!line.list) return { ...base, kind: 'there', own: [], other: [] }
  return { ...base, kind: joinTable(block, line, target, opposite, here.name), own: [], other: [] }
}

/**
 * The table that Prisma makes for two lists that point at each other: `_PostToTag`, with columns A and B for the models
 * in the order of the alphabet; of a model with itself, for the fields in that order.
 * Source: https://www.prisma.io/docs/orm/prisma-schema/data-model/relations/many-to-many-relations
 */
function joinTable(
  block: SchemaBlock,
  line: SchemaLine,
  target: SchemaBlock,
  opposite: SchemaLine | undefined,
  name: string | undefined,
): PrismaJoinTable {
  const isFirst = block === target ? (line.name ?? '') < (opposite?.name ?? '') : block.name < target.name
  const [first, second] = isFirst ? [block, target] : [target, block]
  return { table: `_${name ?? `${first.name}To${second.name}`}`, schema: schemaOf(first), own: isFirst ? 'A' : 'B' }
}
