import type { Project } from '../../project.ts'
import { loadSqlParser } from '../../sql/parser.ts'
import type { Site, StyleDefinition, StyleModel } from '../../style.ts'
import { type LibraryValue, unknown, type Value } from '../../value.ts'
import { callClient, callDelegate, callFunction, callQuery, clientMember, RAW_METHODS } from './client.ts'
import { exportOf, importedSchema, namespaceMember, plainClient, typeOf } from './imports.ts'
import { DELEGATE_METHODS } from './operations.ts'
import { readSchemas } from './read-schemas.ts'
import { suspectPrisma } from './suspects.ts'
import { readTypedQueries } from './typed-queries.ts'
import { prisma, prismaOf } from './values.ts'

/**
 * Prisma: the client is generated from a schema, so tables and columns have the names that the schema gives them
 * (`@@map`, `@map`). Its providers all speak SQL but MongoDB, whose schemas are passed over.
 */
export const prismaStyle: StyleDefinition = {
  name: 'prisma',
  modules: /prisma/i,
  words: [...DELEGATE_METHODS.keys(), ...RAW_METHODS, '$transaction', '$extends'],
  create: createPrisma,
}

async function createPrisma(project: Project): Promise<StyleModel> {
  await loadSqlParser()
  const schemas = (await readSchemas(project)).filter(({ provider }) => provider !== 'mongodb')
  const queries = await readTypedQueries(project, schemas)
  return {
    name: 'prisma',
    imported: (from, name) => {
      if (from.specifier === 'prisma-extension-kysely') return prisma({ is: 'function', name: 'kyselyExtension' })
      const schema = importedSchema(schemas, from)
      if (schema === undefined) return undefined
      const query = queries.get(name)
      if (query !== undefined && from.specifier.endsWith('/sql')) return prisma({ is: 'typed query', ...query })
      return exportOf(schema, name)
    },
    typed: (from, name) => {
      const schema = importedSchema(schemas, from)
      return schema === undefined ? undefined : typeOf(schema, name)
    },
    member,
    call,
    construct: (receiver) => {
      const of = prismaOf(receiver)
      return of?.is === 'constructor' ? prisma(plainClient(of.schema)) : undefined
    },
    tag: (receiver, { parts, holes }, site) => {
      const of = prismaOf(receiver)
      const statement = prisma({ is: 'text', parts, holes })
      if (of?.is === 'raw') return callClient(of.client, of.name, [statement], site)
      return of?.is === 'function' && of.name === 'sql' ? statement : undefined
    },
    awaited: (receiver) => (prismaOf(receiver)?.is === 'query' ? unknown('it comes from the database') : receiver),
    hands: (receiver, method) =>
      prismaOf(receiver)?.is === 'client' && method === '$transaction' ? [receiver] : undefined,
    ...(schemas.length > 0 ? { suspect: suspectPrisma } : {}),
  }
}

function member(receiver: LibraryValue, name: string, site: Site): Value | undefined {
  const of = prismaOf(receiver)
  if (of?.is === 'client') return clientMember(of, name, site)
  // `class Database extends PrismaClient`: `this.post` of its methods.
  if (of?.is === 'constructor') return clientMember(plainClient(of.schema), name, site)
  if (of?.is === 'namespace') return namespaceMember(of.schema, name)
  if (of?.is === 'delegate' && name === 'fields' && of.model !== null) return prisma({ is: 'fields', model: of.model })
  if (of?.is === 'fields') {
    const column = of.model.columns.get(name)?.column
    return column === undefined ? undefined : prisma({ is: 'field', column })
  }
  return undefined
}

function call(receiver: LibraryValue, method: string | null, args: readonly Value[], site: Site): Value | undefined {
  const of = prismaOf(receiver)
  if (of === undefined) return undefined
  if (method === null) {
    if (of.is === 'raw') return callClient(of.client, of.name, args, site)
    if (of.is === 'function') return callFunction(of.name, args)
    return of.is === 'typed query' ? receiver : undefined
  }
  switch (of.is) {
    case 'client':
      return callClient(of, method, args, site)
    case 'constructor':
      return callClient(plainClient(of.schema), method, args, site)
    case 'delegate':
      return callDelegate(of, method, args, site)
    case 'query':
      return callQuery(of, method, args, site)
    case 'namespace':
      return callFunction(method, args)
    default:
      return undefined
  }
}
